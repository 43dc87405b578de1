"""Devanagari → the Latin letters of an SMS: `डेढ़ सौ रुपये` → `dedh sau rupaye`. Plain GSM-7, nothing else.

indic-transliteration gives the letters; dropping the unspoken vowel and the chat spelling are ours.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DEVANAGARI = re.compile("[\u0900-\u0963\u0970-\u097f]+")
_VOWEL = "aAiIuUReEoO"
# The scheme's letters in, chat spelling out; longer ones first.
_PLAIN = (
    ("kSh", "ksh"),
    ("j~n", "gy"),
    ("~N", "n"),
    ("~n", "n"),
    (".Dh", "dh"),
    (".D", "d"),
    ("ch", "ch"),
    ("Ch", "chh"),
    ("Sh", "sh"),
    ("RRi", "ri"),
    (".N", "n"),
    ("M", "n"),
    ("H", "h"),
    ("T", "t"),
    ("D", "d"),
    ("N", "n"),
    ("L", "l"),
    ("A", "a"),
    ("I", "i"),
    ("U", "u"),
    ("x", "ksh"),
)
# Words whose everyday spelling is not letter by letter.
_EVERYDAY = {
    "मैं": "main", "में": "mein", "है": "hai", "हैं": "hain", "यह": "yah", "वह": "vah", "और": "aur", "नहीं": "nahin",
    "हाँ": "haan", "रुपये": "rupaye", "रुपए": "rupaye", "एक": "ek", "जी": "ji", "ज़्यादा": "zyada", "फोटो": "photo",
    "मं": "ma", "नंबर": "number", "फोन": "phone", "फ्लिपकार्ट": "Flipkart", "आधार": "Aadhaar",
    "छह": "chhah", "नौ": "nau", "सौ": "sau", "क्या": "kya", "गाँव": "gaon", "नाँव": "naon", "नांव": "naon",
}  # fmt: skip
_SYMBOLS = str.maketrans({"₹": "Rs ", "।": ".", "॥": ".", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-",
                          "—": "-", "…": "...", "×": "x", "·": "-", "\u00a0": " ", "॰": "."})  # fmt: skip
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def to_latin(devanagari_text: str) -> str:
    """The text in plain Latin letters; what GSM-7 cannot carry (emoji, other scripts) is left out."""
    text = devanagari_text.translate(_SYMBOLS)
    text = "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text)
    text = _DEVANAGARI.sub(lambda word: _word(word[0]), text)
    plain = "".join(letter if letter in _GSM else _without_mark(letter) for letter in text)
    return re.sub(r"(?<=Rs) +(?=\d)", " ", plain)


def _without_mark(letter: str) -> str:
    base = unicodedata.normalize("NFKD", letter)[:1]
    return base if base in _GSM else ""


@lru_cache(maxsize=4096)
def _word(word: str) -> str:
    everyday = _EVERYDAY.get(unicodedata.normalize("NFC", word))
    return everyday or _spelled(word)


def _spelled(word: str) -> str:
    # Imported on first use: the package takes a fifth of a second to load.
    from indic_transliteration import sanscript

    word = unicodedata.normalize("NFC", word).replace("ॅ", "े").replace("ॉ", "ो").replace("ऑ", "ओ")
    spoken = "".join(_drop_unspoken(_units(word)))
    letters = str(sanscript.transliterate(spoken, sanscript.DEVANAGARI, sanscript.ITRANS))
    for scheme, chat in _PLAIN:
        letters = letters.replace(scheme, chat)
    letters = re.sub("[^a-z]", "", letters.lower())
    return re.sub("n(?=[pb])", "m", letters)


_VIRAMA = "\u094d"
_SIGNS = re.compile("[\u093e-\u094c]")


def _units(word: str) -> list[str]:
    """Letters with their signs: a consonant takes its nukta, vowel sign and nasal with it."""
    return re.findall("[\u0904-\u0939\u0958-\u0961]\u093c?(?:\u094d|[\u093e-\u094c]?[\u0901-\u0903]?)", word)


def _is_open(unit: str) -> bool:
    """True for a consonant spoken with the inherent vowel and nothing after it."""
    return _is_consonant(unit) and unit[-1] != _VIRAMA and not _SIGNS.search(unit) and unit[-1] not in "ँंः"


def _is_consonant(unit: str) -> bool:
    return "\u0915" <= unit[0] <= "\u0939" or "\u0958" <= unit[0] <= "\u095f"


def _drop_unspoken(units: list[str]) -> list[str]:
    """Silence the inherent vowel at the end of a word and, from the right, between two spoken vowels."""
    out = list(units)
    last = len(out) - 1
    # After a half letter य and व keep their vowel: `मूल्य` is mulya.
    keeps = last > 0 and out[last - 1].endswith(_VIRAMA) and out[last][0] in "यव"
    if last > 0 and _is_open(out[last]) and not keeps:
        out[last] += _VIRAMA
    for place in range(last - 1, 0, -1):
        follows, before = out[place + 1], out[place - 1]
        spoken_after = not follows.endswith(_VIRAMA)
        if _is_open(out[place]) and spoken_after and not before.endswith(_VIRAMA) and _is_consonant(follows):
            out[place] += _VIRAMA
    return out
