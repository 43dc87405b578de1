"""The card of a seller: what lists of people show and find her by, kept beside her talk.

A turn writes it only when it changes something on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert
from sqlalchemy.dialects import postgresql, sqlite

from bot.language.script import normalise, sound_key
from bot.messages import Json
from bot.practice import real
from models import SellerCard, SellerWord

SLOTS = {
    "name": "seller_name",
    "village": "village",
    "district": "district",
    "block": "block",
    "group_name": "group_name",
}
SOUGHT = ("name", "village", "group_name")
"""What she is found by."""
LONGEST, LONGEST_WORD = 160, 64

_card, _word = SellerCard.__table__, SellerWord.__table__
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FORGET_WORDS = delete(_word).where(_word.c.seller_id == bindparam("mine"))
_FORGET = delete(_card).where(_card.c.seller_id == bindparam("mine"))
_WORDS = insert(_word)


def facts(state: Json) -> Json:
    """What of her talk stands on her card."""
    slots = real(state)["slots"]
    return {column: _text(slots.get(slot)) for column, slot in SLOTS.items()}


def stands(state: Json) -> Json:
    """`{"flow", "asks"}`: what of her talk stands in columns beside it."""
    talk = real(state)
    running = [frame["flow"] for frame in talk["stack"] if frame["kind"] != "pattern"]
    return {"flow": running[-1] if running else None, "asks": talk["asks"]}


def moved(before: Json, after: Json, now: datetime) -> Json:
    """The columns of the talk to write with this turn; none in most."""
    now_stands = stands(after)
    if now_stands == stands(before):
        return {}
    return now_stands | {"asks_since": now if now_stands["asks"] else None}


def write(conn: Connection, seller_id: int, before: Json, after: Json, new: Json) -> None:
    """Bring her card up to date if the turn changed something on it; `new`: columns besides."""
    was, known = facts(before), facts(after)
    if known == was and not new:
        return
    values: Json = {**known, "block_key": key_of(known["block"]), **new}
    card = _INSERT[conn.dialect.name](_card).values(seller_id=seller_id, **values)
    conn.execute(card.on_conflict_do_update(index_elements=["seller_id"], set_=values))
    old, found = words(was), words(known)
    if found == old:
        return
    if old:
        conn.execute(_FORGET_WORDS, {"mine": seller_id})
    if found:
        conn.execute(_WORDS, [{"word": word, "seller_id": seller_id} for word in sorted(found)])


def forget(conn: Connection, seller_id: int) -> None:
    """Nobody finds her any more."""
    for statement in (_FORGET_WORDS, _FORGET):
        conn.execute(statement, {"mine": seller_id})


def last4(address: str) -> str | None:
    """The last four digits of the number in an address; None for a person who hides it."""
    digits = address.rpartition("+")[2]
    return digits[-4:] if digits.isdigit() else None


def words(card: Json) -> set[str]:
    """The sounds of all the words she is found by."""
    return set(sounds(" ".join(card[column] or "" for column in SOUGHT)))


def sounds(text: str) -> Iterable[str]:
    """Each word by its sound, whatever the script; figures as they are."""
    for token in normalise(text).tokens:
        key = sound_key(token.word) or token.word
        yield key[:LONGEST_WORD]


def key_of(text: str | None) -> str | None:
    """One key for a name of several words, by its sound."""
    return " ".join(sounds(text))[:LONGEST] if text else None


def _text(value: Any) -> str | None:
    return value[:LONGEST] if isinstance(value, str) else None
