"""All that a turn needs beside the database: flows, words, lexicon, actions; loaded once, for all threads."""

from __future__ import annotations

from dataclasses import dataclass

from bot.actions.executor import InProcess
from bot.actions.reference import lexicon
from bot.engine.library import Library, load_library
from bot.language.lexicon import Lexicon
from bot.messages import Json
from bot.settings import ROOT, Settings


@dataclass(frozen=True, slots=True)
class Talk:
    """`act` runs rasa-sdk actions in this process."""

    settings: Settings
    library: Library
    lexicon: Lexicon
    act: InProcess

    @classmethod
    def load(cls, settings: Settings) -> Talk:
        """Read all data files; BadDocuments names every line that is wrong."""
        words = lexicon()
        library = load_library(ROOT / "flows", ROOT / "locales", words.name)
        return cls(settings, library, words, InProcess(library.domain.raw))

    @property
    def notice_version(self) -> str:
        """The version of the privacy notice in force."""
        return str(self.library.domain.initial["notice_version"])

    def facts(self) -> Json:
        """Slots that the house gives before every turn."""
        return {
            "org": self.settings.org_name,
            "helpline": self.settings.helpline,
            "rep": self.settings.rep_name or None,
            "whatsapp_number": self.settings.twilio_whatsapp_from.removeprefix("whatsapp:") or None,
        }
