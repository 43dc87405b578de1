"""The tables mean the same on both databases, and the connection keeps its promises."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from models import Conversation, Media, Message, Seller, next_number
from models.database import connect, reading, writing
from models.turnstile import FairLock

NOON = datetime(2026, 1, 5, 12, 0, 0, 123456, tzinfo=UTC)
INDIA = timezone(timedelta(hours=5, minutes=30))


def add_seller(conn: Connection, key: str = "a") -> int:
    values = {"key": key, "language": "hne", "created_at": NOON}
    seller: int = conn.execute(insert(Seller).values(values).returning(Seller.id)).scalar_one()
    return seller


def add_conversation(conn: Connection, state: dict[str, object], at: datetime = NOON) -> None:
    values = {"state": state, "revision": 0, "updated_at": at, "last_inbound_at": at}
    conn.execute(insert(Conversation).values(seller_id=add_seller(conn), **values))


def message(seller: int, provider_id: str | None) -> dict[str, object]:
    return {
        "seller_id": seller,
        "direction": "in",
        "channel": "whatsapp",
        "address": "whatsapp:+919999900001",
        "provider_id": provider_id,
        "kind": "text",
        "body": {"text": "बाँस के टुकनी"},
        "status": "received",
        "created_at": NOON,
    }


def test_a_moment_comes_back_in_utc(db: Engine) -> None:
    """A moment written in Indian time is the same moment read in UTC, to the microsecond."""
    with writing(db) as conn:
        add_conversation(conn, {}, at=NOON.astimezone(INDIA))
    with reading(db) as conn:
        read = conn.execute(select(Conversation.updated_at)).scalar_one()
    assert read == NOON
    assert read.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(db: Engine) -> None:
    """A naive datetime is a mistake of ours, found at once and not in the data."""
    with pytest.raises(StatementError, match="needs its zone"), writing(db) as conn:
        conn.execute(select(Message).where(Message.created_at > datetime(2026, 1, 5)))


def test_json_comes_back_as_it_was(db: Engine) -> None:
    """State survives with its scripts, nulls and nesting."""
    state = {"slots": {"product_name": "पीतल का हाथी", "size": None}, "stack": [{"step": 1}], "ok": True}
    with writing(db) as conn:
        add_conversation(conn, state)
    with reading(db) as conn:
        assert conn.execute(select(Conversation.state)).scalar_one() == state


def test_no_verdict_is_null(db: Engine) -> None:
    """None in a JSON column is SQL's NULL, so that `IS NULL` finds it."""
    with writing(db) as conn:
        seller = add_seller(conn)
        first = conn.execute(
            insert(Message).values(message(seller, "SM1")).returning(Message.id)
        ).scalar_one()
        conn.execute(
            insert(Media).values(
                seller_id=seller, message_id=first, position=0, kind="photo", status="waiting", verdict=None,
                created_at=NOON,
            )
        )  # fmt: skip
        assert conn.execute(text("SELECT count(*) FROM media WHERE verdict IS NULL")).scalar_one() == 1


def test_a_providers_id_is_taken_once(db: Engine) -> None:
    """The same provider id on one channel is refused; unsent messages without one are many."""
    with writing(db) as conn:
        seller = add_seller(conn)
        conn.execute(insert(Message), [message(seller, "SM1"), message(seller, None), message(seller, None)])
    with pytest.raises(IntegrityError), writing(db) as conn:
        conn.execute(insert(Message).values(message(seller, "SM1")))


def test_a_row_must_belong_to_someone(db: Engine) -> None:
    """Foreign keys hold on SQLite too."""
    with pytest.raises(IntegrityError), writing(db) as conn:
        conn.execute(insert(Message).values(message(4711, "SM1")))


def test_an_erased_id_is_never_given_again(db: Engine) -> None:
    """A job that names an erased message must not find the next one in its place."""
    with writing(db) as conn:
        first = add_seller(conn, "a")
        conn.execute(Seller.__table__.delete())
    with writing(db) as conn:
        assert add_seller(conn, "b") > first


def test_numbers_have_no_gap(db: Engine) -> None:
    """A rollback gives its number back, and every name counts for itself."""
    with writing(db) as conn:
        assert [next_number(conn, "listing"), next_number(conn, "listing")] == [1, 2]
    with pytest.raises(RuntimeError), writing(db) as conn:
        assert next_number(conn, "listing") == 3
        raise RuntimeError
    with writing(db) as conn:
        assert next_number(conn, "listing") == 3
        assert next_number(conn, "other") == 1


def test_a_failed_transaction_leaves_nothing(db: Engine) -> None:
    """An exception inside `writing` undoes all of it, and the next writer is not kept waiting."""
    with pytest.raises(RuntimeError), writing(db) as conn:
        add_seller(conn)
        raise RuntimeError
    with reading(db) as conn:
        assert conn.execute(select(Seller)).all() == []


def test_the_orm_joins_the_transaction(db: Engine) -> None:
    """A session on the connection of `writing` is committed with it."""
    with writing(db) as conn, Session(conn) as session:
        session.add(Seller(key="a", language="hi", created_at=NOON))
        session.flush()
    with reading(db) as conn, Session(conn) as session:
        assert session.scalars(select(Seller)).one().created_at == NOON


def test_a_reader_sees_one_moment(db: Engine) -> None:
    """What others commit meanwhile does not hold up a reader; on SQLite it does not see it either."""
    with reading(db) as conn:
        before = len(conn.execute(select(Seller)).all())
        with writing(db) as other:
            add_seller(other)
        after = len(conn.execute(select(Seller)).all())
    assert before == 0
    assert after == (0 if db.dialect.name == "sqlite" else 1)


def test_sqlite_is_durable(sqlite_db: Engine) -> None:
    """Every connection has the write-ahead log, a sync at each commit, and foreign keys."""
    with sqlite_db.connect() as conn:
        ask = [conn.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")]
        assert ask == ["wal", 2]
        assert conn.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_memory_is_no_database() -> None:
    """A database that only one connection sees is refused in words."""
    with pytest.raises(ValueError, match="needs a file"):
        connect("sqlite://")


def test_an_error_does_not_tell_what_she_wrote(db: Engine) -> None:
    """Texts and numbers of people stay out of exceptions, and so out of the logs."""
    with pytest.raises(IntegrityError) as caught, writing(db) as conn:
        conn.execute(insert(Message).values(message(4711, "SM1")))
    assert "टुकनी" not in str(caught.value)
    assert "99999" not in str(caught.value)


@pytest.mark.postgres
def test_a_restart_of_postgresql_costs_one_error(postgres_db: Engine) -> None:
    """When the server has dropped all connections, one transaction fails and the next one works."""
    with reading(postgres_db) as one, reading(postgres_db) as two:
        pids = [conn.execute(text("SELECT pg_backend_pid()")).scalar_one() for conn in (one, two)]
    with psycopg.connect(str(postgres_db.url).replace("+psycopg", ""), autocommit=True) as server:
        for pid in pids:
            server.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(OperationalError), writing(postgres_db) as conn:
        add_seller(conn)
    for _ in pids:
        with writing(postgres_db) as conn:
            next_number(conn, "after")


def test_threads_get_the_lock_in_turn() -> None:
    """Who asked first writes first."""
    lock = FairLock()
    order: list[int] = []

    def take(number: int) -> None:
        lock.acquire()
        order.append(number)
        lock.release()

    lock.acquire()
    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for waiting, thread in enumerate(threads, start=1):
        thread.start()
        while len(lock._queue) < waiting:
            time.sleep(0.001)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(8))


WRITER = """
import sys, time, threading
from models import next_number
from models.database import connect, writing
engine, longest = connect(sys.argv[1]), 0.0
def write():
    global longest
    for _ in range(40):
        start = time.perf_counter()
        with writing(engine) as conn:
            next_number(conn, "shared")
        longest = max(longest, time.perf_counter() - start)
threads = [threading.Thread(target=write) for _ in range(8)]
[thread.start() for thread in threads]; [thread.join() for thread in threads]
print(longest)
"""


def test_threads_of_two_processes_share_one_writer(db: Engine) -> None:
    """Two processes with eight threads each write 640 times: none is refused, none is kept for long."""
    command = [sys.executable, "-c", WRITER, db.url.render_as_string(hide_password=False)]
    root = Path(__file__).parent.parent
    both = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    waits = [float(process.communicate(timeout=60)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert max(waits) < 5
    with writing(db) as conn:
        assert next_number(conn, "shared") == 641
