"""Who she is and where she lives, from one message: name, village, block, district."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.language.message import Command, Message, set_slot
from bot.language.names import Name

# More words than this after `गाँव` or `नाम`, and she is telling a tale.
_LONGEST_RETOLD = 5
_PLACES = frozenset({"district", "block"})


@dataclass(slots=True)
class _Part:
    """A stretch of words with the label that introduced it, or None."""

    label: str | None
    places: list[int] = field(default_factory=list)
    home: bool = False


def introduce(message: Message, first: str) -> list[Command]:
    """Commands for `first` (seller_name, village or district, the one asked) and what follows it."""
    refusing = message.lexicon.wording.parts["name.not"]
    if any(word in refusing for word in message.words):
        return []
    parts = [part for part in _parts(message) if part.places]
    found: dict[str, Command] = {}
    for part in parts:
        if part.label in ("village", "district", "block"):
            _settle(message, found, part.label, part.places)
    order = [slot for slot in ("seller_name", "village", "district") if slot not in found]
    order = order[order.index(first) :] if first in order else []
    plain = [part for part in parts if part.label in (None, "seller_name")]
    if len(plain) == 1 and len(plain[0].places) > 1 and first == "seller_name":
        plain = _split(message, plain[0], village_known="village" in found)
    if len(plain) == 1 and first == "village" and "district" not in found:
        plain = _place_and_district(message, plain[0])
    for part in plain:
        slot = _slot_of(message, part, order)
        if slot is not None and first != "seller_name" and _is_own_name(message, parts):
            slot = "seller_name"
            found[slot] = set_slot(slot, message.said(part.places[0], part.places[-1] + 1), confirm=True)
            break
        if slot is None:
            continue
        order = order[order.index(slot) + 1 :]
        _settle(message, found, slot, part.places)
    return list(found.values())


def retold(message: Message) -> list[Command]:
    """`नाम राधा`, `गाँव श्यामपुर`, `जिला बस्तर` at a read-back: who she is or where, told anew."""
    piece = message.lexicon.wording.slots.at(message.words, 0) if message.words else None
    told = len(message.words) - (piece.last if piece else 0)
    if (
        piece is None
        or not 0 < told <= _LONGEST_RETOLD
        or message.lexicon.wording.changing.all(message.words)
    ):
        return []
    slot = "seller_name" if piece.label == "product_name" else piece.label
    if slot not in ("seller_name", "village", "district"):
        return []
    unsure = piece.label == "product_name"
    commands = introduce(message, slot)
    return [command | {"confirm": True} if unsure else command for command in commands]


def _is_own_name(message: Message, parts: list[_Part]) -> bool:
    """`नाम गीता` where a place was asked: a name, unless it is a place's name or the place is named too."""
    own = len(parts) == 1 and parts[0].label == "seller_name"
    return own and _known_place(message, parts[0].places) is None


def _parts(message: Message) -> list[_Part]:
    """Cut at punctuation, at labels (`गाँव`, `जिला`) and at the small words that end a statement."""
    words = message.lexicon.wording.parts
    parts = [_Part(None)]
    phrases = _self_words(message)
    measured = _measured(message)
    skipped = words["name.self"] | words["name.title"]
    for place, word in enumerate(message.words):
        if place in phrases or place in measured:
            parts.append(_Part("seller_name" if place in phrases else None))
            continue
        if word in skipped and not parts[-1].places:
            continue
        if word in words["name.relation"] and parts[-1].places:
            parts.append(_Part("relation"))
            continue
        label = next(
            (name for name in ("village", "district", "block") if word in words[f"name.{name}"]), None
        )
        if message.breaks_before(place) and parts[-1].places:
            parts.append(_Part(None))
        if label is not None and _names_what_stood_before(message, parts[-1], place):
            parts[-1].label = label
            parts.append(_Part(None))
        elif label is not None:
            parts.append(_Part(label))
        elif word in words["name.end"]:
            parts[-1].home = parts[-1].home or word in words["name.from"]
            if parts[-1].places:
                parts.append(_Part(None))
        elif any(letter.isalpha() for letter in message.tokens[place].word):
            parts[-1].places.append(place)
    return parts


def _measured(message: Message) -> set[int]:
    """The words of amounts with a unit: `14 इंच` names nobody; a bare number may (`सात पहाड़`)."""
    return {
        place
        for entity in message.entities
        if "id" not in entity and entity["type"] != "number"
        for place in message.places(entity)
    }


def _names_what_stood_before(message: Message, part: _Part, place: int) -> bool:
    """`कोंडागांव जिला`, `एकताल गाँव से`: the label follows its place when nothing else does."""
    if not part.places or part.label not in (None, "village", "district") or len(part.places) > 2:
        return False
    following = place + 1
    if following == len(message.words) or message.breaks_before(following):
        return True
    return message.words[following] in message.lexicon.wording.parts["name.end"]


def _self_words(message: Message) -> set[int]:
    """Where `मेरा नाम`, `मैं`, `mor naav` stand: only before the name, never inside it."""
    phrases = message.lexicon.wording.slots.all(message.words)
    places = {
        place
        for piece in phrases
        if piece.label in ("seller_name", "product_name")
        for place in range(piece.first, piece.last)
    }
    me = message.lexicon.wording.parts["name.self"]
    start = 0
    while start < len(message.words) and (start in places or message.words[start] in me):
        places.add(start)
        start += 1
    return places if len(places) < len(message.words) else set()


def _split(message: Message, part: _Part, *, village_known: bool) -> list[_Part]:
    """A name, a village and a district said without a pause."""
    tokens = [message.tokens[place] for place in part.places]
    known = message.lexicon.names.find(tokens, _PLACES)
    rest = part.places
    tail: list[_Part] = []
    if known and known[-1].last == len(tokens) and known[-1].first > 0:
        rest = part.places[: known[-1].first]
        tail = [_Part(known[-1].kind, part.places[known[-1].first :])]
        if known[-1].kind == "block":
            tail = [_Part("village", tail[0].places)]
            return [_Part(None, rest), *tail]
    count = _name_length(message, rest)
    if (tail or part.home) and not village_known and count < len(rest):
        return [_Part(None, rest[:count]), _Part("village", rest[count:]), *tail]
    return [_Part(None, rest), *tail]


def _name_length(message: Message, places: list[int]) -> int:
    """How many words of a run are the name: the first, and the surnames after it."""
    surnames = message.lexicon.wording.parts["name.surname"]
    count = 1
    while count < len(places) and message.words[places[count]] in surnames:
        count += 1
    if count == 1 and len(places) > 2:
        return 2
    return count


def _place_and_district(message: Message, part: _Part) -> list[_Part]:
    tokens = [message.tokens[place] for place in part.places]
    known = message.lexicon.names.find(tokens, frozenset({"district"}))
    if known and known[-1].last == len(tokens) and known[-1].first > 0:
        cut = known[-1].first
        return [_Part(None, part.places[:cut]), _Part("district", part.places[cut:])]
    return [part]


def _slot_of(message: Message, part: _Part, order: list[str]) -> str | None:
    if part.label in ("village", "district") and part.label in order:
        return part.label
    if not order:
        return None
    name = _known_place(message, part.places)
    if name and name.kind == "district" and "district" in order and order[0] != "seller_name":
        later_village = order[0] == "village" and len(order) == 1
        return "village" if later_village else "district"
    return order[0]


def _known_place(message: Message, places: list[int]) -> Name | None:
    tokens = [message.tokens[place] for place in places]
    known = message.lexicon.names.find(tokens, _PLACES)
    whole = [name for name in known if name.first == 0 and name.last == len(tokens)]
    return whole[0] if whole else None


def _settle(message: Message, found: dict[str, Command], slot: str, places: list[int]) -> None:
    text = message.said(places[0], places[-1] + 1)
    if slot == "district":
        found[slot] = district(message, places, text)
        return
    found[slot] = set_slot(slot, text)
    name = _known_place(message, places) if slot in ("village", "block") else None
    if name and name.kind == "block" and "district" not in found:
        home = message.lexicon.facts["block"][name.id]["district"]
        found["district"] = set_slot("district", home, confirm=True)


def district(message: Message, places: list[int], text: str) -> Command:
    """The district's id; a town's district and a near miss are read back; else the text as said."""
    name = _known_place(message, places)
    if name is not None and name.kind == "district":
        return set_slot("district", name.id)
    if name is not None:
        return set_slot("district", message.lexicon.facts["block"][name.id]["district"], confirm=True)
    near = message.lexicon.names.nearest("".join(message.tokens[place].word for place in places), "district")
    return set_slot("district", near or text, confirm=True)
