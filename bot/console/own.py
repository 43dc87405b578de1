"""What a rep changes of her own: her password, her language."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, select, update

from bot.console import audit, passwords, sessions
from bot.console.sessions import Who
from bot.console.sign_in import knows_password
from models import Rep
from models.database import reading, writing

_rep = Rep.__table__


def change_password(db: Engine, secret: str, who: Who, old: str, new: str, now: datetime) -> str | None:
    """A new password; all her other sessions end. Why not: `old_wrong`, or as in `wrong_with`."""
    with reading(db) as conn:
        rep = conn.execute(select(_rep).where(_rep.c.id == who.id)).one()
    if not knows_password(db, secret, who.id, old, now):
        return "old_wrong"
    wrong = passwords.wrong_with(new, rep.phone, rep.password_hash)
    if wrong:
        return wrong
    kept = passwords.hashed(new)
    same = (_rep.c.id == who.id, _rep.c.password_hash == rep.password_hash)
    with writing(db) as conn:
        if conn.execute(update(_rep).where(*same).values(password_hash=kept, must_change=False)).rowcount:
            sessions.end_all(conn, who.id, but=who.token)
            audit.record(conn, who.id, "password_changed", now, about=who.stamp)
            return None
    return "old_wrong"


def choose_language(db: Engine, who: Who, language: str) -> None:
    """The language of her console."""
    with writing(db) as conn:
        conn.execute(update(_rep).where(_rep.c.id == who.id).values(language=language))
