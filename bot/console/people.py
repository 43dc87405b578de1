"""Finding people: by name in any script, village, group, or the figures of a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import digit

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from bot.console import scope
from bot.console.pages import Page, page
from bot.console.sessions import Who
from bot.seller_card import sounds
from bot.starts.person import CHANNELS, BadPerson, address_on, mobile
from models import Address, Conversation, Seller, SellerCard, SellerWord

_card, _word, _conversation = SellerCard.__table__, SellerWord.__table__, Conversation.__table__
MOST_WORDS = 4
SHORTEST = 2
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Filter:
    """Whom to show: `q` as it was typed, `district` by its id, `group` by its exact name."""

    q: str = ""
    district: str = ""
    group: str = ""

    @property
    def figures(self) -> str:
        """What was typed, if it is a number or the end of one."""
        plain = "".join(str(digit(letter, letter)) for letter in self.q if letter not in " -+()")
        return plain if plain.isascii() and plain.isdigit() else ""


def listed(conn: Connection, who: Who, wanted: Filter, after: str | None) -> Page[Row[Any]]:
    """A page of those who are wanted: the newest first, or by the word that was looked for."""
    words = _words(wanted)
    query = scope.people(who, *_shown()).where(*_conditions(wanted))
    if not words:
        return page(conn, query, (_card.c.seller_id,), after, newest_first=True)
    # The longest word is the rarest, as a rule: with it the index is read, the others are looked up.
    first, *others = sorted(words, key=len, reverse=True)
    # By the columns of the word's own key: its first rows are read, and not all sorted for them.
    by = (_word.c.word, _word.c.seller_id)
    found = query.add_columns(*by).join(_word, _word.c.seller_id == _card.c.seller_id)
    found = found.where(_begins(_word.c.word, first), *(_has(word) for word in others))
    rows = page(conn, found, by, after)
    once = {row.seller_id: row for row in reversed(rows.rows)}
    return Page(list(reversed(once.values())), rows.after)


def wanted_ids(who: Who, wanted: Filter) -> Select[Any]:
    """The ids of all who are wanted."""
    named = [
        _card.c.seller_id.in_(select(_word.c.seller_id).where(_begins(_word.c.word, word)))
        for word in _words(wanted)
    ]
    return scope.people(who, _card.c.seller_id).where(*_conditions(wanted), *named)


def count(conn: Connection, who: Who, wanted: Filter, most: int) -> int:
    """How many there are; `most` + 1 for more than `most`."""
    some = wanted_ids(who, wanted).limit(most + 1).subquery()
    return conn.scalar(select(func.count()).select_from(some)) or 0


def _shown() -> tuple[Any, ...]:
    card = [column for column in _card.c if column.name not in ("rep_id", "block_key")]
    talk = [_conversation.c[name] for name in ("flow", "asks", "asks_since", "last_inbound_at")]
    return (Seller.key, Seller.stopped_at, *card, *talk)


def _words(wanted: Filter) -> Sequence[str]:
    if wanted.figures:
        return ()
    # A vowel at the end of what is typed so far is not written inside a longer word's key.
    begun = (key[:-1] if len(key) > SHORTEST and key.endswith("a") else key for key in sounds(wanted.q))
    return list(dict.fromkeys(begun))[:MOST_WORDS]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """All but the words."""
    found: list[ColumnElement[bool]] = []
    if wanted.figures:
        found.append(_numbered(wanted.figures))
    if wanted.district:
        found.append(_card.c.district == wanted.district)
    if wanted.group:
        found.append(_card.c.group_name == wanted.group)
    return found


def _numbered(figures: str) -> ColumnElement[bool]:
    """A whole number is hers alone; of a shorter one the last four figures count."""
    try:
        phone = mobile(figures if len(figures) != 12 else f"+{figures}")
    except BadPerson:
        return _card.c.phone_last4 == figures[-4:]
    ways = [address_on(channel, phone) for channel in CHANNELS]
    return _card.c.seller_id.in_(select(Address.seller_id).where(Address.address.in_(ways)))


def _begins(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    return column.between(word, word + _LAST)


def _has(word: str) -> ColumnElement[bool]:
    other = _word.alias()
    hers = select(other.c.word).where(other.c.seller_id == _card.c.seller_id, _begins(other.c.word, word))
    return hers.correlate(_card).exists()
