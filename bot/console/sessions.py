"""Sessions on the server: the browser has a random token, the table its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update

from models import ConsoleSession, Rep
from models.database import reading, writing
from models.rep import Role

LASTS = timedelta(days=14)
IDLE = timedelta(days=3)
"""After so long without a page a session is over."""
SEEN_EVERY = timedelta(minutes=5)
"""How far `seen_at` may be behind, so that looking writes nothing."""

_session, _rep = ConsoleSession.__table__, Rep.__table__


@dataclass(frozen=True, slots=True)
class Who:
    """The rep who is signed in, as she is now."""

    id: int
    name: str
    role: Role
    districts: tuple[str, ...]
    blocks: tuple[str, ...]
    language: str
    must_change: bool
    token: str = field(repr=False)

    @property
    def stamp(self) -> str:
        """Her name in deeds: `rep:<id>`."""
        return f"rep:{self.id}"


def begin(conn: Connection, rep_id: int, agent: str, now: datetime) -> str:
    """A new session; its token. Sessions that are over are swept on the way."""
    conn.execute(delete(_session).where(_session.c.expires_at <= now))
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(token), "rep_id": rep_id, "agent": agent}
    conn.execute(insert(_session), row | {"created_at": now, "seen_at": now, "expires_at": now + LASTS})
    return token


def find(db: Engine, token: str, now: datetime) -> Who | None:
    """Who has this token; None when the session is over or she may do nothing any more."""
    mine = _session.c.token_hash == _hash(token)
    query = select(_rep, _session.c.seen_at).join(_session, _session.c.rep_id == _rep.c.id)
    live = (_session.c.expires_at > now, _session.c.seen_at > now - IDLE, _rep.c.active)
    with reading(db) as conn:
        row = conn.execute(query.where(mine, *live)).first()
    if row is None:
        return None
    if now - row.seen_at > SEEN_EVERY:
        with writing(db) as conn:
            conn.execute(update(_session).where(mine).values(seen_at=now))
    places = {"districts": tuple(row.districts), "blocks": tuple(row.blocks)}
    return Who(
        row.id, row.name, row.role, **places, language=row.language, must_change=row.must_change, token=token
    )


def end(conn: Connection, token: str) -> None:
    """Sign out here."""
    conn.execute(delete(_session).where(_session.c.token_hash == _hash(token)))


def end_all(conn: Connection, rep_id: int, but: str | None = None) -> None:
    """Sign out everywhere, or everywhere `but` with this token."""
    hers = delete(_session).where(_session.c.rep_id == rep_id)
    conn.execute(hers.where(_session.c.token_hash != _hash(but)) if but else hers)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
