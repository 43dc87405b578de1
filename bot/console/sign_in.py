"""The door of the console: a number and a password become a session, or the same answer for everything else.

Tries are counted in rows, so that any number of web processes count together. Each is counted before its
password is looked at: many at the same moment have no more tries than one after the other.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Connection, Engine, Row, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.console import audit, passwords, sessions
from bot.starts.person import BadPerson, mobile
from models import Rep, SignInTry
from models.database import writing

WINDOW = timedelta(minutes=15)
MOST_TRIES = 5
"""Wrong passwords for one number in a window."""
MOST_FROM_ONE_PLACE = 60
"""Wrong ones from one internet address; a mobile network puts many phones behind one."""

_tries, _rep = SignInTry.__table__, Rep.__table__
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True, slots=True)
class Knock:
    """Who wants in: what was typed, and where it came from."""

    phone: str
    password: str
    source: str
    agent: str


def sign_in(db: Engine, secret: str, knock: Knock, now: datetime) -> str | None:
    """The token of a new session; None for a wrong number or password, or after too many tries."""
    try:
        phone = mobile(knock.phone)
    except BadPerson:
        phone = ""
    number, place = f"phone:{phone}", f"place:{_network(knock.source)}"
    counted = [(_hidden(secret, number), MOST_TRIES), (_hidden(secret, place), MOST_FROM_ONE_PLACE)]
    with writing(db) as conn:
        rep, over = _rep_of(conn, phone), _count(conn, counted, now)
        if over:
            # What is refused anyway costs no time and, after the first, no row: a flood fills nothing.
            if over == 1:
                audit.record(conn, rep.id if rep else None, "sign_in_locked", now)
            return None
    right = passwords.matches(rep.password_hash if rep else None, knock.password[: passwords.LONGEST])
    with writing(db) as conn:
        # What was read before the slow part may have changed: she may be disabled, or have a new password.
        again = _rep_of(conn, phone)
        if not (right and again and rep and again.password_hash == rep.password_hash):
            audit.record(conn, rep.id if rep else None, "sign_in_refused", now)
            return None
        _give_back(conn, [who for who, _ in counted])
        audit.record(conn, rep.id, "signed_in", now, after={"agent": knock.agent})
        return sessions.begin(conn, rep.id, knock.agent, now)


def knows_password(db: Engine, secret: str, rep_id: int, password: str, now: datetime) -> bool:
    """Is it hers? With as few tries as at the door: who has her phone has not her password."""
    counted = [(_hidden(secret, f"rep:{rep_id}"), MOST_TRIES)]
    with writing(db) as conn:
        if _count(conn, counted, now):
            return False
        kept = conn.scalar(select(_rep.c.password_hash).where(_rep.c.id == rep_id))
    if not passwords.matches(kept, password[: passwords.LONGEST]):
        return False
    with writing(db) as conn:
        _give_back(conn, [who for who, _ in counted])
    return True


def forgive(db: Engine, secret: str, phone: str) -> None:
    """A rep who was locked out may try again at once."""
    with writing(db) as conn:
        conn.execute(delete(_tries).where(_tries.c.who == _hidden(secret, f"phone:{phone}")))


def _rep_of(conn: Connection, phone: str) -> Row[Any] | None:
    return conn.execute(select(_rep).where(_rep.c.phone == phone, _rep.c.active)).first()


def _count(conn: Connection, counted: Sequence[tuple[str, int]], now: datetime) -> int:
    """One try more for each; by how many the fullest of them is over its limit, 0 for none."""
    conn.execute(delete(_tries).where(_tries.c.since <= now - WINDOW))
    over = 0
    for who, most in counted:
        new = _INSERT[conn.dialect.name](_tries).values(who=who, since=now, tries=1)
        more = new.on_conflict_do_update(index_elements=["who"], set_={"tries": _tries.c.tries + 1})
        over = max(over, conn.execute(more.returning(_tries.c.tries)).scalar_one() - most)
    return over


def _give_back(conn: Connection, who: Sequence[str]) -> None:
    """A right password was no try: the number begins anew, the place has one less."""
    conn.execute(delete(_tries).where(_tries.c.who == who[0]))
    one_less = case((_tries.c.tries > 0, _tries.c.tries - 1), else_=0)
    conn.execute(update(_tries).where(_tries.c.who.in_(who[1:])).values(tries=one_less))


def _network(source: str) -> str:
    """The address, or of a long one the part that its owner cannot change."""
    try:
        address = ip_address(source)
    except ValueError:
        return "unknown"
    return address.exploded[:19] if address.version == 6 else str(address)


def _hidden(secret: str, who: str) -> str:
    return hmac.new(secret.encode(), f"sign-in {who}".encode(), hashlib.sha256).hexdigest()
