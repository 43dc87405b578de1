"""Who was erased is known again by her number, and by nothing else: so nobody writes to her unasked."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from models import Tombstone

_stone = Tombstone.__table__
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_FIND = select(_stone.c.address_hash, _stone.c.stopped_at).where(
    _stone.c.address_hash.in_(bindparam("hashes", expanding=True))
)


def hashed(secret_key: str, address: str) -> str:
    """The keyed hash of a number, the same on every channel; without the key nobody can try numbers."""
    number = address.rpartition(":")[2]
    key = (secret_key or "simulator").encode()
    return hmac.new(key, f"tombstone:{number}".encode(), hashlib.sha256).hexdigest()


def lay(conn: Connection, secret_key: str, address: str, stopped_at: datetime | None, now: datetime) -> None:
    """Remember this address after its row is gone. A stop that is remembered already stays."""
    row = {"address_hash": hashed(secret_key, address), "stopped_at": stopped_at, "erased_at": now}
    new = _INSERT[conn.dialect.name](_stone).values(row)
    kept = func.coalesce(_stone.c.stopped_at, new.excluded.stopped_at)
    conn.execute(new.on_conflict_do_update(index_elements=["address_hash"], set_={"stopped_at": kept}))


def among(conn: Connection, secret_key: str, addresses: Iterable[str]) -> dict[str, datetime | None]:
    """Those of the addresses that were erased or left, with when their owner had said stop."""
    by_hash = {hashed(secret_key, address): address for address in addresses}
    rows = conn.execute(_FIND, {"hashes": list(by_hash)}) if by_hash else ()
    return {by_hash[row.address_hash]: row.stopped_at for row in rows}


def lift(conn: Connection, secret_key: str, address: str) -> None:
    """She writes herself: her own row remembers from now on."""
    conn.execute(delete(_stone).where(_stone.c.address_hash == hashed(secret_key, address)))
