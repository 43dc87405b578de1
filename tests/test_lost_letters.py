"""A letter that nobody sends any more is not waited for: a rep calls her."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from bot import jobs
from bot.tasks import next_step
from bot.tasks.lost_letters import give_up
from bot.web.gauges import Gauges
from models import JobRow, Message, Seller
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio, Trouble
from tests.ladder_house import Ladder


@pytest.fixture
def ladder(tmp_path: Path, db: Engine) -> Iterator[Ladder]:
    with FakeTwilio() as twilio:
        yield Ladder(tmp_path, db, twilio)


def dead(ladder: Ladder) -> int:
    """A letter that the provider could not take, eight times."""
    letter = ladder.letter()
    ladder.twilio.trouble += [Trouble(503)] * 2 * jobs.MAX_ATTEMPTS
    for _ in range(jobs.MAX_ATTEMPTS + 1):
        ladder.work(minutes=11)
    ladder.twilio.trouble.clear()
    assert ladder.row(letter).status == "dead"
    assert [job.kind for job in jobs.dead(ladder.db)] == ["send_message"]
    return letter


def test_a_rep_calls_once_and_an_operator_sees_it(ladder: Ladder) -> None:
    """The round of every fifth minute does it; the job stays for the operator, in the list and the gauge."""
    letter = dead(ladder)
    with writing(ladder.db) as conn:
        jobs.put(conn, "reconcile", {}, now=ladder.now)
    ladder.work()
    assert ladder.tasks() == [
        {"message_id": letter, "code": "given_up", "reason": "tried again and again and given up"}
    ]
    assert give_up(ladder.shop) == 0 and ladder.steps(letter) == []
    with reading(ladder.db) as conn:
        [gauge] = [each for each in Gauges(conn, ladder.now).collect() if each.name == "sangwari_jobs_dead"]
    assert [(each.labels, each.value) for each in gauge.samples] == [({"kind": "send_message"}, 1)]


def test_put_back_by_hand_it_goes(ladder: Ladder) -> None:
    letter = dead(ladder)
    give_up(ladder.shop)
    jobs.retry(ladder.db, [job.id for job in jobs.dead(ladder.db)])
    ladder.work()
    assert ladder.row(letter).status == "sent"


def test_a_next_step_that_died_is_a_reps_too(ladder: Ladder) -> None:
    letter = ladder.letter()
    ladder.twilio.trouble.append(Trouble(400, 63024))
    with writing(ladder.db) as conn:
        next_step.put(conn, letter, ladder.her, "63024", ladder.now)
        named = JobRow.kind == next_step.TASK
        conn.execute(update(JobRow).where(named).values(status="dead", error="x"))
    assert give_up(ladder.shop) == 1
    assert [task["message_id"] for task in ladder.tasks()] == [letter]


def test_nobody_is_called_who_has_stopped_or_gone_on(ladder: Ladder) -> None:
    """After a stop there is no next step, and her own later word is one."""
    letter = dead(ladder)
    ladder.says()
    give_up(ladder.shop)
    assert ladder.tasks() == [] and ladder.row(letter).body["next"]["step"] == "went_on"
    second = ladder.letter("दूसरा")
    with writing(ladder.db) as conn:
        conn.execute(update(JobRow).where(JobRow.status == "ready").values(status="dead"))
        conn.execute(update(Message).where(Message.id == second).values(status="dead"))
        conn.execute(update(Seller).values(stopped_at=ladder.now))
    give_up(ladder.shop)
    assert ladder.tasks() == [] and ladder.row(second).body["next"]["step"] == "stopped"


def test_a_letter_that_cannot_be_said_another_way_holds_up_nobody(ladder: Ladder) -> None:
    """What its own next step died of must not end the round that also fetches lost messages."""
    letter = ladder.letter()
    with writing(ladder.db) as conn:
        body = {"utter": "utter_ask_price", "text": "दाम?", "class": "reminder"}
        conn.execute(update(Message).where(Message.id == letter).values(body=body))
        next_step.put(conn, letter, ladder.her, "63024", ladder.now)
        conn.execute(update(JobRow).values(status="dead"))
    assert give_up(ladder.shop) == 1
    assert [task["message_id"] for task in ladder.tasks()] == [letter]
