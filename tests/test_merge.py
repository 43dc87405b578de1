"""Two sellers who are one person become one: nothing lost, nothing doubled, nothing sent after a stop."""

from __future__ import annotations

import argparse
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from bot import jobs, person_commands
from bot import receive as door
from bot.messages import Json
from bot.people.erase import erase
from bot.people.merge import NotNow, merge
from models import (
    Address,
    Audit,
    Base,
    Consent,
    Conversation,
    FigureTalk,
    JobRow,
    JoinCode,
    Listing,
    Media,
    Message,
    PhoneShare,
    PhotoOffer,
    Rep,
    RepTask,
    Seller,
    SellerWord,
)
from models.database import reading, writing
from tests.conftest import Clock
from tests.open_rooms import attachment, outgoing
from tests.town import TALK, Town, address, hear_all

KEPT, GONE = 81, 82
PRICE = "1500"


@pytest.fixture
def town(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    made = Town(tmp_path, db, clock)
    with writing(db) as conn:
        rep = {"phone": "+919999900001", "name": "रमा", "role": "rep", "districts": ["bastar"]}
        conn.execute(insert(Rep).values(**rep, created_at=clock.now))
    return made


def id_of(town: Town, number: int) -> int:
    with reading(town.db) as conn:
        found = conn.scalar(select(Address.seller_id).where(Address.address == address(number)))
    assert found
    return int(found)


def said(town: Town, number: int, *texts: str) -> int:
    """She says so, a minute apart; her id."""
    for text in texts:
        town.say(number, text)
        town.wait(minutes=1)
    return id_of(town, number)


def one(town: Town, keep: int, gone: int, by: str = "rep:1") -> Json | None:
    with writing(town.db) as conn:
        return merge(conn, keep, gone, by, town.clock.now)


def rows_of(town: Town, table: Any, *sellers: int) -> Sequence[Any]:
    with reading(town.db) as conn:
        return conn.execute(select(table.__table__).where(table.seller_id.in_(sellers))).all()


def seller_columns() -> list[Any]:
    """Every column that names a seller, by its foreign key or by its name."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "seller" for key in column.foreign_keys)
        or column.name in ("seller_id", "sender_id")
    ]


def filled(town: Town) -> tuple[int, int]:
    """Two sellers with rows in all tables that name a seller; a listing and half of the next one each."""
    for number in (KEPT, GONE):
        hear_all(town, number, apart_s=30)
    keep, gone = id_of(town, KEPT), id_of(town, GONE)
    with writing(town.db) as conn:
        for mine in (keep, gone):
            now = town.clock.now
            attachment(conn, mine, "https://x.example/1", status="ready", delivered_at=now)
            offer = {"id": f"{mine:032}", "photos": [], "status": "open", "created_at": now}
            conn.execute(insert(PhotoOffer).values(sender_id=mine, **offer))
            task = {"kind": "call", "detail": {}, "created_at": now}
            conn.execute(insert(RepTask).values(seller_id=mine, **task))
            conn.execute(insert(FigureTalk).values(seller_id=mine, talk={}))
            conn.execute(insert(JoinCode).values(code_hash=f"{mine:064}", seller_id=mine, expires_at=now))
            hers = conn.scalar(select(Address.id).where(Address.seller_id == mine))
            conn.execute(insert(PhoneShare).values(address_id=hers, seller_id=mine))
    return keep, gone


def test_no_row_of_the_gone_one_is_left_and_the_counts_add_up(town: Town) -> None:
    """A new table with a column for a seller must be moved too; the audit alone keeps what it says."""
    keep, gone = filled(town)
    with reading(town.db) as conn:
        before = {
            column: conn.scalar(select(func.count()).where(column.in_((keep, gone))))
            for column in seller_columns()
        }
        assert all(before.values()) or [str(each) for each in before if not before[each]] == [
            "audit.seller_id"
        ]
    assert one(town, keep, gone) == {"second_draft": False, "stopped": False}
    once = {"join_code", "conversation", "seller_card", "figure_talk", "seller_word", "audit"}
    with reading(town.db) as conn:
        for column, count in before.items():
            assert not conn.scalar(select(func.count()).where(column == gone)), column
            if column.table.name not in once:
                assert conn.scalar(select(func.count()).where(column == keep)) == count, column
        assert conn.scalar(select(func.count()).select_from(Seller)) == 1
        assert conn.scalar(select(func.count()).where(SellerWord.seller_id == keep)) == 2
        [deed] = conn.execute(select(Audit.__table__)).all()
    assert (deed.what, deed.seller_id, deed.about, deed.rep_id) == (
        "sellers_merged",
        keep,
        f"seller:{gone}",
        1,
    )
    assert town.listings(KEPT) == town.listings(GONE) == 2


def test_done_twice_it_changes_nothing(town: Town) -> None:
    """There is nobody left to merge."""
    keep, gone = filled(town)
    one(town, keep, gone)
    assert one(town, keep, gone) is None
    assert one(town, keep, 999_999) is None


def test_the_only_draft_goes_on_whosever_it_was(town: Town) -> None:
    """Told on the gone one's phone, it is finished on the kept one's, with the name she gave there."""
    keep = said(town, KEPT, *TALK)
    gone = said(town, GONE, *TALK[:4], "बाँस की टोकरी, पाँच सौ रुपया, तीन नग")
    asks = town.state(GONE)["asks"]
    one(town, keep, gone)
    state = town.state(KEPT)
    assert state["asks"] == asks
    assert state["slots"]["price"] == "500"
    assert state["slots"]["seller_name"] == town.state(GONE)["slots"]["seller_name"]
    assert state["slots"]["village"]
    said(town, KEPT, "हाँ")
    assert town.state(GONE)["asks"] != asks
    assert town.tasks(KEPT) == []


def test_of_two_drafts_the_kept_ones_goes_on_and_a_rep_has_the_other(town: Town) -> None:
    """Whole, with who said it and the photos on their way; she hears it in one line without a price."""
    keep = said(town, KEPT, *TALK[:5])
    gone = said(town, GONE, *TALK[:4], "बाँस की टोकरी, पाँच सौ रुपया, तीन नग")
    with writing(town.db) as conn:
        late = attachment(conn, gone, "https://x.example/1", status="stored", created_at=town.clock.now)
    before = town.state(KEPT)
    assert one(town, keep, gone) == {"second_draft": True, "stopped": False}
    after = town.state(KEPT)
    assert {slot: after["slots"][slot] for slot in before["slots"]} == before["slots"]
    [task] = [row for row in rows_of(town, RepTask, keep) if row.kind == "second_draft"]
    assert (task.detail["slots"]["price"], task.detail["media"]) == ("500", [late])
    assert task.detail["provenance"]["price"]["message_id"]
    town.wait(minutes=2)
    told = [row for row in rows_of(town, Message, keep) if row.body.get("utter") == "utter_joined_two_drafts"]
    assert len(told) == 1
    assert "500" not in told[0].body["text"]
    with reading(town.db) as conn:
        assert conn.scalar(select(Media.delivered_at).where(Media.id == late))


def test_letters_that_wait_go_once_and_in_order(town: Town) -> None:
    """Each to the phone it was written for, behind the kept one's of before."""
    keep, gone = said(town, KEPT, "नमस्ते"), said(town, GONE, "नमस्ते")
    written = []
    with writing(town.db) as conn:
        for at, mine in enumerate((gone, keep, gone, keep)):
            number = KEPT if mine == keep else GONE
            letter = outgoing(conn, mine, str(at), address=address(number))
            written.append(letter)
            jobs.put(conn, "send_message", {"message_id": letter}, now=town.clock.now, key=f"seller:{mine}")
    one(town, keep, gone)
    with reading(town.db) as conn:
        waiting = conn.execute(
            select(JobRow.key, JobRow.payload).where(JobRow.kind == "send_message").order_by(JobRow.id)
        ).all()
    assert [row.payload["message_id"] for row in waiting] == written
    assert {row.key for row in waiting} == {f"seller:{keep}"}
    town.wait(minutes=1)
    with reading(town.db) as conn:
        rows = conn.execute(
            select(Message.status, Message.address, Message.seller_id)
            .where(Message.id.in_(written))
            .order_by(Message.sent_at, Message.id)
        ).all()
    assert [row.status for row in rows] == ["sent"] * 4
    assert [row.address for row in rows] == [address(each) for each in (GONE, KEPT, GONE, KEPT)]
    assert {row.seller_id for row in rows} == {keep}


def test_work_that_both_have_waiting_is_done_once(town: Town) -> None:
    """No job names the gone one, none is lost, and the earlier moment counts."""
    keep, gone = said(town, KEPT, *TALK[:5]), said(town, GONE, *TALK[:5])
    with writing(town.db) as conn:
        payload = {"seller_id": gone, "name": f"ring:{gone}"}
        key, unique = f"seller:{gone}", f"ring:{gone}"
        jobs.put(conn, "ring_back", payload, now=town.clock.now, key=key, unique_key=unique)
    with reading(town.db) as conn:
        before = conn.execute(select(JobRow.__table__)).all()
    one(town, keep, gone)
    with reading(town.db) as conn:
        after = conn.execute(select(JobRow.__table__).where(JobRow.kind != "tell_joined")).all()
    assert all(row.payload.get("seller_id") != gone and row.key != f"seller:{gone}" for row in after)
    assert not [row.unique_key for row in after if (row.unique_key or "").endswith(f":{gone}")]
    nudges = [row.run_at for row in before if row.kind == "nudge"]
    assert [row.run_at for row in after if row.kind == "nudge"] == [min(nudges)]
    kinds = Counter(row.kind for row in before)
    assert Counter(row.kind for row in after) == kinds - Counter({"nudge": 1})
    [ring] = [row for row in after if row.kind == "ring_back"]
    assert (ring.key, ring.unique_key) == (f"seller:{keep}", f"ring:{keep}")
    assert ring.payload == {"seller_id": keep, "name": f"ring:{keep}"}


def test_a_job_that_runs_meanwhile_runs_again_for_the_kept_one(town: Town) -> None:
    """It looked at the gone seller, whose rows are elsewhere by then."""
    keep, gone = said(town, KEPT, *TALK), said(town, GONE, *TALK)
    now = town.clock.now
    with writing(town.db) as conn:
        jobs.put(conn, "take_up", {"seller_id": gone}, now=now, unique_key=f"take_up:{gone}")
    [running] = jobs.claim(town.db, now, kinds=["take_up"])
    one(town, keep, gone)
    with writing(town.db) as conn:
        jobs.finish(conn, running)
    [again] = jobs.claim(town.db, now, kinds=["take_up"])
    assert again.payload == {"seller_id": keep}


@pytest.mark.parametrize("stopped", [KEPT, GONE])
def test_a_stop_of_either_binds_both(town: Town, stopped: int) -> None:
    """Nothing goes out any more, whatever waits; a start word on one phone lifts it for both."""
    keep, gone = said(town, KEPT, *TALK[:5]), said(town, GONE, *TALK[:5])
    said(town, stopped, "बंद करो")
    with writing(town.db) as conn:
        other = keep if stopped == GONE else gone
        number = KEPT if stopped == GONE else GONE
        letter = outgoing(conn, other, address=address(number))
        jobs.put(conn, "send_message", {"message_id": letter}, now=town.clock.now, key=f"seller:{other}")
    sent = len(town.said(KEPT) + town.said(GONE))
    assert one(town, keep, gone) == {"second_draft": True, "stopped": True}
    town.wait(days=5)
    said(town, KEPT, "नमस्ते")
    said(town, GONE, "नमस्ते")
    assert len(town.said(KEPT) + town.said(GONE)) == sent
    with reading(town.db) as conn:
        assert conn.scalar(select(Message.status).where(Message.id == letter)) == "cancelled"
        assert all(conn.scalars(select(Address.stopped_at)))
    said(town, KEPT, "शुरू")
    assert len(town.said(KEPT)) > 0
    with reading(town.db) as conn:
        assert not any(conn.scalars(select(Address.stopped_at)))


def test_the_newest_answer_to_the_notice_counts(town: Town) -> None:
    """A no after a yes is a no; it deletes nothing of hers, and she is asked again."""
    keep, gone = said(town, KEPT, *TALK), said(town, GONE, *TALK)
    with writing(town.db) as conn:
        given = update(Consent).where(Consent.seller_id == gone)
        conn.execute(given.values(withdrawn_at=town.clock.now))
    one(town, keep, gone)
    slots = town.state(KEPT)["slots"]
    assert "consent" not in slots
    assert slots["consent_version"]
    said(town, KEPT, "नमस्ते", "हिंदी")
    assert town.state(KEPT)["asks"] == "consent"
    said(town, KEPT, "नहीं")
    town.wait(days=1)
    assert town.listings(KEPT) == 2
    assert len(rows_of(town, Consent, keep)) == 3


def test_a_yes_after_a_no_is_a_yes(town: Town) -> None:
    """The other way round."""
    keep, gone = said(town, KEPT, *TALK), said(town, GONE, *TALK)
    with writing(town.db) as conn:
        earlier = town.clock.now - timedelta(days=9)
        conn.execute(update(Consent).where(Consent.seller_id == keep).values(at=earlier, given=False))
    one(town, keep, gone)
    assert town.state(KEPT)["slots"]["consent"] is True


@pytest.mark.parametrize("writes", [KEPT, GONE])
def test_a_turn_thought_out_meanwhile_is_thought_anew(
    town: Town, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """Her answer is not lost, and not written to a talk that is no more."""
    keep = said(town, KEPT, *TALK[:4])
    gone = said(town, GONE, "नमस्ते")
    write, tries = door._write, []

    def merged_first(*given: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            one(town, keep, gone)
        return write(*given)

    with monkeypatch.context() as patched:
        patched.setattr(door, "_write", merged_first)
        received = town.say(writes, "पीतल का हाथी, आठ इंच, पंद्रह सौ रुपया, पाँच नग")
    assert (received.seller_id, len(tries)) == (keep, 2)
    assert town.state(KEPT)["slots"]["price"] == PRICE


def test_while_one_is_being_erased_they_are_not_merged(town: Town) -> None:
    """What deletes by her id would take the other's with it."""
    keep, gone = said(town, KEPT, *TALK), said(town, GONE, *TALK)
    with writing(town.db) as conn:
        jobs.put(conn, "erase_person", {"seller_id": gone}, now=town.clock.now)
    with pytest.raises(NotNow):
        one(town, keep, gone)
    assert town.listings(GONE) == 1


def test_who_is_erased_later_goes_with_all_she_was(town: Town) -> None:
    """Also what the audit keeps under the number of the gone one."""
    keep, gone = said(town, KEPT, *TALK), said(town, GONE, *TALK)
    with writing(town.db) as conn:
        deed = {"at": town.clock.now, "what": "correction", "seller_id": gone}
        conn.execute(insert(Audit).values(**deed, after={"slot": "सुकमती"}))
    one(town, keep, gone)
    with writing(town.db) as conn:
        assert erase(conn, keep, "operator", town.clock.now, secret_key="s", publish=False)
    with reading(town.db) as conn:
        assert "सुकमती" not in str(conn.execute(select(Audit.after)).all())
        assert conn.scalar(select(func.count()).select_from(Conversation)) == 0
        assert conn.scalar(select(func.count()).where(Listing.status == "live")) == 0


@pytest.mark.parametrize("typed", ["merge", "yes", ""])
def test_the_command_merges_only_after_the_typed_word(
    town: Town, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stays, by number or key; only a rep that there is may be named."""
    keep, gone = said(town, KEPT, *TALK), said(town, GONE, *TALK)
    settings = replace(town.shop.settings, database_url=town.db.url.render_as_string(hide_password=False))
    given = argparse.ArgumentParser()
    person_commands.arguments(given)
    numbers = [address(number).removeprefix("whatsapp:+91") for number in (KEPT, GONE)]

    def run(*words: str) -> Json:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        return person_commands.run(settings, given.parse_args(["merge", *words]))

    for wrong in ([*numbers, "--by", "rep:9", "--yes"], [*numbers, "--by", "me", "--yes"], [numbers[0]] * 2):
        with pytest.raises(person_commands.Refused):
            run(*wrong)
    if typed != "merge":
        with pytest.raises(person_commands.Refused):
            run(*numbers)
        assert id_of(town, GONE) == gone
        return
    assert run(*numbers, "--by", "rep:1") == {"merged": True, "second_draft": False, "stopped": False}
    assert id_of(town, GONE) == keep


@pytest.mark.parametrize("unreached", [0, 1])
def test_her_next_word_still_closes_the_task_to_call_her(town: Town, unreached: int) -> None:
    """Whichever of the two talks knew of it: a rep was to call her, and she is heard."""
    for number in (KEPT, GONE):
        hear_all(town, number, apart_s=30)
    ids = id_of(town, KEPT), id_of(town, GONE)
    with writing(town.db) as conn:
        state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == ids[unreached])) or {}
        flagged = update(Conversation).where(Conversation.seller_id == ids[unreached])
        conn.execute(flagged.values(state=state | {"unreached": True}, revision=Conversation.revision + 1))
        task = {"seller_id": ids[unreached], "kind": "unreached", "detail": {}, "created_at": town.clock.now}
        conn.execute(insert(RepTask).values(**task))
        assert merge(conn, *ids, "x", town.clock.now)
    town.say(KEPT, "नमस्ते")
    with reading(town.db) as conn:
        assert conn.scalar(select(RepTask.done_at).where(RepTask.kind == "unreached"))
