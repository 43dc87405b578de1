"""Numbers: words, figures and both mixed are read exactly, or said to be unclear, never guessed."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.entities import read
from bot.language.number_words import vocabulary
from bot.language.script import normalise
from bot.language.speak import number_words

Entity = dict[str, Any]
LANGUAGES = ("hi", "hne", "hi-Latn", "hne-Latn")
FRACTIONS = {
    "पौन": "0.75",
    "सवा": "1.25",
    "डेढ़": "1.5",
    "ढाई": "2.5",
    "dedh": "1.5",
    "dhai": "2.5",
    "sava": "1.25",
}
BINDERS = {"सवा": 25, "साढ़े": 50, "पौने": -25, "sava": 25, "sadhe": 50, "paune": -25}
SCALES = {"सौ": 100, "हज़ार": 1000, "लाख": 100000, "sau": 100, "hajar": 1000, "lakh": 100000}


def entities(text: str, asks: str | None = None) -> list[Entity]:
    return read(normalise(text), asks)


def only(text: str, asks: str | None = None) -> Entity:
    found = entities(text, asks)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("पंद्रह सौ पचास", "1550"),
        ("एक लाख पच्चीस हज़ार", "125000"),
        ("एक सौ पचास करोड़", "1500000000"),
        ("साढ़े तीन सौ", "350"),
        ("साड़े चार सौ", "450"),
        ("पौने दो लाख", "175000"),
        ("पौन सौ", "75"),
        ("सवा तीन सौ", "325"),
        ("ढाई हज़ार", "2500"),
        ("डेढ़सौ", "150"),
        ("दू सौ", "200"),
        ("चउदा सौ", "1400"),
        ("तेरा सौ", "1300"),
        ("दो सौ एक", "201"),
        ("उन्यासी", "79"),
        ("उनासी", "79"),
        ("पैंतिस", "35"),
        ("dedh so", "150"),
        ("derh sau", "150"),
        ("sadhe 3 sau", "350"),
        ("no sau", "900"),
        ("pach so", "500"),
        ("twenty five hundred", "2500"),
        ("1.5 hzar", "1500"),
        ("2k", "2000"),
        ("12 hundred", "1200"),
        ("5 हज़ार 500", "5500"),
        ("1,25,000", "125000"),
        ("125,000", "125000"),
        ("१,२५०.५०", "1250.5"),
        ("दो दशमलव पाँच", "2.5"),
        ("१½", "1.5"),
        ("1/2", "0.5"),
        ("तीन बटा चार", "0.75"),
        ("पाँच शून्य शून्य", "500"),
        ("दो दो सौ", "200"),
        ("dui sau", "200"),
        ("एक सौ पच्चीस", "125"),
        ("pachees", "25"),
        ("chauda sau", "1400"),
    ],
)
def test_a_number_is_read_as_it_is_said(text: str, value: str) -> None:
    """Scales multiply, only सवा, साढ़े and पौने bind the number after them, parts of falling scale add up."""
    assert only(text, "money")["value"] == value


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("डेढ़ दो सौ", "150", "200"),
        ("ढाई तीन हज़ार", "2500", "3000"),
        ("दो तीन सौ", "200", "300"),
        ("सौ डेढ़ सौ", "100", "150"),
        ("हज़ार बारह सौ", "1000", "1200"),
        ("दस-बीस", "10", "20"),
        ("एक-आध", "1", "2"),
        ("300 से 400", "300", "400"),
        ("300-400", "300", "400"),
        ("दो से तीन सौ", "200", "300"),
        ("दो हज़ार तीन चार सौ", "2300", "2400"),
        ("पाँच सौ हज़ार", "500", "1000"),
    ],
)
def test_neighbours_are_a_range(text: str, low: str, high: str) -> None:
    """Two numbers said together are from–to; डेढ़ and ढाई never bind what follows."""
    found = only(text, "money")
    assert (found["type"], found["low"], found["high"]) == ("range", low, high)


@pytest.mark.parametrize(
    "text",
    [
        "सौ पचास",
        "हज़ार पाँच सौ",
        "डेढ़ सौ पचास",
        "डेढ़",
        "साढ़े तीन",
        "पचास सौ",
        "दो पचास",
        "1.250",
        "300,350",
        "12,50",
        "Rs 1 250",
        "दो सौ पाँच हज़ार",
    ],
)
def test_what_could_be_two_numbers_is_never_guessed(text: str) -> None:
    """An unclear figure has readings and no value."""
    found = only(text, "money")
    assert found["ambiguous"] is True
    assert found["readings"]
    assert "value" not in found


@pytest.mark.parametrize(
    "text",
    [
        "भेज दो", "रहने दो", "मुझे फोटो दो ना", "do you have", "no problem", "mujhe nahi pata so kya karu",
        "तेरा नाम क्या है", "बारा खाबो", "लाख की चूड़ी", "चार की बर्फी", "मेरा मन है", "कोरी साड़ी", "उसके साथ",
        "मेरे साथ", "adha kaam", "एक बार", "पहला दूसरा", "5th", "22ABCDE1234F1Z5", "GST 5%", "-500", "NaN",
        "आठ बजे", "10:30", "वार्ड नंबर 12",
        "1e5", "9" * 40, "pav bhaji", "हर काम में मन", "the", "sath me aao",
    ],
)  # fmt: skip
def test_homographs_codes_and_noise_are_no_numbers(text: str) -> None:
    """दो is also "give", तेरा "yours", लाख lac; codes, ordinals and negatives are no amounts."""
    assert entities(text) == []


def test_a_homograph_counts_where_the_words_allow_it() -> None:
    """`दो हाथी` and `दो` to "how many?" are two."""
    assert only("दो हाथी")["value"] == "2"
    assert only("दो", "count")["value"] == "2"
    assert only("do darjan")["value"] == "24"


@pytest.mark.parametrize("text", ["पाँच एक सौ", "करीब पाँच सौ", "500 के आसपास", "lagbhag 500", "500 अकन"])
def test_about_is_kept(text: str) -> None:
    """What she said about is marked approximate."""
    found = only(text)
    assert (found["value"], found["approximate"]) == ("500", True)


@pytest.mark.parametrize("text", ["पूरे पाँच सौ", "पाँच सौ ही", "पाँचेच सौ"])
def test_exactly_is_kept(text: str) -> None:
    """पूरे, ही and the Chhattisgarhi -एच say that there is nothing to ask."""
    found = only(text)
    assert (found["value"], found["exact"]) == ("500", True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_bot_says_it_reads_back(language: str) -> None:
    """Spoken numbers from 0 to 10,00,000, sampled, come back as they were."""
    for value in [*range(1000), *range(1000, 10000, 7), *range(10000, 1000001, 983), 1000000]:
        words = number_words(value, language)
        found = only(words, "money")
        assert (found["value"], found["text"]) == (str(value), words)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_the_bot_says_it_reads_back(language: str) -> None:
    """The same for each of the million."""
    for value in range(1000001):
        assert only(number_words(value, language), "money")["value"] == str(value)


@given(st.sampled_from(sorted(FRACTIONS)), st.sampled_from(sorted(SCALES)))
def test_a_fraction_word_multiplies_its_scale(fraction: str, scale: str) -> None:
    """`डेढ़ सौ`, `sava lakh`, also with mixed script."""
    found = only(f"{fraction} {scale}", "money")
    assert float(found["value"]) == float(FRACTIONS[fraction]) * SCALES[scale]


@given(st.sampled_from(sorted(BINDERS)), st.integers(1, 99), st.sampled_from(sorted(SCALES)), st.booleans())
def test_a_binding_fraction_adds_to_the_number_after_it(
    binder: str, number: int, scale: str, figures: bool
) -> None:
    """`साढ़े N सौ` is N and a half hundreds, for every N, in words and figures."""
    said = str(number) if figures else number_words(number, "hi")
    found = only(f"{binder} {said} {scale}", "money")
    assert float(found["value"]) == (number * 100 + BINDERS[binder]) / 100 * SCALES[scale]


@given(
    st.integers(0, 999999), st.sampled_from(LANGUAGES), st.sampled_from(["upper", "space", "nukta", "nfd"])
)
def test_typing_habits_do_not_change_a_number(value: int, language: str, habit: str) -> None:
    """Case, spacing, a dropped nukta and decomposed letters leave the value as it is."""
    words = number_words(value, language)
    changed = {
        "upper": words.upper(),
        "space": "  " + words.replace(" ", "   ") + " ",
        "nukta": unicodedata.normalize("NFD", words).replace("\u093c", ""),
        "nfd": unicodedata.normalize("NFD", words),
    }[habit]
    assert only(changed, "money")["value"] == str(value)


@given(st.integers(0, 99999999), st.sampled_from([0x0966, 0x09E6, 0x0B66, 0x0C66, 0xFF10]))
def test_digits_of_every_script_are_the_same(value: int, zero: int) -> None:
    """Devanagari, Bengali, Odia, Telugu and full-width digits."""
    typed = "".join(chr(zero + int(digit)) for digit in str(value))
    assert [found.get("value") for found in entities(typed, "money")] == [str(value)]


_PIECES = sorted(vocabulary().words)[::3] + [
    "500",
    "1,2",
    "२.५",
    "-",
    "/",
    ",",
    "।",
    "से",
    "x",
    "\ud800",
    "½",
    "👍",
    "\n",
]


@given(
    st.lists(st.sampled_from(_PIECES), max_size=14),
    st.sampled_from([None, "money", "count", "phone", "length"]),
)
def test_entities_never_overlap_and_slice_the_original(words: list[str], asks: str | None) -> None:
    """Whatever is written, entities are in order, apart from each other, and quote the text exactly."""
    text = " ".join(words)
    end = 0
    for found in entities(text, asks):
        assert end <= found["start"] < found["end"]
        assert text[found["start"] : found["end"]] == found["text"]
        assert ("value" in found) + ("low" in found) + ("readings" in found) + ("digits" in found) + (
            "iso" in found
        ) == 1
        end = found["end"]


@given(st.text(max_size=300))
def test_hostile_text_is_harmless(text: str) -> None:
    """Any text is read without an exception."""
    entities(text)


@pytest.mark.parametrize(
    "text",
    ["9" * 4000, "ि" * 4000, "सौ " * 1300, "दो " * 1300, "1 " * 2000, "8x" * 2000, "1," * 2000, "5 से " * 800,
     "½" * 4000, "a" * 4000, "👍" * 4000, "'\"" * 2000, "\u200b1" * 2000, "नहीं 300 " * 400, "साढ़े " * 600],
)  # fmt: skip
def test_no_text_of_4000_letters_takes_long(text: str) -> None:
    """Reading is linear: 20 ms for the longest message, with room here for a busy machine."""

    def seconds() -> float:
        started = time.process_time()
        entities(text, "money")
        return time.process_time() - started

    assert min(seconds() for _ in range(3)) < 0.1
