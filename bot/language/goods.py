"""What one message says about the goods: name, material, colour, category, stock, size, weight, days."""

from __future__ import annotations

from decimal import Decimal

from bot.language.message import Command, Entity, Message, set_slot
from bot.language.price import price

_COUNTED = frozenset({"piece", "pair", "set", "packet", "bundle", "than", None})
_SCORES = ("कोरी", "कोड़ी", "कोड़ी", "kori", "kodi", "koree")
_NET = frozenset({"food", "rice"})
_CLOTH = frozenset({"kosa", "pata"})
_NAMING = ("greet", "start", "affirm", "weak", "restart")


def measures(message: Message, category: str | None = None) -> list[Command]:
    """Slots from amounts that carry their own unit, whatever was asked."""
    commands = price(message.entities, bare=False)
    commands += stock([entity for entity in message.entities if entity["type"] == "quantity"])
    lengths = [entity for entity in message.entities if entity["type"] == "length"]
    if lengths:
        slot = "length" if category in _CLOTH and lengths[0].get("unit") in ("metre", "yard") else "size"
        commands.append(set_slot(slot, together(message, lengths)))
    weights = [entity for entity in message.entities if entity["type"] == "weight"]
    if weights:
        commands.append(set_slot("net_weight" if category in _NET else "weight", weights[0]["text"]))
    return commands + _making_days(message)


def stock(entities: list[Entity], slot: str = "stock") -> list[Command]:
    """A count of pieces from quantities or bare numbers; a score or an estimate is read back."""
    counted = [entity for entity in entities if entity.get("unit") in _COUNTED]
    for entity in counted:
        if entity.get("ambiguous"):
            return [{"command": "ambiguous", "slot": slot, "readings": entity.get("readings", [])}]
        if "low" in entity:
            return [{"command": "range", "slot": slot, "low": entity["low"], "high": entity["high"]}]
    values = [entity for entity in counted if "value" in entity]
    if not values or len({entity["value"] for entity in values}) > 1:
        return []
    count = Decimal(values[0]["value"])
    if count != count.to_integral_value() or count < 0:
        return []
    unsure = bool(values[0].get("approximate")) or any(word in values[0]["text"].lower() for word in _SCORES)
    return [set_slot(slot, int(count), confirm=unsure)]


def together(message: Message, entities: list[Entity]) -> str:
    """The text of several lengths as said, with what stands between if that is little."""
    spans = [_with_axis(message, entity) for entity in entities]
    between = message.normal.original(spans[0][0], spans[-1][1])
    if len(between) <= sum(end - start for start, end in spans) + 8 * (len(spans) - 1):
        return between
    return ", ".join(message.normal.original(start, end) for start, end in spans)


def _with_axis(message: Message, entity: Entity) -> tuple[int, int]:
    """The place of a length with the word that says which side it is: `आठ इंच ऊँचा`, `ऊँचाई 8 इंच`."""
    axis = message.lexicon.wording.parts["product.axis"]
    start, end = entity["start"], entity["end"]
    places = message.places(entity)
    if not places:
        return start, end
    if places.stop < len(message.words) and message.words[places.stop] in axis:
        end = message.tokens[places.stop].end
    elif places.start and message.words[places.start - 1] in axis:
        start = message.tokens[places.start - 1].start
    return start, end


def _making_days(message: Message) -> list[Command]:
    """`दस दिन` is the time to make one only where making is spoken of."""
    making = message.lexicon.wording.parts["product.making"]
    if not any(word in making for word in message.words):
        return []
    days = [entity for entity in message.entities if entity["type"] == "duration" and "days" in entity]
    return [set_slot("making_days", int(Decimal(days[0]["days"])))] if days else []


def named(message: Message) -> dict[str, list[str]]:
    """The ids of the lexicon's names in the message, by kind, each once."""
    found: dict[str, list[str]] = {}
    for entity in message.entities:
        if "id" in entity and entity["id"] not in found.setdefault(entity["type"], []):
            found[entity["type"]].append(entity["id"])
    return found


def describe(message: Message, *, sure: bool) -> list[Command]:
    """Everything an open answer tells. `sure`: the question was about the piece, so its words name it."""
    ids = named(message)
    category = message.lexicon.category(ids.get("product", []), ids.get("material", []), ids.get("craft", []))
    commands = measures(message, category) + _counted_piece(message)
    thing = bool(ids.get("product") or ids.get("craft"))
    if sure or (commands and (thing or ids.get("material"))) or (thing and _is_short(message)):
        name = product_name(message)
        if name:
            commands.insert(0, set_slot("product_name", name))
    if not commands:
        return []
    for slot in ("material", "colour"):
        if ids.get(slot):
            commands.append(set_slot(slot, ids[slot]))
    if category:
        commands.append(set_slot("category", category))
    return commands


def _is_short(message: Message) -> bool:
    """Whether little is said beside the thing: a tale that mentions a lion offers none for sale."""
    named_places = _wanted(message)
    drop = message.lexicon.wording.parts["product.drop"]
    others = [
        place for place in message.unread() if place not in named_places and message.words[place] not in drop
    ]
    return len(others) <= 1


def renamed(message: Message) -> list[Command]:
    """Another thing or material named at a read-back; of `A नहीं B` only B counts."""
    kept = message
    denied = [piece for piece in message.reading.pieces if piece.label == "deny"]
    if denied:
        after = message.part(denied[-1].last, len(message.words))
        kept = after if named(after) else message.part(0, _last_named(message, denied[-1].first))
    ids = named(kept)
    if not (ids.get("product") or ids.get("material") or ids.get("colour") or ids.get("craft")):
        return []
    about = {"material", "colour", "category"}
    if ids.get("product") or ids.get("craft"):
        about.add("product_name")
    return [command for command in describe(kept, sure=True) if command.get("slot") in about]


def _last_named(message: Message, before: int) -> int:
    """Where the thing stands that a `नहीं` after it denies: `लोहे का है पीतल का नहीं`."""
    starts = [message.places(entity).start for entity in message.entities if "id" in entity]
    return max((start for start in starts if start < before), default=before)


def _counted_piece(message: Message) -> list[Command]:
    """`पाँच हाथी`: a bare number right before the thing counts it, to be read back."""
    if any(entity["type"] == "quantity" for entity in message.entities):
        return []
    starts = {message.places(entity).start for entity in message.entities if entity["type"] == "product"}
    for entity in message.entities:
        if entity["type"] == "number" and "value" in entity and message.places(entity).stop in starts:
            return [dict(command, confirm=True) for command in stock([entity])]
    return []


def product_name(message: Message) -> str | None:
    """The words that name the thing, as said, without fillers and without the other things she told."""
    best: tuple[int, str] | None = None
    wanted = _wanted(message)
    for first, last in _runs(message):
        score = max((wanted.get(place, 0) for place in range(first, last)), default=0)
        if best is None or score > best[0]:
            best = (score, message.said(first, last))
    return best[1] if best else None


def _wanted(message: Message) -> dict[int, int]:
    weight = {"product": 3, "craft": 2, "material": 1}
    places: dict[int, int] = {}
    for entity in message.entities:
        if "id" in entity:
            for place in message.places(entity):
                places[place] = weight.get(entity["type"], 0)
    return places


def _runs(message: Message) -> list[tuple[int, int]]:
    """Stretches of words that are neither fillers nor other answers, without loose ends like `का`."""
    parts = message.lexicon.wording.parts
    drop, edge = parts["product.drop"], parts["product.edge"]
    closed = set(message.covered)
    for piece in message.reading.pieces:
        if piece.label in _NAMING or piece.label.startswith("language:"):
            closed.update(range(piece.first, piece.last))
    for piece in message.lexicon.wording.inside.all(message.words):
        closed.update(range(piece.first, piece.last))
    wanted = _wanted(message)
    runs: list[tuple[int, int]] = []
    first: int | None = None
    for place in range(len(message.words) + 1):
        ends = place == len(message.words) or place in closed
        if not ends and place not in wanted and not _is_thing(message, place):
            ends = message.words[place] in drop and message.words[place] not in edge
        if first is not None and (ends or message.breaks_before(place)):
            runs.append((first, place))
            first = None
        if not ends and first is None:
            first = place
    return [run for run in (_trim(message, *run, edge) for run in runs) if run[0] < run[1]]


def _is_thing(message: Message, place: int) -> bool:
    """`लोहे का मोर` is a peacock, `मोर टुकनी` is my basket."""
    parts = message.lexicon.wording.parts
    if message.words[place] not in parts["product.homograph"]:
        return False
    return len(message.words) == 1 or place > 0 and message.words[place - 1] in parts["product.edge"]


def _trim(message: Message, first: int, last: int, edge: frozenset[str]) -> tuple[int, int]:
    def loose_end(place: int) -> bool:
        return message.words[place] in edge or not any(letter.isalpha() for letter in message.words[place])

    while first < last and loose_end(first):
        first += 1
    while first < last and loose_end(last - 1):
        last -= 1
    hue = {
        place for entity in message.entities if entity["type"] == "colour" for place in message.places(entity)
    }
    if (
        last - first > 2
        and last - 2 in hue
        and message.words[last - 1] in message.lexicon.wording.parts["product.hue"]
    ):
        last -= 2
    return first, last
