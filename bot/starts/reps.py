"""Reps as the command line keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.language.lexicon import Lexicon
from bot.messages import Json
from bot.starts.person import LONGEST, BadPerson, district, mobile
from models import Rep
from models.database import writing
from models.rep import Role

_rep = Rep.__table__
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def add_rep(
    db: Engine,
    lexicon: Lexicon,
    phone: str,
    name: str,
    districts: Sequence[str],
    role: Role = "rep",
    blocks: Sequence[str] = (),
) -> Json:
    """A new rep, or the same with other values; `{"id", "name", "role", "districts", "blocks"}`.

    BadPerson for a number that is none, a text that is too long, or a district that nobody knows; only an
    admin needs no district.
    """
    number = mobile(phone)
    known = {text: district(text, lexicon) for text in districts}
    for text, found in known.items():
        if found not in lexicon.facts["district"]:
            raise BadPerson(f"district: {text[:LONGEST]!r} is unknown")
    if not 0 < len(name.strip()) <= LONGEST:
        raise BadPerson(f"name: a text of at most {LONGEST} letters")
    if not known and role != "admin":
        raise BadPerson("district: there is none")
    if any(not 0 < len(block.strip()) <= LONGEST for block in blocks):
        raise BadPerson(f"block: a text of at most {LONGEST} letters")
    values: Json = {"name": name.strip(), "role": role, "districts": sorted(set(known.values()))}
    values["blocks"] = sorted({block.strip() for block in blocks})
    with writing(db) as conn:
        new = _INSERT[conn.dialect.name](_rep).values(phone=number, created_at=datetime.now(UTC), **values)
        conn.execute(new.on_conflict_do_update(index_elements=["phone"], set_=values | {"active": True}))
        rep_id = conn.scalar(select(_rep.c.id).where(_rep.c.phone == number))
    return {"id": f"rep:{rep_id}", **values}
