"""The desk of a rep: voice notes of the people she may see, and of nobody else."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from bot.console.scope import sees
from bot.console.sessions import Who
from models import Media, Seller, SellerCard

_media, _seller, _card = Media.__table__, Seller.__table__, SellerCard.__table__


def hers(who: Who) -> ColumnElement[bool]:
    """The condition on `media`: notes of people whom this rep sees."""
    # Asked of each note that waits, and not of all people first.
    return select(_card.c.seller_id).where(_card.c.seller_id == _media.c.seller_id, sees(who)).exists()


def speaker(conn: Connection, who: Who, media_id: int) -> Row[*tuple[Any, ...]] | None:
    """Whose note it is, with her key and card; None for one that is not for this rep."""
    joined = _media.join(_seller, _seller.c.id == _media.c.seller_id).join(
        _card, _card.c.seller_id == _media.c.seller_id
    )
    query = select(_seller.c.id, _seller.c.key, _card.c.name, _card.c.village).select_from(joined)
    note = (_media.c.id == media_id, _media.c.kind == "voice")
    return conn.execute(query.where(*note, sees(who))).first()
