"""Begin flows for people who wait for it: a few at a time, at the set rate, and never before replies.

While letters wait to leave nobody new is begun: an opening may come later, an answer may not.
"""

from __future__ import annotations

from datetime import timedelta

from bot import jobs
from bot.receive import receive
from bot.starts import turn
from bot.starts.preferred import Place, instead_of
from bot.starts.request import TASK
from bot.tasks.workshop import Workshop
from models.database import reading, writing

MOST_AT_ONCE = 5
WAIT_S = 1.0


def run(shop: Workshop, job: jobs.Job) -> None:
    """Begin up to MOST_AT_ONCE and come again when the rate allows; ends when nobody is left."""
    now = shop.clock()
    rate = shop.settings.start_rate
    most = max(1, min(MOST_AT_ONCE, int(rate / 60)))
    with reading(shop.db) as conn:
        busy = jobs.due(conn, "send_message", now) >= MOST_AT_ONCE
        start = None if busy else turn.current(conn)
        rows = turn.next_people(conn, start, most) if start else []
    for row in rows:
        assert start is not None
        with reading(shop.db) as conn:
            wanted = turn.still_wanted(conn, start.flow, row)
            place = instead_of(conn, Place(row.channel, row.address))
        if wanted:
            receive(shop.db, shop.talk, turn.inbound(row, place, now), now)
    pause = WAIT_S if busy else len(rows) * 60 / rate
    with writing(shop.db) as conn:
        if start:
            turn.reached(conn, start.id, rows, now)
        jobs.finish(conn, job)
        if busy or start:
            jobs.put(conn, TASK, {}, now=now, run_at=now + timedelta(seconds=pause), unique_key=TASK)
