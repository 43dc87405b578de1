"""One spelling for one word: nukta, nasals, look-alike letters, elongations, scripts of the neighbours.

`fold` works on a single word (no spaces). It never raises, whatever the letters.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# A word longer than this is noise: it is folded but not remembered.
LONGEST_WORD = 40

_LOOK_ALIKE = str.maketrans(
    "аеорсхуіјһԁɡνοαερικυτΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХ",
    "aeopcxyijhdgvoaepikutABEZHIKMNOPTYXABEKMHOPCTX",
)
_SIGNS = {
    "\u093c": None,  # nukta: ASR and most keyboards leave it out
    "\u0901": "\u0902",  # chandrabindu and anusvara are exchanged freely
    "\u0929": "\u0928",
    "\u0931": "\u0930",
    "\u0934": "\u0933",
    "\u0972": "\u0905",
    "\u0945": "\u0947",
    "\u0949": "\u094b",
    "\u0911": "\u0913",
    "\u0951": None,
    "\u0952": None,
}
_DEVANAGARI_SIGNS = str.maketrans(_SIGNS)
_TYPED_IN_PARTS = (
    ("अा", "आ"),
    ("अो", "ओ"),
    ("अौ", "औ"),
    ("एे", "ऐ"),
    ("ाे", "ो"),
    ("ाै", "ौ"),
    ("आे", "ओ"),
)
_HALF_NASAL = re.compile("ङ्(?=[कखगघ])|ञ्(?=[चछजझ])|ण्(?=[टठडढ])|न्(?=[क-घच-झट-ढत-धप-भ])|म्(?=[पफबभ])")
_REPEATED_SIGN = re.compile("([\u0900-\u0903\u093e-\u094d])\\1+")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_LATIN_MARKS = re.compile("[\u0300-\u036f]+")
_NUKTAS = dict.fromkeys(map(ord, "\u09bc\u0a3c\u0abc\u0b3c\u0cbc"))
_OTHER_INDIC = re.compile("[\u0980-\u0d7f]")
_SCHEMES = (
    (0x0980, "bengali"),
    (0x0A00, "gurmukhi"),
    (0x0A80, "gujarati"),
    (0x0B00, "oriya"),
    (0x0B80, "tamil"),
    (0x0C00, "telugu"),
    (0x0C80, "kannada"),
    (0x0D00, "malayalam"),
)


def fold(word: str) -> str:
    """The word as the tables spell it: lower case, no nukta, one nasal sign, Odia as Devanagari."""
    if len(word) > LONGEST_WORD:
        return _fold(word)
    return _remembered(word)


def _fold(word: str) -> str:
    if word.isascii():
        return _shorten(word.lower())
    word = unicodedata.normalize("NFKC", word)
    if _OTHER_INDIC.search(word):
        word = _to_devanagari(word)
    if _is_devanagari(word):
        return _fold_devanagari(word)
    plain = unicodedata.normalize("NFKD", word.translate(_LOOK_ALIKE).lower())
    return _shorten(_LATIN_MARKS.sub("", plain))


_remembered = lru_cache(maxsize=16384)(_fold)


def _is_devanagari(word: str) -> bool:
    return any("\u0900" <= letter <= "\u097f" for letter in word[:3])


def _fold_devanagari(word: str) -> str:
    word = word.translate(_DEVANAGARI_SIGNS)
    for typed, meant in _TYPED_IN_PARTS:
        if typed in word:
            word = word.replace(typed, meant)
    word = _HALF_NASAL.sub("\u0902", word)
    word = _REPEATED_SIGN.sub(r"\1", word)
    return _LONG_RUN.sub(r"\1", word)


def _shorten(word: str) -> str:
    """Take back an elongation: `haaaan` → `haan`, `nahiiii` → `nahi`, `okkkk` → `ok`."""
    return _LONG_RUN.sub(lambda run: run[1] * 2 if run[1] in "aeo" else run[1], word)


def _to_devanagari(word: str) -> str:
    # Loaded on the first such word only: the package takes a fifth of a second.
    from indic_transliteration import sanscript

    bare = unicodedata.normalize("NFC", unicodedata.normalize("NFD", word).translate(_NUKTAS))
    for first, scheme in _SCHEMES:
        if any(first <= ord(letter) < first + 0x80 for letter in bare):
            bare = str(sanscript.transliterate(bare, scheme, sanscript.DEVANAGARI))
    return bare
