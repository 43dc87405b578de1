"""A response goes out as sound and comes back as its own words: voice, Opus, decoder, recogniser."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.language.lexicon import Lexicon
from bot.language.understand import understand
from bot.media.audio import decode
from bot.settings import ROOT, Settings
from bot.speech.hearing import Note
from bot.speech.sherpa import Sherpa
from bot.speech.voices import Part, make, plan
from bot.talk import Talk
from tests.tiny_recogniser import make_model, say


def test_what_is_said_is_heard(tmp_path: Path) -> None:
    """A question recorded in the tiny model's tones is made a prompt, encoded, decoded and heard as written.

    What she answers in the same tones is heard too, and understood as her price.
    """
    question = Talk.load(Settings()).library.wording("hi").say("utter_ask_stock", {}).text
    answer = "पंद्रह सौ रुपये"
    locales = tmp_path / "locales"
    shutil.copytree(ROOT / "locales", locales)
    (locales / "hi" / "audio").mkdir(exist_ok=True)
    (locales / "hi" / "audio" / "utter_ask_stock.ogg").write_bytes(say(question))
    ear = Sherpa(make_model(tmp_path / "model", question + answer))
    try:
        prompt = make(plan([Part("utter_ask_stock", 0, question)], "hi", Settings(voice="none"), locales))
        assert ear.hear(Note("1", decode(prompt), "hi")).text == question
        heard = ear.hear(Note("2", decode(say(answer)), "hi", "price")).text
    finally:
        ear.close()
    commands = understand(heard, "price", "hi", Lexicon.load(ROOT / "locales")).commands
    assert [(command.get("slot"), command.get("value")) for command in commands] == [("price", "1500")]
