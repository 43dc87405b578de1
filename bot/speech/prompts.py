"""Each prompt is made once: its bytes are in the store, and a rendition row tells under which name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.media.store import MediaStore
from bot.settings import Settings
from bot.speech.voices import Part, Unspeakable, make, plan, recipe
from models import Rendition
from models.database import reading, writing
from models.rendition import RenditionKind

__all__ = ["Part", "Unspeakable", "made_once", "prompt"]

_rendition = Rendition.__table__


def prompt(
    db: Engine, store: MediaStore, settings: Settings, parts: Sequence[Part], language: str, now: datetime
) -> str:
    """The SHA-256 of the prompt for these parts, made or found in the store; raises Unspeakable."""
    steps = plan(parts, language, settings)
    return made_once(db, store, recipe(steps, language), "prompt", lambda: make(steps), now)


def made_once(
    db: Engine, store: MediaStore, source: str, kind: RenditionKind, made: Callable[[], bytes], now: datetime
) -> str:
    """The SHA-256 of what `made` makes of the recipe `source`, or of what was made of it before.

    Two processes that make it at the same moment make the same bytes. No lock is held meanwhile.
    """
    wanted = select(_rendition.c.sha256).where(_rendition.c.source == source, _rendition.c.kind == kind)
    with reading(db) as conn:
        known: str | None = conn.scalar(wanted)
    if known is not None and store.exists(known):
        return known
    sha256 = store.put(made())
    row = {"source": source, "kind": kind, "sha256": sha256, "created_at": now}
    with writing(db) as conn:
        conn.execute(_KEEP[conn.dialect.name], row)
    return sha256


def _keep(dialect: Any) -> Any:
    """Bytes that were lost from the store are made again, perhaps by a newer encoder."""
    statement = dialect.insert(_rendition)
    return statement.on_conflict_do_update(
        index_elements=["source", "kind"], set_={"sha256": statement.excluded.sha256}
    )


_KEEP = {"sqlite": _keep(sqlite), "postgresql": _keep(postgresql)}
