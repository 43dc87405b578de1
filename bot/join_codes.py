"""A word and six digits by which a person shows that a second phone is hers too.

On one phone she writes the word and is told a code; from the other one she writes the word with it, or first
the word and then it. A wrong code, an old one, a used one and her own are answered alike, so that a stranger
who tries learns nothing; after some wrong ones in a day right ones count as wrong.

Wrong codes are counted by the number they come from, whoever has it now, and, while that number may still
guess, against every code that counts just then. `state["joins"]` is set by the word until her next message.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.engine.listening import CALL
from bot.hours import day_of
from bot.language.intents import cut
from bot.language.lexicon import Lexicon
from bot.language.script import normalise
from bot.messages import Inbound, Json
from bot.talk import Talk
from models import JoinCode, JoinTry

FLOW = "join_phones"
LASTS = timedelta(minutes=15)
WRONG = 5
"""So many wrong codes from one number in a day; then right ones count as wrong."""
MOST_GUESSES = 25
"""After so many wrong ones from numbers that may still guess a code is over: many guess as one does."""
LONGEST = 60
_CODE = re.compile(r"(?<!\d)(\d{3})[ -]?(\d{3})(?!\d)")
_code, _try = JoinCode.__table__, JoinTry.__table__
_FIND = select(_code.c.seller_id).where(
    _code.c.code_hash == bindparam("hash"),
    _code.c.expires_at > bindparam("now", type_=JoinCode.expires_at.type),
    _code.c.guesses < MOST_GUESSES,
)
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def hashed(secret_key: str, code: str) -> str:
    """The keyed hash of a code, or of a number that a wrong one came from."""
    key = (secret_key or "simulator").encode()
    return hmac.new(key, f"join:{code}".encode(), hashlib.sha256).hexdigest()


def code_in(lexicon: Lexicon, inbound: Inbound, state: Json) -> str | None:
    """The code in her message: beside the word, or alone right after it. Six digits otherwise are none."""
    after_the_word = state.pop("joins", False) if inbound.kind == "text" else False
    if inbound.kind != "text" or len(inbound.text) > LONGEST or state.get("practice"):
        return None
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in inbound.text)
    found = _CODE.search(plain)
    if found is None:
        return None
    rest = plain[: found.start()] + " " + plain[found.end() :]
    words = [token.word for token in normalise(rest).tokens if any(each.isalnum() for each in token.word)]
    if not words:
        return found[1] + found[2] if after_the_word else None
    read = cut(words, lexicon.wording)
    return found[1] + found[2] if read.labels() == ["join"] and not read.rest else None


def new_code(conn: Connection, secret_key: str) -> str:
    """One that nobody has just now."""
    while True:
        code = f"{secrets.randbelow(1_000_000):06}"
        here = select(_code.c.seller_id).where(_code.c.code_hash == hashed(secret_key, code))
        if conn.execute(here).first() is None:
            return code


def shown(code: str) -> str:
    """As it is read: in two halves."""
    return f"{code[:3]} {code[3:]}"


def said(
    conn: Connection, talk: Talk, inbound: Inbound, state: Json, mine: int | None, now: datetime
) -> list[Json] | None:
    """The events of a code that she says; of a right one she hears once both are one. None for all else."""
    code = code_in(talk.lexicon, inbound, state)
    if code is None:
        return None
    secret = talk.settings.secret_key
    who = hashed(secret, inbound.address.rpartition(":")[2])
    if _right(conn, hashed(secret, code), who, mine, now):
        return [{"event": "custom", "do": "join", "code": hashed(secret, code)}]
    wrong = {"event": "custom", "do": "join_wrong", "who": who}
    return [wrong, _say(talk, state, inbound, "utter_join_wrong")]


def told(
    conn: Connection, talk: Talk, inbound: Inbound, state: Json, commands: Sequence[Json]
) -> list[Json] | None:
    """The events of the word: a code for her other phone. None on a call, where nothing can be read again."""
    word = {"command": "start_flow", "flow": FLOW} in commands[:1]
    if not word or inbound.kind != "text" or inbound.channel == CALL:
        return None
    code = new_code(conn, talk.settings.secret_key)
    state["joins"] = True
    kept = {"event": "custom", "do": "join_code", "code": hashed(talk.settings.secret_key, code)}
    return [kept, _say(talk, state, inbound, "utter_join_code", {"join_code": shown(code)})]


def _say(talk: Talk, state: Json, inbound: Inbound, utter: str, args: Json | None = None) -> Json:
    language = state["slots"].get("language") or state.get("language_heard")
    text = talk.library.wording(language).say(utter, {}, args, inbound.channel).text
    return {"event": "bot", "utter": utter, "text": text, "buttons": []}


def keep(conn: Connection, seller_id: int, code_hash: str, now: datetime) -> None:
    """From now on it counts, and no earlier one of hers."""
    forget(conn, or_(_code.c.seller_id == seller_id, _code.c.expires_at <= now))
    row = {"code_hash": code_hash, "seller_id": seller_id, "expires_at": now + LASTS}
    conn.execute(insert(_code), row)


def _right(conn: Connection, code_hash: str, who: str, mine: int | None, now: datetime) -> bool:
    """Is it the code of another phone, said in time, from a number that has not guessed too often today?"""
    other = conn.scalar(_FIND, {"hash": code_hash, "now": now})
    if other is None or other == mine:
        return False
    today = (_try.c.who == who, _try.c.day == day_of(now).isoformat())
    return (conn.scalar(select(_try.c.tries).where(*today)) or 0) < WRONG


def wrong(conn: Connection, who: str, now: datetime) -> None:
    """One more from this number, and, while it may guess, against every code that counts now.

    What is of another day goes.
    """
    today = day_of(now).isoformat()
    conn.execute(delete(_try).where(_try.c.day != today))
    new = _INSERT[conn.dialect.name](_try).values(who=who, day=today, tries=1)
    more = new.on_conflict_do_update(index_elements=["who"], set_={"tries": _try.c.tries + 1})
    if (conn.scalar(more.returning(_try.c.tries)) or 0) <= WRONG:
        met = _locked(conn, _code.c.expires_at > now)
        conn.execute(update(_code).where(_code.c.code_hash.in_(met)).values(guesses=_code.c.guesses + 1))


def forget(conn: Connection, which: ColumnElement[bool]) -> None:
    """These codes count no more."""
    conn.execute(delete(_code).where(_code.c.code_hash.in_(_locked(conn, which))))


def _locked(conn: Connection, which: ColumnElement[bool]) -> list[str]:
    """Several codes, always in one order: whoever touches many of them must not wait in a ring."""
    rows = select(_code.c.code_hash).where(which).order_by(_code.c.code_hash).with_for_update()
    return list(conn.scalars(rows))


def take(conn: Connection, code_hash: str, now: datetime) -> int | None:
    """Whose it is: once. None when it was used or ran out meanwhile."""
    used = delete(_code).where(_code.c.code_hash == code_hash, _code.c.expires_at > now)
    return conn.scalar(used.returning(_code.c.seller_id))
