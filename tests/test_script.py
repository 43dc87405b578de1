"""Script: one spelling for one word, and every word knows its place in the original text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.script import fold, normalise, sound_key


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("डेढ़ सौ", "डेढ सौ"),
        ("हाँ जी।", "हां जी"),
        ("पन्द्रह", "पंद्रह"),
        ("haaaan NAHIIII", "haan nahi"),
        ("१२३ ୧୨୩ ১২৩ ౧౨౩ １２３", "123 123 123 123 123"),
        ("ＡＢ с", "ab c"),
        ("5\u200d0 रू\u200cपये", "50 रूपये"),
        ("₹१,२५०/-", "₹ 1,250 /-"),
        ("8x4 8×4", "8 x 4 8 x 4"),
        ("👍🏽 ठीक", "👍 ठीक"),
        ("अाठ", "आठ"),
        ("", ""),
        ("\ud800\u202eसौ", "सौ"),
    ],
)
def test_every_way_of_typing_becomes_one_spelling(typed: str, words: str) -> None:
    """Nukta, nasal signs, digits, joiners, look-alikes and elongations do not matter to the readers."""
    assert normalise(typed).text == words


@pytest.mark.parametrize("word", ["ହାତୀ", "হাতি", "ఏనుగు", "ਹਾਥੀ", "હાથી"])
def test_scripts_of_the_neighbours_are_read_as_devanagari(word: str) -> None:
    """A seller at the border may write Odia or Telugu letters."""
    assert all("\u0900" <= letter <= "\u097f" for letter in fold(word))


def test_inches_after_a_figure_are_a_unit_and_a_quotation_is_not() -> None:
    """`8"` is eight inches, but the closing mark of `"500"` measures nothing."""
    assert normalise('8" x 4"').text == "8 inch x 4 inch"
    assert normalise('उसने "500" कहा').text == "उसने 500 कहा"


def test_offsets_point_into_the_original_even_past_invisible_letters() -> None:
    """Removed letters shift nothing: a token still slices the text she sent."""
    text = "द\u200bाम ₹१\u200d,५०० है"
    normal = normalise(text)
    assert [normal.original(token.start, token.end) for token in normal.tokens] == [
        "द\u200bाम",
        "₹",
        "१\u200d,५००",
        "है",
    ]


@pytest.mark.parametrize(
    "spellings",
    [
        "डेढ़ डेढ dedh derh dhed",
        "हाथी hathi haathi",
        "रुपये रुपए rupaye rupay",
        "मिट्टी mitti miti",
        "टोकरी tokri tokari",
        "बाँस बांस bans baans",
        "कपड़ा kapda kapada",
        "पीतल pital peetal",
        "नहीं nahi nahee",
    ],
)
def test_both_scripts_share_a_sound_key(spellings: str) -> None:
    """The lexicon finds a word by its sound, however it is spelled."""
    assert len({sound_key(word) for word in spellings.split()}) == 1


def test_different_words_keep_different_keys() -> None:
    """A key that everything shares would find everything."""
    keys = [sound_key(word) for word in ("हाथी", "घोड़ा", "मछली", "लोहा", "लकड़ी", "बाँस", "पीतल")]
    assert len(set(keys)) == len(keys)


@given(st.text(max_size=200))
def test_any_text_is_accepted_and_tokens_lie_in_order(text: str) -> None:
    """Nothing that can be typed raises, and tokens never overlap nor leave the text."""
    end = 0
    for token in normalise(text).tokens:
        assert end <= token.start < token.end <= len(text)
        assert token.word
        end = token.end


@given(st.text(alphabet="अआकखगडढसहािीुूेैोौं्ँ़", max_size=12))
def test_folding_twice_changes_nothing(word: str) -> None:
    """A folded word is already in its one spelling, so data and messages meet."""
    once = fold(word)
    assert fold(once) == once
