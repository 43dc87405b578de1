"""The template id of a message on its way out, looked up in locales/dlt.yml."""

from __future__ import annotations

from functools import cached_property

import structlog

from bot.channels import dlt
from bot.channels.sms_forms import SmsForm, forms_of
from bot.engine.library import Library, load_library
from bot.language.lexicon import Lexicon
from bot.messages import Outbound
from bot.settings import ROOT, Settings

log = structlog.get_logger(__name__)


class DltIds:
    """Loads what it needs when the first message goes out, and nothing while no text is registered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        _, self._ids = dlt.read(ROOT / "locales" / dlt.FILE)
        self._forms: dict[tuple[str, str], list[SmsForm]] = {}

    @cached_property
    def _library(self) -> Library:
        return load_library(ROOT / "flows", ROOT / "locales", Lexicon.load(ROOT / "locales").name)

    def of(self, outbound: Outbound, text: str) -> str | None:
        """The id that this text was registered under; None if it was not, which operators refuse."""
        if not self._ids:
            return None
        key = (outbound.language, outbound.utter)
        if key not in self._forms:
            wording = self._library.wordings.get(outbound.language)
            known = wording is not None and outbound.utter in wording.responses
            self._forms[key] = list(forms_of(self._library, self._settings, *key)) if known else []
        found = dlt.id_of(text, self._forms[key], self._ids)
        if found is None:
            log.warning("sms_not_registered", response=outbound.utter, language=outbound.language)
        return found
