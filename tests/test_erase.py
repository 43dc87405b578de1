"""Who wants it is erased: rows, bytes, jobs; what stays tells nothing of her, and others lose nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, update

from bot import forgotten, jobs
from bot.channels import SilentChannel
from bot.handoff.schema import problems
from bot.messages import Inbound
from bot.people import erase
from bot.people.export import export, write_media
from bot.receive import receive
from bot.settings import ROOT
from bot.worker import Worker
from models import (
    Address,
    Audit,
    Consent,
    Conversation,
    Forgotten,
    JobRow,
    Listing,
    ListingEvent,
    Media,
    Message,
    Rendition,
    RepTask,
    SellerCard,
    SmsPart,
    Start,
    StartRow,
    Transcription,
)
from models.database import reading, writing
from tests.conftest import Clock
from tests.test_forget_refused import everything
from tests.town import FLOODER, SELLER, TALK, Town, address

SECRETS = ("सुकमती", "बाजावंड", address(FLOODER), address(FLOODER)[-10:], "पंद्रह सौ")


def listed(tmp_path: Path, db: Engine, clock: Clock) -> tuple[Town, int]:
    """A town where she and a neighbour have each listed a product; her id."""
    town = Town(tmp_path, db, clock)
    for number in (FLOODER, SELLER):
        for text in TALK:
            town.say(
                number,
                text if number == FLOODER else text.replace("सुकमती, गाँव बाजावंड", "फूलमती, गाँव नारायणपाल"),
            )
            town.wait(seconds=20)
    with reading(db) as conn:
        hers = conn.scalar(select(Address.seller_id).where(Address.address == address(FLOODER)))
    assert hers is not None and town.listings(FLOODER) == 1
    return town, hers


def with_all_that_can_be_kept(town: Town, hers: int) -> dict[str, str]:
    """Photos alone and shared with a neighbour, a note at the desk, a start, an SMS, an audit row."""
    names = {name: town.shop.store.put(name.encode()) for name in ("own", "shared", "note", "shop")}
    now = town.clock()
    with writing(town.db) as conn:
        other = conn.scalar(select(Address.seller_id).where(Address.address == address(SELLER)))
        messages = {
            who: conn.scalar(select(func.min(Message.id)).where(Message.seller_id == who))
            for who in (hers, other)
        }
        for at, (who, name, kind) in enumerate(
            (
                (hers, "own", "photo"),
                (hers, "shared", "photo"),
                (other, "shared", "photo"),
                (hers, "note", "voice"),
            )
        ):
            row = {
                "seller_id": who,
                "message_id": messages[who],
                "position": at,
                "kind": kind,
                "status": "ready",
            }
            made = insert(Media).values(**row, sha256=names[name], created_at=now).returning(Media.id)
            media_id = conn.execute(made).scalar_one()
        _more(conn, town, hers, media_id, names)
    return names


def _more(conn: Connection, town: Town, hers: int, media_id: int, names: dict[str, str]) -> None:
    """What hangs on them, and on her number."""
    now, her_phone = town.clock(), address(FLOODER).removeprefix("whatsapp:")
    desk = {"media_id": media_id, "language": "hi", "status": "waiting", "created_at": now}
    conn.execute(insert(Transcription), desk)
    copy = {"source": names["own"], "kind": "shop", "sha256": names["shop"], "created_at": now}
    conn.execute(insert(Rendition), copy)
    jobs.put(conn, "transcribe", {"media_id": media_id}, now=now)
    part = {
        "gateway": "generic",
        "address": her_phone,
        "ref": "1",
        "number": 1,
        "total": 2,
        "text": "सुकमती",
    }
    conn.execute(insert(SmsPart), part | {"provider_id": "p1", "received_at": now})
    start = {
        "key": "k",
        "digest": "d",
        "flow": "list_product",
        "by": "rep:1",
        "people": 1,
        "created_at": now,
    }
    start_id = conn.execute(insert(Start).values(**start, done_at=now).returning(Start.id)).scalar_one()
    row = {"start_id": start_id, "line": 1, "channel": "whatsapp", "address": address(FLOODER)}
    conn.execute(insert(StartRow), row | {"facts": {"seller_name": "सुकमती"}, "result": "started"})
    conn.execute(
        insert(Audit), {"at": now, "what": "looked", "seller_id": hers, "after": {"village": "बाजावंड"}}
    )


def erased(town: Town, hers: int) -> None:
    with writing(town.db) as conn:
        erase.ask(conn, hers, town.clock(), last_word=False)
    town.wait(minutes=1)


def assert_gone(town: Town, hers: int) -> None:
    with reading(town.db) as conn:
        for table in (Address, Conversation, Media, RepTask, SellerCard):
            rows = select(func.count()).select_from(table).where(table.seller_id == hers)
            assert conn.scalar(rows) == 0, table
        assert conn.scalar(select(func.count()).where(JobRow.kind.in_((erase.TASK, erase.BYTES)))) == 0
        kept = conn.scalars(select(Message.body).where(Message.seller_id == hers)).all()
        assert all(body == {} for body in kept)
    left = everything(town.db)
    assert not [secret for secret in SECRETS[:4] if secret in left]


def test_nothing_of_her_is_left_and_others_lose_nothing(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, hers = listed(tmp_path, db, clock)
    names = with_all_that_can_be_kept(town, hers)
    erased(town, hers)
    erased(town, hers)
    assert_gone(town, hers)
    assert [town.shop.store.exists(names[name]) for name in ("own", "note", "shop", "shared")] == [
        False,
        False,
        False,
        True,
    ]
    with reading(db) as conn:
        consent = conn.execute(select(Consent.__table__).where(Consent.seller_id == hers)).one()
        assert (consent.given, consent.message_id, consent.channel) == (True, "", "")
        assert consent.withdrawn_at is not None
        assert conn.execute(select(Audit.seller_id, Audit.what, Audit.after)).one() == (hers, "looked", None)
        assert conn.execute(select(StartRow.address, StartRow.facts)).one() == (None, None)
    assert town.listings(SELLER) == 1


def test_her_listings_are_withdrawn_and_name_nobody(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, hers = listed(tmp_path, db, clock)
    erased(town, hers)
    with reading(db) as conn:
        row = conn.execute(select(Listing.__table__).where(Listing.seller_id == hers)).one()
        events = select(ListingEvent.__table__).where(ListingEvent.listing_id == row.id)
        versions = conn.execute(events.order_by(ListingEvent.version)).all()
    assert (row.status, row.message["event"]) == ("withdrawn", "listing.withdrawn")
    assert [event.event for event in versions] == ["listing.completed", "listing.withdrawn"]
    assert versions[-1].body == row.message and row.version == 2
    for event in versions:
        assert problems(event.body) == []
        assert not any(secret in str(event.body) for secret in SECRETS)


def test_a_stop_outlives_her_and_no_start_writes_to_her(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, hers = listed(tmp_path, db, clock)
    town.say(FLOODER, "STOP")
    town.wait(minutes=1)
    erased(town, hers)
    start = Inbound("whatsapp", address(FLOODER), "start:1:1", "start", clock.now)
    assert receive(db, town.shop.talk, start, clock.now).seller_id is None
    news = Inbound("whatsapp", address(FLOODER), "album:1", "media_ready", clock.now)
    assert receive(db, town.shop.talk, news, clock.now).seller_id is None
    town.say(FLOODER, "नमस्ते")
    town.wait(minutes=1)
    assert town.said(FLOODER) == []
    town.say(FLOODER, "START")
    town.wait(minutes=1)
    assert town.said(FLOODER)
    with reading(db) as conn:
        marks = conn.execute(select(Forgotten.__table__)).all()
    assert len(marks) == 1 and address(FLOODER)[-10:] not in str(marks)


def test_who_never_said_stop_begins_afresh_when_she_writes(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, hers = listed(tmp_path, db, clock)
    erased(town, hers)
    start = Inbound("whatsapp", address(FLOODER), "start:1:1", "start", clock.now)
    assert receive(db, town.shop.talk, start, clock.now).seller_id is None
    received = town.say(FLOODER, "नमस्ते")
    assert received.seller_id not in (None, hers)
    assert town.said(FLOODER)[-1] == "utter_ask_language"


def test_what_the_provider_repeats_begins_no_talk(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, hers = listed(tmp_path, db, clock)
    again = Inbound("whatsapp", address(FLOODER), "SM" + uuid4().hex, "text", clock.now, "नमस्ते")
    receive(db, town.shop.talk, again, clock.now)
    erased(town, hers)
    assert receive(db, town.shop.talk, again, clock.now).repeat
    assert_gone(town, hers)


def test_in_the_chat_a_clear_yes_erases_after_one_last_message(
    tmp_path: Path, db: Engine, clock: Clock
) -> None:
    town, hers = listed(tmp_path, db, clock)
    sent: list[str] = []
    silent = town.shop.channels["whatsapp"]

    class Remembering(SilentChannel):
        def send(self, out: Any, *more: Any, **named: Any) -> Any:
            sent.append(out.utter)
            return silent.send(out, *more, **named)

    town.shop.channels["whatsapp"] = Remembering("whatsapp", town.shop.settings)
    town.say(FLOODER, "मेरा सब मिटा दो")
    town.say(FLOODER, "ठीक है ना")
    town.wait(seconds=30)
    assert town.listings(FLOODER) == 1
    town.say(FLOODER, "हाँ, सब मिटाइए")
    town.wait(minutes=1)
    assert_gone(town, hers)
    assert sent[-1] == "utter_erased" and sent.count("utter_erased") == 1


@pytest.mark.parametrize("dies_at", ["_drop_media", "_drop_messages", "_keep_bare", "bytes"])
def test_killed_in_the_middle_it_ends_complete(
    dies_at: str, tmp_path: Path, db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is gone where it stood: its transaction never ends, and another takes the job."""
    town, hers = listed(tmp_path, db, clock)
    names = with_all_that_can_be_kept(town, hers)

    class Killed(BaseException):
        pass

    def die(*_given: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        if dies_at == "bytes":
            patched.setattr(type(town.shop.store), "delete", die)
        else:
            patched.setattr(erase, dies_at, die)
        with pytest.raises(Killed):
            erased(town, hers)
    town.clock.advance(15)
    Worker(town.shop, "another").drain()
    town.wait(minutes=1)
    assert_gone(town, hers)
    assert not town.shop.store.exists(names["own"]) and town.shop.store.exists(names["shared"])


def test_all_that_is_kept_is_exported(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, hers = listed(tmp_path, db, clock)
    names = with_all_that_can_be_kept(town, hers)
    with reading(db) as conn:
        found = export(conn, hers)
    for secret in SECRETS:
        assert secret in str(found)
    assert "फूलमती" not in str(found)
    assert {row["sha256"] for row in found["media"]} == {names[name] for name in ("own", "shared", "note")}
    assert write_media(found, town.shop.store, tmp_path / "out") == []
    assert (tmp_path / "out" / f"{names['own']}.jpg").read_bytes() == b"own"


def test_a_number_has_one_mark_and_another_secret_another(db: Engine) -> None:
    now = datetime.now(UTC)
    with writing(db) as conn:
        forgotten.remember(conn, "s" * 32, [(address(FLOODER), now), (None, None)], now)
        found = forgotten.found(conn, "s" * 32, [address(FLOODER).removeprefix("whatsapp:")])
        assert found is not None and found.stopped_at is not None
        assert forgotten.found(conn, "t" * 32, [address(FLOODER)]) is None
        conn.execute(update(Forgotten).values(stopped_at=None))


def test_from_the_command_line(tmp_path: Path, sqlite_db: Engine, clock: Clock) -> None:
    """Export prints one document; erase asks for the number again, and does all of it by itself."""
    town, hers = listed(tmp_path, sqlite_db, clock)
    names = with_all_that_can_be_kept(town, hers)
    where = {"DATABASE_URL": f"sqlite:///{tmp_path}/test.db", "MEDIA_URL": f"file://{tmp_path}/media"}
    phone = address(FLOODER).removeprefix("whatsapp:")

    def app(*words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "app.py"), "person", *words]
        given = {"input": typed, "env": {**os.environ, **where, "SECRET_KEY": "s" * 32}}
        return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, **given)

    exported = json.loads(app("export", phone, "--media", str(tmp_path / "out")).stdout)
    assert exported["seller"]["id"] == hers and len(list((tmp_path / "out").iterdir())) == 3
    refused = app("erase", phone, typed="no\n")
    assert refused.returncode == 1 and town.listings(FLOODER) == 1
    assert json.loads(app("erase", exported["seller"]["key"], "--yes").stdout) == {"erased": hers}
    assert_gone(town, hers)
    assert not town.shop.store.exists(names["own"])
    assert app("export", phone).returncode == 1
