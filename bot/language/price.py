"""From the money in a message to a price, or to the question that has to come first.

A wrong price is the worst error there is: a range, an estimate, an unclear number, two prices or somebody
else's price never fill the slot.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from bot.language.asks import UNITS
from bot.language.message import Command, Entity, set_slot

# A bare figure this much smaller or larger than the price, or below the smallest, counts something else.
_FAR = 5
_SMALLEST = 20
_OTHERS = {
    "cost": "cost",
    "market": "market",
    "floor": "floor",
    "ceiling": "ceiling",
    "wholesale": "wholesale",
    "retail": "wholesale",
    "net": "net",
    "previous": "open",
}


def price(entities: Sequence[Entity], *, bare: bool) -> list[Command]:
    """Commands for `price` and `price_per`. `bare`: a number without a unit is money too."""
    money = [entity for entity in entities if _is_money(entity, bare)]
    if bare and any(entity["type"] == "money" or entity.get("currency") for entity in money):
        money = [entity for entity in money if entity["type"] == "money" or entity.get("currency")]
    hers = [entity for entity in money if not entity.get("role")]
    clear = [
        entity
        for entity in hers
        if _is_above_zero(entity) and not entity.get("approximate") and not _is_typed_fraction(entity)
    ]
    values = {entity["value"] for entity in clear}
    if len(values) == 1 and len(clear) == len(hers):
        beside = _beside(entities, clear)
        return (
            [_ambiguous([{"value": value} for value in (clear[-1]["value"], *beside)])]
            if beside
            else _set(clear[-1])
        )
    if len(values) > 1:
        return [_ambiguous([{"value": entity["value"]} for entity in clear])]
    for entity in hers:
        unclear = _unclear(entity)
        if unclear:
            return [unclear]
    for entity in money:
        return [
            {"command": "not_price", "slot": "price", "kind": _OTHERS.get(entity.get("role", ""), "open")}
        ]
    return []


def _beside(entities: Sequence[Entity], money: Sequence[Entity]) -> list[str]:
    """Other figures that may be the price as well: `दाम तो 500 रुपये है पर 400 ले लूँगी`."""
    price_said = Decimal(money[-1]["value"])
    figures = [entity["value"] for entity in entities if _is_bare_figure(entity)]
    near = [value for value in figures if price_said / _FAR < Decimal(value) < price_said * _FAR]
    known = {entity["value"] for entity in money}
    return [value for value in dict.fromkeys(near) if Decimal(value) >= _SMALLEST and value not in known]


def _is_above_zero(entity: Entity) -> bool:
    return "value" in entity and Decimal(entity["value"]) > 0


def _is_typed_fraction(entity: Entity) -> bool:
    return _is_bare_figure(entity) and any(sign in entity["text"] for sign in "½¼¾/")


def _is_bare_figure(entity: Entity) -> bool:
    return entity["type"] == "number" and "value" in entity and not entity.get("role")


def _is_money(entity: Entity, bare: bool) -> bool:
    if entity["type"] == "money":
        return True
    if entity["type"] == "range":
        return bare or entity.get("currency") is not None
    return bare and entity["type"] == "number"


def _set(entity: Entity) -> list[Command]:
    commands = [set_slot("price", entity["value"])]
    if entity.get("per") in UNITS:
        commands.append(set_slot("price_per", entity["per"]))
    return commands


def _unclear(entity: Entity) -> Command | None:
    if entity["type"] == "range":
        return {"command": "range", "slot": "price", "low": entity.get("low"), "high": entity.get("high")}
    if _is_typed_fraction(entity):
        # `1½` to the price: one rupee fifty, a hundred and fifty, fifteen hundred?
        sizes = (Decimal(1), Decimal(100), Decimal(1000))
        amounts = [format((Decimal(entity["value"]) * size).normalize(), "f") for size in sizes]
        return _ambiguous([{"value": amount} for amount in amounts])
    if entity.get("ambiguous"):
        return _ambiguous(list(entity.get("readings", [])))
    if entity.get("approximate"):
        return _ambiguous([{"value": entity["value"]}])
    return None


def _ambiguous(readings: list[dict[str, str]]) -> Command:
    return {"command": "ambiguous", "slot": "price", "readings": readings}
