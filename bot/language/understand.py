"""One message in, what it means out: language, intent, commands and entities. Pure, and never an exception.

What was asked decides between readings: `पाँच` is a count to `stock` and a price to `price`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.language import entities as amounts
from bot.language.album import arranged
from bot.language.answers import answer
from bot.language.asks import Asked, asked
from bot.language.goods import describe, measures, renamed
from bot.language.identify import identify
from bot.language.intents import Steering, first_inside, steer, steering_of
from bot.language.lexicon import Lexicon
from bot.language.message import Command, Entity, Message, set_slot, span
from bot.language.person import introduce, retold
from bot.language.script import Normal, normalise
from bot.language.wording import Piece, loose

_NAMED = frozenset({"material", "colour", "craft", "product", "district"})
# Answers that are whatever she says: only a message that is nothing but phrases steers there.
_FREE = frozenset({"text", "name", "district"})
# Kinds whose answers may be made of words that also steer: `खत्म हो गया` to the stock is none left.
_OWN_WORDS = frozenset({"bool", "choice", "language", "date", "count"})
# Where `बस` means that all is there; at any other question it is unclear. Nothing asked: it is taken so.
_ALBUM = frozenset({"photos", "photos_done", None})
_READ_BACKS = frozenset({"confirm_heard", "confirm_listing"})
_ARE_YOU_SURE = frozenset(
    {"confirm_cancel", "confirm_restart", "confirm_erase", "confirm_withdraw", "sell_more"}
)
# A name is never made of a slot's word and a word of change: `दाम बदलो` at the village is a wish.
_NAMES = frozenset({"seller_name", "village", "district", "block", "group_name", "pickup_place"})
# `कर दो`: do it; beside an amount and the name of another slot it is no name of hers.
_GIVE = frozenset(loose(word) for word in ("दो", "दव", "do", "dav"))
# Slots that one and the same amount would fill: only the asked one is set.
_TOLD_BY_ONE = (
    frozenset({"weight", "net_weight"}),
    frozenset({"size", "length"}),
    frozenset({"price", "price_per"}),
    frozenset({"stock", "price_per", "pieces_in_set"}),
)
# More unread words than this beside a phrase, and the message is about something else.
_TALE = 4
# A message is read so far: what follows is kept in free text, but steers and fills nothing else.
_LONGEST = 4000
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Understanding:
    """`language` {code, confidence, script}; `intent`; `commands` and `entities` as plain JSON objects."""

    language: dict[str, Any]
    intent: str
    commands: list[Command]
    entities: list[Entity]

    def as_json(self) -> dict[str, Any]:
        """The public contract."""
        return {
            "language": self.language,
            "intent": self.intent,
            "commands": self.commands,
            "entities": self.entities,
        }


def understand(text: str, asks: str | None, language: str | None, lexicon: Lexicon) -> Understanding:
    """Read one message. `asks` is the awaited slot or None; `language` the talk's, never evidence itself."""
    normal = _beginning(normalise(text[:_LONGEST]))
    what = asked(asks)
    found = amounts.read(normal, what.kind)
    message = Message.of(normal, what, _with_names(normal, found, lexicon), lexicon)
    intent, commands = _meaning(message)
    shown = [
        {key: value for key, value in entity.items() if key != "id"} | _value(entity)
        for entity in message.entities
    ]
    return Understanding(identify(normal.tokens, lexicon.evidence), intent, commands, shown)


def _beginning(normal: Normal) -> Normal:
    if len(normal.tokens) <= _MOST_WORDS:
        return normal
    tokens = normal.tokens[:_MOST_WORDS]
    return Normal(normal.raw, " ".join([token.word for token in tokens]), tokens)


def _value(entity: Entity) -> Entity:
    return {"id": entity["id"], "value": entity["id"]} if "id" in entity else {}


def _with_names(normal: Normal, found: list[Entity], lexicon: Lexicon) -> list[Entity]:
    """The amounts and, between them, the names of the lexicon; in the order of the text."""
    tokens = normal.tokens
    names = lexicon.names.find(tokens, _NAMED)
    if not names:
        return found
    # A bare number that is part of a name is none: the लाख of `लाख की चूड़ी` is lac, not 100,000.
    long = {place for name in names if name.last - name.first > 1 for place in range(name.first, name.last)}
    entities = [
        entity for entity in found if entity["type"] != "number" or not long.issuperset(span(tokens, entity))
    ]
    taken = {place for entity in entities for place in span(tokens, entity)}
    for name in names:
        if taken.isdisjoint(range(name.first, name.last)):
            start, end = tokens[name.first].start, tokens[name.last - 1].end
            text = normal.original(start, end)
            entities.append({"type": name.kind, "text": text, "start": start, "end": end, "id": name.id})
    entities.sort(key=lambda entity: entity["start"])
    return entities


def _meaning(message: Message) -> tuple[str, list[Command]]:
    steering = steer(message.reading.labels())
    covered = message.covered
    amounts_left = [place for place in message.reading.rest if place in covered]
    unread = [place for place in message.reading.rest if place not in covered]
    pure = not unread and not amounts_left
    if not message.tokens:
        return "none", _nothing(message)
    menu = _menu(message) or _sure(message)
    if menu:
        return menu
    album = arranged(message)
    if album:
        return "change", album
    settled = pure and steering is not None and steering.intent not in ("none", "affirm", "deny", "change")
    correction = None if settled else _correction(message, unread)
    if correction:
        return correction
    if pure and steering is not None and not _is_tale(message):
        special = answer(message) if message.asked.kind in _OWN_WORDS else []
        if special and not _plain(message):
            return "none", special
        return _steered(message, steering)
    if message.asked.kind in ("choice", "bool") and _in_own_words(message):
        return "none", answer(message)
    if message.asked.kind in _FREE:
        free = answer(message)
        if free:
            return "none", free
    return _mixed(message, steering)


def _in_own_words(message: Message) -> bool:
    """`ऐसा ही फिर बेचना`: nothing but what the question itself offers."""
    own = message.lexicon.wording.answers.get(message.asked.slot or "")
    return own is not None and message.only(own.all(message.words)) and bool(answer(message))


def _is_tale(message: Message) -> bool:
    """Free text that happens to be made of known phrases says several things at once: it is no wish."""
    wishes = {label for label in message.reading.labels() if label not in ("affirm", "weak", "greet")}
    return message.asked.kind == "text" and len(wishes) > 1


def _plain(message: Message) -> bool:
    """Whether the phrases alone answer: yes or no to a yes-or-no question, without the slot's own words."""
    own = message.lexicon.wording.answers.get(message.asked.slot or "")
    if own is None:
        return message.asked.kind == "bool"
    longest = max((piece.last - piece.first for piece in own.all(message.words)), default=0)
    return longest == 0


def _steered(message: Message, steering: Steering) -> tuple[str, list[Command]]:
    if message.asked.slot in _ALBUM and message.reading.labels() == ["only"]:
        steering = steering_of("done")
    if steering.intent == "done" and message.asked.slot not in _ALBUM:
        return "done", [{"command": "clarify", "options": ["skip_question", "later"]}]
    if message.asked.kind != "bool" or message.asked.slot is None:
        return steering.intent, steering.commands
    slot = message.asked.slot
    if steering.intent == "affirm":
        command = set_slot(slot, True)
        return "affirm", [command | {"weak": True} if steering.weak else command]
    if steering.intent == "deny":
        return "deny", [set_slot(slot, False)]
    if steering.intent == "done" and slot == "photos_done":
        return "done", [set_slot(slot, True)]
    return steering.intent, steering.commands


def _mixed(message: Message, steering: Steering | None) -> tuple[str, list[Command]]:
    """Phrases among other words: the answer first, then what counts anywhere, then nothing."""
    inside = first_inside(message.words, message.lexicon.wording.inside)
    if inside is not None and _steers(message, inside):
        found = steering_of(inside)
        return found.intent, found.commands
    commands = _answers(message)
    if inside == "start":
        return "start", _started(commands)
    if inside in ("abuse", "chitchat") and not _measured(commands):
        return "none", steering_of(inside).commands
    if commands:
        if message.asked.slot is None and any(command.get("slot") == "product_name" for command in commands):
            return "start", _started(commands)
        return _tone(message, commands), commands
    leading = _leading(message)
    if leading is not None:
        return _steered(message, leading)
    return "none", _nothing(message)


def _steers(message: Message, label: str) -> bool:
    """Whether a phrase among other words steers: never in a long tale, and only a question can be skipped."""
    if label in ("start", "abuse", "chitchat", "price_open") or len(message.unread()) > _TALE:
        return False
    if label in ("skip", "repeat", "later") and message.asked.slot is None:
        return False
    return not _strong_answer(message)


def _started(commands: list[Command]) -> list[Command]:
    return [{"command": "start_flow", "flow": "list_product"}, *commands]


def _measured(commands: list[Command]) -> bool:
    return any(
        command.get("slot") not in ("product_name", "category", "material", "colour") for command in commands
    )


def _strong_answer(message: Message) -> bool:
    """Whether the message also holds the asked value: then the rest is only talk."""
    if message.asked.kind in (None, "open", "bool"):
        return False
    return any(command["command"] == "set_slot" for command in answer(message))


def _answers(message: Message) -> list[Command]:
    if message.asked.slot is None:
        return _introduced(message) or describe(message, sure=_wish(message))
    commands = answer(message)
    if message.asked.kind == "open":
        return commands
    known = {command.get("slot") for command in commands} | {message.asked.slot}
    if commands and message.asked.slot == "price_per":
        # The `एक किलो` that a price is for weighs nothing and counts nothing.
        known |= {"weight", "net_weight", "size", "length"}
    if message.asked.kind == "count" and not any(entity["type"] == "quantity" for entity in message.entities):
        known |= {"weight", "net_weight"}
    for pair in _TOLD_BY_ONE:
        if known & pair:
            known |= pair
    told = measures(message)
    if "price" not in known and any(command.get("slot") == "price" for command in told):
        # A basis said with its price goes with it, also at a question about a count.
        known.discard("price_per")
    commands += [command for command in told if command.get("slot") not in known]
    if message.asked.slot in _READ_BACKS:
        commands += renamed(message) or retold(message)
    return commands


def _introduced(message: Message) -> list[Command]:
    """`मेरा नाम सुकबती है` tells who she is though nobody asked."""
    piece = message.lexicon.wording.slots.at(message.words, 0)
    return introduce(message, "seller_name") if piece and piece.label == "seller_name" else []


def _wish(message: Message) -> bool:
    return first_inside(message.words, message.lexicon.wording.inside) == "start"


def _tone(message: Message, commands: list[Command]) -> str:
    """`नहीं, 350` is a no with a new value, `हाँ 350` a yes; anything else is only an answer."""
    first = message.reading.pieces[0] if message.reading.pieces else None
    if first is None or first.first > 0 or message.covered.issuperset(range(first.first, first.last)):
        return "none"
    return {"deny": "deny", "affirm": "affirm", "weak": "affirm"}.get(first.label, "none")


def _leading(message: Message) -> Steering | None:
    """A clear yes or no at the head of a longer sentence, when yes or no was asked and nothing turns it."""
    if message.asked.kind != "bool" or not message.reading.pieces:
        return None
    pieces = [piece for piece in message.reading.pieces if piece.label in ("affirm", "deny")]
    if not pieces or len({piece.label for piece in pieces}) > 1:
        return None
    if any(place not in message.reading.fillers for place in range(pieces[0].first)):
        return None
    return steer([pieces[0].label])


def _menu(message: Message) -> tuple[str, list[Command]] | None:
    """`1`, `2` to yes or no, and `0` (do not know) to every question, as the printed menus say."""
    if len(message.words) != 1 or message.asked.slot is None:
        return None
    word = message.words[0]
    if word == "0":
        return "skip", [{"command": "skip_question"}]
    if message.asked.kind == "bool" and word in ("1", "2"):
        return ("affirm", "deny")[word == "2"], [set_slot(message.asked.slot, word == "1")]
    return None


def _sure(message: Message) -> tuple[str, list[Command]] | None:
    """`हाँ मिटा दीजिए`, `नहीं रहने दो`: asked whether she means it, yes and no go before what she repeats."""
    slot = message.asked.slot
    if slot not in _ARE_YOU_SURE or any(place not in message.covered for place in message.unread()):
        return None
    steering = steer([label for label in message.reading.labels() if label in ("affirm", "weak", "deny")])
    if steering is None or steering.intent == "none":
        return None
    own = answer(message)
    if own and own[0]["value"] is not (steering.intent == "affirm"):
        return None
    return _steered(message, steering)


def _correction(message: Message, unread: list[int]) -> tuple[str, list[Command]] | None:
    """`दाम बदलो`, `रेट ठीक नहीं है`, `दाम सोलह सौ`: a slot named, with or without its new value."""
    wording = message.lexicon.wording
    slots = wording.slots.all(message.words)
    if not slots:
        return None
    changes = wording.changing.all(message.words)
    if not _names_a_slot(message, [*slots, *changes], changed=bool(changes)):
        if message.asked.kind in ("open", "text", "name") and unread:
            return None
        if message.asked.kind not in (None, "bool") and answer(message):
            return None
    names = [span(message.tokens, entity) for entity in message.entities if "id" in entity]
    rest = [
        place
        for place in unread
        if not _within(place, [*slots, *changes]) and all(place not in covered for covered in names)
    ]
    labels = list(dict.fromkeys(piece.label for piece in slots))
    value = _value_of(message, labels[0]) if [message.asked.slot] != labels and len(labels) == 1 else []
    if value and not rest:
        return ("change" if changes else "none"), value
    if changes and not rest and not message.covered:
        return "change", [{"command": "correct_slot", "slot": label} for label in labels]
    return None


def _names_a_slot(message: Message, pieces: list[Piece], *, changed: bool) -> bool:
    """`दाम बदलो`, `दाम 500` where a name is asked: nothing but another slot, with a change or an amount."""
    if message.asked.slot not in _NAMES or not (changed or message.covered):
        return False
    said = {place for piece in pieces for place in range(piece.first, piece.last)} | message.covered
    wording = message.lexicon.wording
    talk = wording.parts["price.talk"] | _GIVE if message.covered else frozenset()
    return all(
        place in said or wording.is_filler(word) or word in talk for place, word in enumerate(message.words)
    )


def _within(place: int, pieces: list[Piece]) -> bool:
    return any(piece.first <= place < piece.last for piece in pieces)


def _value_of(message: Message, slot: str) -> list[Command]:
    what = asked(slot)
    if what.kind not in ("money", "count", "length", "weight", "duration"):
        return []
    return answer(message.asking(what))


def _nothing(message: Message) -> list[Command]:
    return [{"command": "cannot_handle", "reason": None}] if message.asked != Asked(None, None) else []
