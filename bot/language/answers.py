"""An answer to the question that was asked, read as the kind of answer the question takes."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.language.asks import UNITS
from bot.language.goods import describe, stock, together
from bot.language.message import Command, Message, set_slot
from bot.language.names import Name
from bot.language.number_words import lookup
from bot.language.person import introduce
from bot.language.price import price
from bot.language.wording import Piece

_DIGITS = re.compile(r"\D+")
_GSTIN = re.compile(r"\b\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]\b")
_BANGLE = re.compile(r"^2(?:[.\-/, ]|चार)?\s*(2|4|6|8|10|12)$")
_FSSAI_DIGITS = 14
_LONGEST_TEXT = 1500
# Looking for a near miss is slow: only the first words nobody knows are tried.
_MOST_GUESSES = 12


def answer(message: Message) -> list[Command]:
    """The commands the asked kind of answer gives, or [] if there is none in the message."""
    slot, kind = message.asked
    if slot is None or kind is None:
        return []
    if kind in ("open", "name"):
        return describe(message, sure=slot == "product_name") if kind == "open" else _name(message)
    readers = {
        "money": _money,
        "count": _count,
        "length": _measure,
        "weight": _measure,
        "duration": _duration,
        "date": _date,
        "pincode": _pincode,
        "digits": _digits,
        "size_bangle": _bangle,
        "district": _district,
        "language": _language,
        "lexicon": _lexicon,
        "choice": _choice,
        "bool": _bool,
        "text": _text,
    }
    return readers[kind](message, slot)


def _money(message: Message, slot: str) -> list[Command]:
    phrases = message.lexicon.wording.inside.all(message.words)
    if any(piece.label == "price_open" for piece in phrases):
        return [{"command": "not_price", "slot": slot, "kind": "open"}]
    commands = price(message.entities, bare=True)
    if len(commands) == 1 and commands[0]["command"] == "set_slot" and not _is_price_talk(message):
        return [{"command": "ambiguous", "slot": slot, "readings": [{"value": commands[0]["value"]}]}]
    return commands


def _is_price_talk(message: Message) -> bool:
    """Whether a bare figure stands alone or among words of giving a price; else it may count anything.

    Rupees, a price word or a basis beside the figure say enough.
    """
    if any(entity["type"] == "money" for entity in message.entities):
        return True
    parts = message.lexicon.wording.parts
    talk, endings = parts["price.talk"], tuple(parts["price.ending"])
    named = {place for entity in message.entities for place in message.places(entity)}
    return all(
        not any(letter.isalpha() for letter in message.words[place])
        or message.words[place] in talk
        or message.words[place].endswith(endings)
        or place in named
        or lookup(message.tokens[place].word) is not None
        for place in message.unread()
    )


def _count(message: Message, slot: str) -> list[Command]:
    own = message.lexicon.wording.answers.get(slot)
    if own and message.only(own.all(message.words)):
        return [set_slot(slot, 0, confirm=True)]
    counted = [entity for entity in message.entities if entity["type"] == "quantity"]
    if not counted:
        counted = [
            dict(entity, unit=None, approximate=True)
            for entity in message.entities
            if entity["type"] == "weight"
        ]
    return stock(counted, slot) or stock(
        [entity for entity in message.entities if entity["type"] in ("number", "range")], slot
    )


def _measure(message: Message, slot: str) -> list[Command]:
    """The measure as said. A bare number or a mere `बड़ा` is kept too, to be read back."""
    kinds = {"size": ("length",), "length": ("length",)}.get(slot, ("weight", "quantity"))
    found = [entity for entity in message.entities if entity["type"] in kinds]
    if found:
        text = together(message, found)
        unsure = any(entity.get("ambiguous") for entity in found)
        return [set_slot(slot, text, confirm=unsure)]
    if any(entity["type"] in ("number", "range") for entity in message.entities):
        return [set_slot(slot, message.whole()[:_LONGEST_TEXT], confirm=True)]
    phrases = message.lexicon.wording.answers.get(slot)
    if phrases and phrases.all(message.words):
        return [set_slot(slot, message.whole()[:_LONGEST_TEXT], confirm=True)]
    return []


def _duration(message: Message, slot: str) -> list[Command]:
    for entity in message.entities:
        if entity["type"] == "range":
            return [{"command": "range", "slot": slot, "low": entity["low"], "high": entity["high"]}]
        if entity["type"] in ("duration", "number"):
            if entity.get("ambiguous"):
                return [{"command": "ambiguous", "slot": slot, "readings": entity.get("readings", [])}]
            value = entity.get("days", entity.get("value") if entity["type"] == "number" else None)
            if value is not None:
                return [set_slot(slot, _days(value), confirm=bool(entity.get("approximate")))]
    return []


def _days(value: str) -> int:
    """Whole days, rounded up: `ढाई दिन` is three days of waiting."""
    return int(-(-Decimal(value) // 1))


def _date(message: Message, slot: str) -> list[Command]:
    for entity in message.entities:
        if entity["type"] == "date" and entity.get("iso"):
            return [set_slot(slot, entity["iso"])]
    if any(entity["type"] in ("date", "duration", "range", "number") for entity in message.entities):
        return [set_slot(slot, message.whole()[:_LONGEST_TEXT], confirm=True)]
    return []


def _pincode(message: Message, slot: str) -> list[Command]:
    codes = [entity["digits"] for entity in message.entities if entity["type"] == "pincode"]
    return [set_slot(slot, codes[0])] if codes else []


def _digits(message: Message, slot: str) -> list[Command]:
    raw = "".join(token.word for token in message.tokens).upper()
    if slot == "gstin":
        found = _GSTIN.search(raw)
        return [set_slot(slot, found[0])] if found else []
    digits = _DIGITS.sub("", raw)
    return [set_slot(slot, digits)] if len(digits) == _FSSAI_DIGITS else []


def _bangle(message: Message, slot: str) -> list[Command]:
    """`2.4`, `2-4`, `दो चार`: two and four sixteenths of an inch, never a range."""
    figures = message.lexicon.wording.figures
    said = " ".join(figures.get(word, word) for word in message.words if not _quiet(message, word))
    found = _BANGLE.match(said)
    return [set_slot(slot, f"2.{found[1]}")] if found else []


def _quiet(message: Message, word: str) -> bool:
    return message.lexicon.wording.is_filler(word) and word not in message.lexicon.wording.figures


def _district(message: Message, slot: str) -> list[Command]:
    return [command for command in introduce(message, slot) if command["slot"] != "block"]


def _name(message: Message) -> list[Command]:
    return introduce(message, "seller_name")


def _language(message: Message, slot: str) -> list[Command]:
    for piece in message.lexicon.wording.whole.all(message.words):
        prefix, _, code = piece.label.partition(":")
        if prefix == "language" and code != "ask":
            return [set_slot(slot, code)]
    return []


def _lexicon(message: Message, slot: str) -> list[Command]:
    ids = list(dict.fromkeys(entity["id"] for entity in message.entities if entity["type"] == slot))
    if ids:
        return [set_slot(slot, ids)]
    near: list[str] = []
    for place in message.unread()[:_MOST_GUESSES]:
        found = message.lexicon.names.nearest(message.tokens[place].word, slot)
        if found and found not in near:
            near.append(found)
    return [set_slot(slot, near, confirm=True)] if near else []


def _choice(message: Message, slot: str) -> list[Command]:
    wording = message.lexicon.wording
    phrases = wording.slots if slot == "change_what" else wording.answers.get(slot)
    pieces = phrases.all(message.words) if phrases else []
    labels = list(dict.fromkeys(piece.label for piece in pieces))
    if slot == "price_per":
        return _basis(message, pieces)
    if slot == "change_what" and message.covered:
        return []
    if len(labels) == 1:
        return [set_slot(slot, labels[0])]
    if slot == "category":
        return _category(message)
    return []


def _basis(message: Message, pieces: list[Piece]) -> list[Command]:
    """`एक किलो का`, `500 की जोड़ी`; of `ढाई सौ ग्राम` or `दो किलो` nobody can say what the price is for."""
    bases = {entity["per"] for entity in message.entities if entity.get("per") in UNITS}
    if not bases:
        counted = [piece for piece in pieces if piece.first - 1 in message.covered]
        bases = set() if counted else {piece.label for piece in pieces}
    return [set_slot("price_per", bases.pop())] if len(bases) == 1 else []


def _category(message: Message) -> list[Command]:
    known = frozenset({"product", "craft", "material"})
    names = message.lexicon.names.find(message.tokens, known)
    ids = {kind: [name.id for name in names if name.kind == kind] for kind in known}
    found = message.lexicon.category(ids["product"], ids["material"], ids["craft"])
    if found:
        return [set_slot("category", found)]
    for place in message.unread()[:_MOST_GUESSES]:
        near = _near_category(message, Name("", "", place, place + 1))
        if near:
            return [set_slot("category", near, confirm=True)]
    return []


def _near_category(message: Message, name: Name) -> str | None:
    word = message.tokens[name.first].word
    for kind in ("product", "craft", "material"):
        identity = message.lexicon.names.nearest(word, kind)
        if identity:
            ids = {kind: [identity]}
            return message.lexicon.category(
                ids.get("product", []), ids.get("material", []), ids.get("craft", [])
            )
    return None


def _bool(message: Message, slot: str) -> list[Command]:
    """Answers in the slot's own words: `खोखला`, `शाकाहारी`. Plain yes and no are read before."""
    phrases = message.lexicon.wording.answers.get(slot)
    pieces = phrases.all(message.words) if phrases else []
    labels = {piece.label for piece in pieces}
    if len(labels) != 1:
        return []
    value = labels == {"true"}
    said = {place for piece in pieces for place in range(piece.first, piece.last)}
    if value and any(piece.label == "deny" and piece.first not in said for piece in message.reading.pieces):
        value = False
    return [set_slot(slot, value)]


def _text(message: Message, slot: str) -> list[Command]:
    if slot == "village":
        return introduce(message, slot)
    text = message.whole()[:_LONGEST_TEXT]
    return [set_slot(slot, text)] if any(letter.isalnum() for letter in text) else []
