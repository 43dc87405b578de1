"""The accounts of reps: made, given a password, closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from bot.console import audit, passwords, sessions
from bot.console.sign_in import forgive
from bot.language.lexicon import Lexicon
from bot.messages import Json
from bot.starts.person import mobile
from bot.starts.reps import add_rep
from models import Rep
from models.database import reading, writing
from models.rep import Role

_rep = Rep.__table__


class BadAccount(Exception):
    """It cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class NewRep:
    """A rep as she is to be; `phone`, `districts` and `blocks` as people write them."""

    phone: str
    name: str
    role: Role
    districts: tuple[str, ...]
    blocks: tuple[str, ...] = ()


def numbered(db: Engine, phone: str) -> int:
    """The rep with this number. BadPerson for no number, BadAccount for nobody."""
    number = mobile(phone)
    with reading(db) as conn:
        found = conn.scalar(select(_rep.c.id).where(_rep.c.phone == number))
    if found is None:
        raise BadAccount("there is no rep with this number")
    return int(found)


def everybody(conn: Connection) -> list[Row[Any]]:
    """All reps, those who may still do something first."""
    return list(conn.execute(select(_rep).order_by(_rep.c.active.desc(), _rep.c.name, _rep.c.id)))


def add(db: Engine, lexicon: Lexicon, new: NewRep, by: int | None, password: str | None = None) -> Json:
    """A new rep, or the same with other values; `password` is in the answer where she had none before.

    BadPerson or BadAccount for what cannot be.
    """
    if password is not None:
        _check(password, mobile(new.phone))
    made = add_rep(db, lexicon, new.phone, new.name, new.districts, new.role, new.blocks)
    rep_id = int(made["id"].partition(":")[2])
    with writing(db) as conn:
        after = {name: made[name] for name in ("role", "districts", "blocks")}
        audit.record(conn, by, "rep_added", datetime.now(UTC), about=made["id"], after=after)
    if _row(db, rep_id).password_hash is not None and password is None:
        return made
    return made | {"password": _give(db, rep_id, password)}


def reset(db: Engine, secret: str, rep_id: int, by: int | None, password: str | None = None) -> Json:
    """Another one-time password; she is signed out everywhere, and may try again if she was locked out."""
    rep = _row(db, rep_id)
    given = _give(db, rep_id, password)
    forgive(db, secret, rep.phone)
    with writing(db) as conn:
        audit.record(conn, by, "password_reset", datetime.now(UTC), about=f"rep:{rep_id}")
    return {"id": f"rep:{rep_id}", "name": rep.name, "password": given}


def disable(db: Engine, rep_id: int, by: int | None) -> Json:
    """She may do nothing any more; what she did stays. Adding her again lets her in again."""
    rep = _row(db, rep_id)
    with writing(db) as conn:
        mine = _rep.c.id == rep_id
        conn.execute(update(_rep).where(mine).values(active=False, password_hash=None, must_change=True))
        sessions.end_all(conn, rep_id)
        audit.record(conn, by, "rep_disabled", datetime.now(UTC), about=f"rep:{rep_id}")
    return {"id": f"rep:{rep_id}", "name": rep.name, "active": False}


def _give(db: Engine, rep_id: int, password: str | None) -> str:
    """A password that she must change; `password`, or one by chance."""
    given = password if password is not None else passwords.one_time()
    _check(given, _row(db, rep_id).phone)
    kept = passwords.hashed(given)
    with writing(db) as conn:
        conn.execute(update(_rep).where(_rep.c.id == rep_id).values(password_hash=kept, must_change=True))
        sessions.end_all(conn, rep_id)
    return given


def _check(password: str, phone: str) -> None:
    wrong = passwords.wrong_with(password, phone, None)
    if wrong:
        raise BadAccount(f"password: {wrong}")


def _row(db: Engine, rep_id: int) -> Row[Any]:
    with reading(db) as conn:
        found = conn.execute(select(_rep).where(_rep.c.id == rep_id)).first()
    if found is None:
        raise BadAccount("there is no such rep")
    return found
