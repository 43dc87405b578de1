"""Find the sounds of the names on cards that were written before there were any: once, after a migration."""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot import jobs, seller_card
from bot.tasks.workshop import Workshop
from models import SellerCard, SellerWord
from models.database import writing

_card, _word = SellerCard.__table__, SellerWord.__table__
AT_A_TIME = 500
"""Cards of one transaction, so that no reply waits long for the database."""
_NEW = {
    "sqlite": sqlite.insert(_word).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_word).on_conflict_do_nothing(),
}


def run(shop: Workshop, job: jobs.Job) -> None:
    """The next cards; the job puts itself again until there are none left."""
    with writing(shop.db) as conn:
        last = _some(conn, job.payload.get("after", 0))
        if last is not None:
            jobs.put(conn, job.kind, {"after": last}, now=shop.clock())
        jobs.finish(conn, job)


def _some(conn: Connection, after: int) -> int | None:
    query = select(_card).where(_card.c.seller_id > after).order_by(_card.c.seller_id).limit(AT_A_TIME)
    rows = conn.execute(query).mappings().all()
    found = [
        {"word": word, "seller_id": row["seller_id"]} for row in rows for word in seller_card.words(dict(row))
    ]
    if found:
        conn.execute(_NEW[conn.dialect.name], found)
    for row in rows:
        if row["block"] and not row["block_key"]:
            mine = update(_card).where(_card.c.seller_id == row["seller_id"])
            conn.execute(mine.values(block_key=seller_card.key_of(row["block"])))
    return rows[-1]["seller_id"] if rows else None
