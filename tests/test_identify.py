"""Which language a message is in, and when it is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language.identify import identify
from bot.language.lexicon import Lexicon
from bot.language.script import normalise

LEXICON = Lexicon.load(Path(__file__).resolve().parent.parent / "locales")


def code(text: str) -> str:
    return str(identify(normalise(text).tokens, LEXICON.evidence)["code"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("यह हाथी पीतल से बनाया गया है", "hi"),
        ("क्या आप मुझे बता सकते हैं", "hi"),
        ("ये मोर समान आय अउ बने हवय", "hne"),
        ("लइका मन स्कूल जावत हें", "hne"),
        ("सरकार ह किसान मन बर नवा योजना सुरू करिस हे", "hne"),
        ("mujhe samajh nahi aaya", "hi"),
        ("haman bans ke kaam karthan", "hne"),
        ("please tell me the price", "en"),
    ],
)
def test_function_words_decide(text: str, expected: str) -> None:
    """Small words and verb endings tell the language, in both scripts."""
    assert code(text) == expected


@pytest.mark.parametrize("text", ["", "500", "कोंडागांव", "🙏", "फोटो", "1500 rs", "ok", "Sukbati Bai"])
def test_without_evidence_the_language_is_undetermined(text: str) -> None:
    """Numbers, names, loan words and emoji are no evidence: the talk keeps its language."""
    assert code(text) == "und"


@pytest.mark.parametrize("text", ["kitna he", "mor", "ma", "la", "nai"])
def test_words_of_both_languages_are_no_evidence_for_chhattisgarhi(text: str) -> None:
    """`he` for `hai` is everyday Hindi typing."""
    assert code(text) != "hne"


def test_more_evidence_means_more_confidence() -> None:
    """One word is a hint, a sentence is sure."""
    one = identify(normalise("नहीं").tokens, LEXICON.evidence)["confidence"]
    many = identify(normalise("मुझे नहीं पता था कि आप क्या पूछ रहे हैं").tokens, LEXICON.evidence)["confidence"]
    assert one < many


@pytest.mark.parametrize(
    ("text", "script"), [("हाथी", "Deva"), ("hathi", "Latn"), ("dokra ka हाथी", "mixed")]
)
def test_the_script_is_told(text: str, script: str) -> None:
    """Deva, Latn, or mixed when both occur."""
    assert identify(normalise(text).tokens, LEXICON.evidence)["script"] == script
