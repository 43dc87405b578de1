"""What a voice reads: words and pauses, whatever stands in the text."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language.entities import read
from bot.language.script import normalise
from bot.language.speak import group_digits, money, money_words, number_words
from bot.language.spoken import spoken
from tests.open_rooms import loaded_talk
from tests.sample_slots import rendered

WORDS_AND_PAUSES = re.compile("[\u0900-\u0963\u0971-\u097f ,।?!]*")
# The first word in Latin letters loads a package.
patient = settings(deadline=None)
LANGUAGES = st.sampled_from(["hi", "hne", "hi-Latn", "hlb"])
# Letters of every script, and the figures and signs that our texts are full of.
TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from("0123456789०१२३४५६७८९₹,.-/()%\"'“”x½·\n 😀OTPबाँस"))
)


def canonical(text: str) -> str:
    """One spelling of the letters with a nukta."""
    return unicodedata.normalize("NFKD", text)


@given(TEXTS, LANGUAGES)
@patient
def test_nothing_is_left_that_a_voice_cannot_say(text: str, language: str) -> None:
    """No figure, no sign, no emoji, no foreign letter: words, single spaces and pauses."""
    said = spoken(text, language)
    assert WORDS_AND_PAUSES.fullmatch(said)
    assert not any(letter.isnumeric() for letter in said)
    assert said == said.strip() and "  " not in said


@given(TEXTS, LANGUAGES)
@patient
def test_words_stay_as_they_are(text: str, language: str) -> None:
    """What is spoken already is spoken the same."""
    said = spoken(text, language)
    assert spoken(said, language) == said


@given(st.integers(0, 10**12), LANGUAGES)
@patient
def test_a_price_is_said_once(rupees: int, language: str) -> None:
    """As the talk writes it, in figures and words, and in figures alone: the words of that price."""
    words = canonical(money_words(rupees, language.removesuffix("-Latn")))
    assert spoken(money(rupees, language.removesuffix("-Latn")), language) == words
    assert spoken(f"₹{group_digits(rupees)}", language) == words
    assert spoken(f"Rs. {group_digits(rupees)}/-", language) == words


@given(st.integers(0, 99_999), LANGUAGES)
@patient
def test_a_count_is_said_as_a_number(count: int, language: str) -> None:
    """Figures of ordinary size are numbers."""
    number = canonical(number_words(count, language.removesuffix("-Latn")))
    assert spoken(f"{count} नग", language) == f"{number} नग"


@given(st.from_regex(r"\A[0-9]{6,40}\Z"), st.sampled_from(["hi", "hne"]))
@patient
def test_long_figures_are_dictated(figures: str, language: str) -> None:
    """A PIN code, a telephone or a licence number loses no digit, and is no crore."""
    said = spoken(f"पिन {figures}", language).replace(",", "").split()[1:]
    assert said == [canonical(number_words(int(figure), language)) for figure in figures]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("₹1,250 (बारह सौ पचास रुपये) एक कोरी (20) का", "बारह सौ पचास रुपये एक कोरी का"),
        ("₹99.50", "निन्यानवे रुपये पचास पैसे"),
        ("1250 रुपये", "बारह सौ पचास रुपये"),
        ("125000 रुपये", "एक लाख पच्चीस हज़ार रुपये"),
        ("रु 250, 250 रु, गुरु 5", "ढाई सौ रुपये, ढाई सौ रुपये, गुरु पाँच"),
        ("125000 रूपये", "एक लाख पच्चीस हज़ार रूपये"),
        ("₹1.5 लाख, ₹15 हजार", "डेढ़ लाख, पंद्रह हजार"),
        ("500 - 600", "पाँच सौ से छह सौ"),
        ("8x4 इंच", "आठ बाई चार इंच"),
        ("8 cm × 4 cm", "आठ सेंटीमीटर बाई चार सेंटीमीटर"),
        ('8" ऊँचा', "आठ इंच ऊँचा"),
        ("“12” लिखिए", "बारह लिखिए"),
        ("1.5 kg", "डेढ़ किलो"),
        ("2½ किलो", "ढाई किलो"),
        ("१५० ग्राम", "डेढ़ सौ ग्राम"),
        ("5%", "पाँच प्रतिशत"),
        ("5/8", "पाँच बटा आठ"),
        ("चूड़ी का नाप 2.10", "चूड़ी का नाप दो दस"),
        ("दो चार (2.4)", "दो चार"),
        ("पीतल (2)", "पीतल दो"),
        ("23 नवंबर 2026", "तेईस नवंबर दो हज़ार छब्बीस"),
        ("23/11/2026", "तेईस नवंबर दो हज़ार छब्बीस"),
        ("2026-11-23", "तेईस नवंबर दो हज़ार छब्बीस"),
        ("99/99/2026", "निन्यानवे बटा निन्यानवे बटा दो हज़ार छब्बीस"),
    ],
)
def test_figures_are_said_as_people_say_them(text: str, said: str) -> None:
    """Money, measures, sizes, fractions and dates; what words say already is not said again."""
    assert spoken(text, "hi") == canonical(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("नंबर 2741 है", "नंबर दो सात चार एक है"),
        ("नं. 2741", "नंबर दो सात चार एक"),
        ("2741: टोकरी", "दो सात चार एक, टोकरी"),
        ("1800-000-0000 पर", "एक आठ शून्य शून्य, शून्य शून्य शून्य, शून्य शून्य शून्य शून्य पर"),
        ("+91 99999 12345", "नौ एक, नौ नौ नौ नौ नौ, एक दो तीन चार पाँच"),
        ("9999912345", "नौ नौ नौ नौ नौ, एक दो तीन चार पाँच"),
        ("494226", "चार नौ चार, दो दो छह"),
        ("22AB5", "दो दो ए बी पाँच"),
    ],
)
def test_what_is_copied_down_is_dictated(text: str, said: str) -> None:
    """Numbers of listings, telephones, PIN codes: figure by figure, with breaths between the groups."""
    assert spoken(text, "hi") == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("OTP, आधार", "ओ टी पी, आधार"),
        ("bans ki tokri", "बन्स की तोक्री"),
        ("BANS KI TOKRI", "बन्स की तोक्री"),
        ("ସୁନୀତା", "सुनीता"),
        ("😀 *नमस्ते* “जी”", "नमस्ते जी"),
        ("देखिए: https://sangwari.example/x", "देखिए"),
        ("😀", ""),
    ],
)
def test_letters_are_read_as_hindi(text: str, said: str) -> None:
    """An abbreviation is spelled, a Latin word is read as it is meant, what nobody says is left out."""
    assert spoken(text, "hi") == said


def test_pauses_follow_the_writing() -> None:
    """Facts are parted by a breath, lines by a stop unless the sentence goes on; a question stays one."""
    assert spoken("टोकरी · 5 नग\nसही है?", "hi") == "टोकरी, पाँच नग। सही है?"
    assert spoken("एक और भेजिए,\nया “बस” कहिए।", "hi") == "एक और भेजिए, या बस कहिए।"


def test_each_language_counts_in_its_own_words() -> None:
    """The same figures in Chhattisgarhi; Latin letters are spoken as Devanagari."""
    assert spoken("₹250 · 12 ठन", "hne") == canonical("अढ़ई सौ रुपिया, बारा ठन")
    assert spoken("₹250", "hi-Latn") == canonical("ढाई सौ रुपये")


@given(st.integers(1, 10**8), st.sampled_from(["hi", "hne"]))
@patient
def test_spoken_prices_are_understood(rupees: int, language: str) -> None:
    """What is said aloud means the price that is written."""
    (found,) = read(normalise(spoken(money(rupees, language), language)), None)
    assert int(found["value"]) == rupees


@pytest.mark.parametrize("language", sorted(loaded_talk().library.wordings))
def test_every_response_can_be_spoken(language: str) -> None:
    """Nothing that we say, filled with ordinary values, leaves a voice without words."""
    wordless = [
        f"{utter}.{number}" for utter, number, text in rendered(language) if not spoken(text, language)
    ]
    assert wordless == []
