"""The complete languages say the same things, each in its own words, and within what a phone can show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.engine.documents import read_yaml
from bot.engine.responses import load_responses
from bot.language.languages import in_latin_letters, load_languages

ROOT = Path(__file__).resolve().parent.parent
KNOWN = load_languages(ROOT / "locales")
LANGUAGES = ("hi", *(code for code, each in KNOWN.items() if not each.draft and code != "hi"))
DEVANAGARI = tuple(code for code in LANGUAGES if not in_latin_letters(code))

ON_A_BUTTON, ON_A_ROW, ON_A_NAME = 20, 24, 18
"""Letters (code points): one of up to three buttons, a row of a list, a slot's name on a button."""

ABOVE_BUTTONS, WITHOUT_BUTTONS = 1024, 1600
LINE = 78
"""A line longer than this is not read by somebody who reads slowly."""

LONG_QUESTIONS = {"utter_ask_consent"}
"""The notice is itemised, so it may have three lines."""

BOTH_LANGUAGES = {"utter_ask_language"}
"""Asked before we know which one she wants."""

GSM_7 = set("\n !\"#%&'()*+,-./0123456789:;<=>?@_") | {
    chr(code) for first, last in ("az", "AZ") for code in range(ord(first), ord(last) + 1)
}
"""The plain part of GSM-7; its other letters are counted twice or differ between phones."""

LATIN_WORDS = {"OTP", "GSTIN", "FSSAI", "START", "Hindi", "ABC"}
ENGLISH = (
    *("प्रोडक्ट", "प्राइस", "स्टॉक", "कैटेगरी", "कन्फर्म", "अपलोड", "सेलर", "ऑर्डर", "डिलीट", "सेव", "क्लिक", "सॉरी"),
    *("प्लीज", "थैंक", "लिस्टिंग", "एरर", "ओके", "मार्केट", "कस्टमर", "क्वांटिटी", "वेट", "डिटेल", "स्टेप", "सबमिट"),
)
HINDI_GRAMMAR = {
    *("है", "हैं", "हूँ", "नहीं", "और", "में", "को", "से", "क्या", "कितना", "कितने", "कौन", "आपका", "आपकी", "आपके"),
    *("कीजिए", "दीजिए", "बताइए", "भेजिए", "लिखिए", "लेकिन", "लिए", "रहा", "रही", "गया", "गई", "था", "थी"),
}
NOT_CHHATTISGARHI_LETTERS = set("शषण")
TOO_FAMILIAR = {"hi": {"तू", "तुम", "तेरा", "तुम्हारा", "तुझे"}, "hne": {"तैं", "तोर", "तोला"}}

ABOUT_MONEY = (
    "utter_ask_price",
    "utter_ask_new_price",
    "utter_ask_product_name",
    "utter_not_her_price",
    "utter_price_range",
)
AMOUNT = re.compile(r"\d|सौ|हज़ार|हजार|लाख|पचास|\b(sau|hazar|hajar|pachas)\b")

PAYLOAD = re.compile(
    r"/SetSlots\([a-z_]+=[\w.-]+\)|/correct\([a-z_]+\)|/start_flow\([a-z_]+\)|/change|/later|/go_on|/full_notice"
)
WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097F]+")
"""A word in either script; the danda is no part of it."""
TAUGHT = re.compile(r"[“\"]([^“”\"]+)[”\"]")
EXAMPLES = {
    *("दो कोरी", "दू कोरी", "do kori", "एक पाव", "ek paav", "सादा", "saada"),
    *("दूसरा फोटो पीछे का", "तीसरा फोटो हटाओ", "दूसर फोटू पीछू के", "तीसर फोटू हटाव"),
    *("doosra photo peeche ka", "teesra photo hatao"),
}
"""Quoted, but answers to one question, not words that work at every moment."""

CONSENT_ITEMS = {
    "hi": "नाम|फोन नंबर|गाँव|फोटो|आवाज़|दाम|फ्लिपकार्ट|साथी|OTP|आधार|बैंक नंबर|बंद करो",
    "hne": "नांव|फोन नंबर|गाँव|फोटू|अवाज|दाम|फ्लिपकार्ट|साथी|OTP|आधार|बैंक नंबर|बंद करव",
    "hi-Latn": "naam|phone number|gaon|photo|aawaz|daam|Flipkart|saathi|OTP|Aadhaar|bank number|band karo",
}

Variation = dict[str, Any]


def responses(language: str) -> dict[str, list[Variation]]:
    found: dict[str, list[Variation]] = read_yaml(ROOT / "locales" / language / "responses.yml")["responses"]
    return found


def words(language: str) -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(ROOT / "locales" / language / "words.yml")
    return found


def said(language: str) -> Iterator[tuple[str, Variation]]:
    """Every wording of a language with the name of its response."""
    for name, variations in responses(language).items():
        for variation in variations:
            yield name, variation


def titles(variation: Variation) -> list[str]:
    return [button["title"] for button in variation.get("buttons", [])]


def payloads(variation: Variation) -> list[str]:
    return [button["payload"] for button in variation.get("buttons", [])]


def placeholders(variations: list[Variation]) -> set[str]:
    return {name for variation in variations for name in re.findall(r"\{(\w+)\}", variation["text"])}


def without_placeholders(text: str) -> str:
    return re.sub(r"\{\w+\}", "", text)


def flow_steps(kind: str) -> set[str]:
    """What all flows collect, or which actions they name."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "flows").glob("*.yml"))]
    return {name for text in texts for name in re.findall(rf"\b{kind}: (\w+)", text)}


def keys(value: Any) -> Any:
    """The shape of nested words: their keys without their texts."""
    return {key: keys(item) for key, item in value.items()} if isinstance(value, dict) else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_engine_reads_every_wording(language: str) -> None:
    """The engine finds nothing wrong in the file of responses."""
    _, problems = load_responses(ROOT / "locales" / language / "responses.yml")
    assert problems == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_and_answer_of_the_flows_is_worded(language: str) -> None:
    """Each `collect: x` finds `utter_ask_x`, and each `action: utter_y` finds itself."""
    needed = {f"utter_ask_{slot}" for slot in flow_steps("collect")}
    needed |= {action for action in flow_steps("action") if action.startswith("utter_")}
    assert needed - responses(language).keys() == set()


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_languages_say_the_same_things(language: str) -> None:
    """No response is missing or left over in a language."""
    assert list(responses(language)) == list(responses("hi"))


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_placeholders_are_the_same(language: str) -> None:
    """A value that is said in Hindi is said in the others, and no other."""
    mine, hindi = responses(language), responses("hi")
    different = {name for name in hindi if placeholders(mine[name]) != placeholders(hindi[name])}
    assert different == set()


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_buttons_do_the_same(language: str) -> None:
    """The i-th wording offers the same choices, in the same order, in every language."""
    mine, hindi = responses(language), responses("hi")
    different = {n for n in hindi if [payloads(v) for v in mine[n]] != [payloads(v) for v in hindi[n]]}
    assert different == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_payloads_are_known_forms(language: str) -> None:
    """A payload is one of the forms that the engine takes, and a flow that it starts exists."""
    pressed = {payload for _, variation in said(language) for payload in payloads(variation)}
    flows = {name for path in (ROOT / "flows").glob("*.yml") for name in (read_yaml(path).get("flows") or {})}
    assert {payload for payload in pressed if not PAYLOAD.fullmatch(payload)} == set()
    started = {match[1] for payload in pressed if (match := re.match(r"/start_flow\((\w+)\)", payload))}
    assert started <= flows


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_fit_and_differ(language: str) -> None:
    """At most three buttons of 20 letters or ten rows of 24, and no two titles alike."""
    for name, variation in said(language):
        shown = titles(variation)
        limit = ON_A_BUTTON if len(shown) <= 3 else ON_A_ROW
        assert [title for title in shown if len(title) > limit] == [], name
        assert len(shown) <= 10, name
        assert len(set(shown)) == len(shown), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_into_a_message(language: str) -> None:
    """1024 letters above buttons, 1600 without."""
    for name, variation in said(language):
        assert len(variation["text"]) <= (ABOVE_BUTTONS if titles(variation) else WITHOUT_BUTTONS), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_are_short(language: str) -> None:
    """A question has at most two lines, none of them long."""
    for name, variation in said(language):
        if name.startswith("utter_ask_") and name not in LONG_QUESTIONS:
            lines = without_placeholders(variation["text"]).split("\n")
            assert len(lines) <= 2, name
            assert [line for line in lines if len(line) > LINE] == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_question_asked_again_is_worded_differently(language: str) -> None:
    """Every question has at least two wordings, and no two are the same."""
    for name, variations in responses(language).items():
        if name.startswith("utter_ask_"):
            texts = [variation["text"] for variation in variations]
            assert len(texts) >= 2 and len(set(texts)) == len(texts), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_do_not_anchor_a_price(language: str) -> None:
    """Where she names a price no amount stands before her: the price is hers."""
    for name in ABOUT_MONEY:
        for variation in responses(language)[name]:
            assert not AMOUNT.search(without_placeholders(variation["text"])), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_consent_names_every_item_and_what_we_never_ask(language: str) -> None:
    """The first wording of the consent question is the whole short notice."""
    first = responses(language)["utter_ask_consent"][0]["text"].lower()
    assert [item for item in CONSENT_ITEMS[language].lower().split("|") if item not in first] == []


def test_chhattisgarhi_is_not_hindi_copied() -> None:
    """No Chhattisgarhi wording is a Hindi one, but where only names and numbers stand."""
    hindi = {variation["text"] for _, variation in said("hi")}
    same = [variation["text"] for _, variation in said("hne") if variation["text"] in hindi]
    assert [text for text in same if WORD.search(without_placeholders(text))] == []


def test_chhattisgarhi_has_its_own_grammar_and_letters() -> None:
    """Hindi's function words and the letters that Chhattisgarhi speech lacks do not slip in."""
    for name, variation in said("hne"):
        if name not in BOTH_LANGUAGES:
            text = " ".join([without_placeholders(variation["text"]), *titles(variation)])
            assert set(WORD.findall(text)) & HINDI_GRAMMAR == set(), name
            assert set(text) & NOT_CHHATTISGARHI_LETTERS == set(), name


def test_chhattisgarhi_speaks_to_her_with_respect() -> None:
    """`आप` alone is Hindi; the polite word here is `आप मन`."""
    assert {name for name, v in said("hne") if re.search(r"आप(?! मन)(?=[\s,।?]|$)", v["text"])} == set()


@pytest.mark.parametrize("language", DEVANAGARI)
def test_nobody_is_spoken_to_like_a_child(language: str) -> None:
    """The familiar `तुम` and `तैं` never stand in a text."""
    for name, variation in said(language):
        assert set(WORD.findall(variation["text"])) & TOO_FAMILIAR[language] == set(), name


@pytest.mark.parametrize("language", DEVANAGARI)
def test_no_english_where_people_use_another_word(language: str) -> None:
    """Latin words are names that stand on papers; English in Devanagari letters is not used at all."""
    for name, variation in said(language):
        text = " ".join([without_placeholders(variation["text"]), *titles(variation)])
        assert set(re.findall(r"[A-Za-z]+", text)) <= LATIN_WORDS, name
        assert [word for word in ENGLISH if word in WORD.findall(text)] == [], name


def test_drafts_say_that_they_are_drafts() -> None:
    """Each Chhattisgarhi file begins with the line that no native reader has signed it."""
    for file in ("responses", "words", "categories"):
        assert (ROOT / "locales" / "hne" / f"{file}.yml").read_text(encoding="utf-8").startswith("# DRAFT:")


def test_the_papers_say_who_has_read_each_language() -> None:
    """The table in docs/translating.md gives every language the `review` of languages.yml, word for word."""
    page = (ROOT / "docs" / "translating.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \|.*\| ([^|]+) \|$", page, flags=re.MULTILINE))
    assert {code: rows[code] for code in KNOWN} == {code: each.review for code, each in KNOWN.items()}


def test_sms_hindi_uses_plain_letters_only() -> None:
    """Everything in hi-Latn is GSM-7, so that one message carries 160 letters, not 70."""
    for file in ("responses", "words", "categories"):
        for text in all_texts(read_yaml(ROOT / "locales" / "hi-Latn" / f"{file}.yml")):
            assert set(without_placeholders(text)) <= GSM_7, text


def all_texts(value: Any) -> Iterator[str]:
    """Every text of a document, keys left out."""
    if isinstance(value, dict):
        for item in value.values():
            yield from all_texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from all_texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("language", DEVANAGARI)
def test_words_that_we_teach_are_understood(language: str) -> None:
    """A word in quotes ("write “बंद करव”") is one that the bot takes, in her language or in Hindi."""
    taken: set[str] = set()
    for code in {language, "hi"}:
        phrases = read_yaml(ROOT / "locales" / code / "intents.yml")["phrases"]
        taken |= {str(phrase) for group in phrases.values() for phrase in group}
    taught = {
        word
        for _, variation in said(language)
        for word in TAUGHT.findall(without_placeholders(variation["text"]))
    }
    assert taught - EXAMPLES - taken == set()


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_words_have_the_same_keys(language: str) -> None:
    """A word that is put into sentences exists in every language."""
    assert keys(words(language)) == keys(words("hi"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_slot_has_a_short_name(language: str) -> None:
    """Each collected slot has a name of at most 18 letters for the button "what shall we change?"."""
    names = words(language)["slots"]
    assert flow_steps("collect") - names.keys() == set()
    assert [name for name in names.values() if len(name) > ON_A_NAME] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_wishes_fit_on_a_button(language: str) -> None:
    """Choices that the bot makes itself are as short as others."""
    assert [title for title in words(language)["wishes"].values() if len(title) > ON_A_BUTTON] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_category_has_its_name(language: str) -> None:
    """The names are those of the catalogue, and the short one is the row of the list."""
    catalogue = read_yaml(ROOT / "flows" / "catalogue.yml")["categories"]
    document = read_yaml(ROOT / "locales" / language / "categories.yml")
    assert list(document["categories"]) == list(catalogue) == list(document["short"])
    assert [name for name in document["short"].values() if len(name) > ON_A_ROW] == []
    rows = {
        button["payload"].partition("=")[2].rstrip(")"): button["title"]
        for variation in responses(language)["utter_ask_category"]
        for button in variation["buttons"]
    }
    assert rows == document["short"]
