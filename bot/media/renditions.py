"""Which pictures were made already: each is made once, and known by what it was made from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from models import Rendition
from models.rendition import RenditionKind

if TYPE_CHECKING:
    from bot.media.shop import Made

_table = Rendition.__table__
_columns = _table.c
_INSERT = {
    "sqlite": sqlite.insert(_table).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_table).on_conflict_do_nothing(),
}


def made_from(conn: Connection, source: str) -> dict[RenditionKind, str]:
    """The SHA-256 of everything that was made from this source, by kind."""
    rows = conn.execute(select(_columns.kind, _columns.sha256).where(_columns.source == source))
    return {row.kind: row.sha256 for row in rows}


def keep(
    conn: Connection, source: str, made: Mapping[RenditionKind, tuple[str, Made]], now: datetime
) -> None:
    """Write down what was made and stored, with its SHA-256; who came first stays."""
    for kind, (sha256, picture) in made.items():
        values = {"source": source, "kind": kind, "sha256": sha256, "created_at": now}
        size = {"width": picture.width, "height": picture.height}
        conn.execute(_INSERT[conn.dialect.name].values(**values, **size))


def in_use(conn: Connection, sha256: str) -> bool:
    """Does any rendition have these bytes?"""
    return bool(conn.scalar(select(exists().where(_columns.sha256 == sha256))))


def recipe(photos: Sequence[str], labels: Sequence[str] = ()) -> str:
    """The source under which the contact sheet of these photos is known."""
    return hashlib.sha256("\n".join([*photos, *labels]).encode()).hexdigest()
