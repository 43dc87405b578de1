"""Whom a rep may see. Every query about people goes through here.

A rep sees the people of her districts; with blocks of her own, of these only the blocks, and people whose
block nobody knows yet. A lead sees all of her districts, an admin everybody. A person whose district is
not known yet is seen by the rep who last began a flow for her, by leads and by admins.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, false, or_, select, true

from bot.console.sessions import Who
from bot.seller_card import key_of
from models import Conversation, Seller, SellerCard

_card, _seller, _conversation = SellerCard.__table__, Seller.__table__, Conversation.__table__
CARD = _card.c
_KEY = re.compile("[0-9a-f]{32}")
RANKS = {"rep": 1, "lead": 2, "admin": 3}


def may(who: Who, role: str) -> bool:
    """Has she this role, or one above it?"""
    return RANKS[who.role] >= RANKS[role]


def sees(who: Who) -> ColumnElement[bool]:
    """The condition on `seller_card`; whoever asks joins that table."""
    if who.role == "admin":
        return true()
    here: ColumnElement[bool] = _card.c.district.in_(who.districts) if who.districts else false()
    nowhere = _card.c.district.is_(None)
    if who.role == "lead":
        return or_(here, nowhere)
    if who.blocks:
        keys = [key_of(block) for block in who.blocks]
        here = and_(here, or_(_card.c.block_key.is_(None), _card.c.block_key.in_(keys)))
    return or_(here, and_(nowhere, _card.c.rep_id == who.id))


def people(who: Who, *columns: Any) -> Select[Any]:
    """A query of the people she may see: `seller`, `seller_card` and `conversation` are joined."""
    joined = _card.join(_seller, _seller.c.id == _card.c.seller_id).join(
        _conversation, _conversation.c.seller_id == _card.c.seller_id
    )
    return select(*columns).select_from(joined).where(sees(who))


def person(conn: Connection, who: Who, key: str) -> Row[Any] | None:
    """The person of this key with her card and where she stands; None for one she may not see, or nobody."""
    if not _KEY.fullmatch(key):
        return None
    columns = (
        _seller,
        *(column for column in _card.c if column.name != "seller_id"),
        *(_conversation.c[name] for name in ("flow", "asks", "asks_since", "last_inbound_at", "revision")),
    )
    return conn.execute(people(who, *columns).where(_seller.c.key == key)).first()


def may_place(who: Who, district: str | None) -> bool:
    """May she say of somebody that she lives there? Not knowing it is never wrong."""
    return district is None or who.role == "admin" or district in who.districts
