"""Who was erased: her number is gone, a keyed hash of it stays, so that no start writes to her again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from models import Forgotten

_forgotten = Forgotten.__table__
_FIND = select(_forgotten.c.stopped_at).where(_forgotten.c.mark.in_(bindparam("marks", expanding=True)))


def found(conn: Connection, secret: str, names: Sequence[str | None]) -> Row[Any] | None:
    """Was somebody with one of these addresses or user ids erased? Then `stopped_at`: had she said stop?"""
    marks = _marks(secret, names)
    rows = conn.execute(_FIND, {"marks": marks}).all() if marks else []
    return max(rows, key=lambda row: row.stopped_at is not None, default=None)


def remember(
    conn: Connection, secret: str, names: Iterable[tuple[str | None, datetime | None]], now: datetime
) -> None:
    """Each address or user id with when its person said stop; the names themselves are not kept."""
    dialect: Any = sqlite if conn.dialect.name == "sqlite" else postgresql
    for name, stopped_at in names:
        for mark in _marks(secret, [name]):
            values = {"stopped_at": stopped_at, "at": now}
            row = dialect.insert(_forgotten).values(mark=mark, **values)
            conn.execute(row.on_conflict_do_update(index_elements=["mark"], set_=values))


def _marks(secret: str, names: Iterable[str | None]) -> list[str]:
    """A number has one mark on all channels. Only a simulator runs without a secret, and hides nothing."""
    key = (secret or "simulator").encode()
    bare = [name.removeprefix("whatsapp:") for name in names if name]
    return [hmac.new(key, b"forgotten:" + name.encode(), hashlib.sha256).hexdigest() for name in bare]
