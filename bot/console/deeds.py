"""Reading what was done: a lead for the people and the reps of her districts, an admin all of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, true

from bot.console import scope
from bot.console.pages import Page, page
from bot.console.sessions import Who
from models import Audit, Rep, Seller, SellerCard

_audit, _card, _rep, _seller = Audit.__table__, SellerCard.__table__, Rep.__table__, Seller.__table__
PER_PAGE = 50


def deeds(conn: Connection, who: Who, after: str | None, key: str | None = None) -> Page[Row[Any]]:
    """A page of deeds, the newest first; with `key` only those about this person."""
    joined = (
        _audit.outerjoin(_card, _card.c.seller_id == _audit.c.seller_id)
        .outerjoin(_seller, _seller.c.id == _audit.c.seller_id)
        .outerjoin(_rep, _rep.c.id == _audit.c.rep_id)
    )
    columns = (_rep.c.name.label("rep_name"), _card.c.name.label("seller_name"), _card.c.phone_last4)
    query = select(_audit, *columns, _seller.c.key).select_from(joined).where(_may_read(conn, who))
    if key:
        query = query.where(_seller.c.key == key)
    return page(conn, query, (_audit.c.id,), after, newest_first=True, size=PER_PAGE)


def _may_read(conn: Connection, who: Who) -> ColumnElement[bool]:
    if who.role == "admin":
        return true()
    reps = [row.id for row in conn.execute(select(_rep)) if set(row.districts) & set(who.districts)]
    about_people = and_(_card.c.seller_id.is_not(None), scope.sees(who))
    of_reps = and_(_audit.c.seller_id.is_(None), _audit.c.rep_id.in_(reps))
    return or_(about_people, of_reps)
