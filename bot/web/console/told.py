"""Who said what of a product, as its page shows it: each answer, from whom, and what a rep may fill in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.console import filling
from bot.console.listings import Shown
from bot.language.asks import asked
from bot.messages import Json
from bot.web.console.names import answer, part_word
from bot.web.house import house


@dataclass(frozen=True, slots=True)
class Typed:
    """What a rep sent for one fact and the page has not taken, and why not."""

    slot: str
    value: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer. `value` is what a rep finds in its field, `options` what she may choose: (sent, shown)."""

    slot: str
    label: str
    said: str
    source: Json | None
    fillable: bool
    value: str
    options: Sequence[tuple[str, str]]
    long: bool
    removable: bool
    typed: Typed | None


def told(shown: Shown, typed: Typed | None) -> tuple[list[Told], list[Told]]:
    """What is known of it, and what of its category still is not."""
    talk, slots, known = house().talk, shown.row.slots, shown.message["provenance"]
    live = shown.row.status != "withdrawn"
    fillable = filling.fields(talk, slots) if live else []
    removable = filling.removable(talk, slots) if live else []
    order = [*fillable, *(slot for slot in known if slot not in fillable)]
    rows = []
    for slot in order:
        value = slots.get(slot)
        rows.append(
            Told(
                slot=slot,
                label=part_word(slot),
                said=answer(slot, value, slots),
                source=known.get(slot),
                fillable=slot in fillable,
                value=_in_the_field(slot, value),
                options=[(each, _option(slot, each)) for each in filling.options(talk, slot)],
                long=asked(slot).kind == "text",
                removable=slot in removable,
                typed=typed if typed and typed.slot == slot else None,
            )
        )
    return [each for each in rows if each.said], [each for each in rows if not each.said]


def _in_the_field(slot: str, value: object) -> str:
    """As it may be sent again: of several names none, for she reads them in her own language."""
    if isinstance(value, bool):
        return next(each for each, meant in filling.YES_NO.items() if meant is value)
    return "" if value is None or isinstance(value, list) else str(value)


def _option(slot: str, option: str) -> str:
    if asked(slot).kind == "bool":
        return answer(slot, filling.YES_NO[option], {})
    return answer(slot, option, {})
