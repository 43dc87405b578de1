"""A photo or note that no job works on any more holds up nobody: she is asked anew, and a rep looks at it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select

from bot.tasks.lost_media import give_up
from bot.tasks.workshop import Workshop
from models import JobRow, RepTask
from models.database import reading, writing
from tests.open_rooms import NOW, attachment, job_kinds, media_row, seller, settings_for, workshop


@pytest.fixture
def shop(tmp_path: Path, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path), db)


def job(shop: Workshop, kind: str, media_id: int, status: str) -> None:
    row = {"lane": "", "kind": kind, "payload": {"media_id": media_id}, "status": status}
    row |= {"run_at": NOW, "created_at": NOW, "attempts": 8, "puts": 1}
    with writing(shop.db) as conn:
        conn.execute(insert(JobRow).values(**row))


@pytest.mark.parametrize(
    ("kind", "job_kind", "status"),
    [
        ("photo", "fetch_media", "waiting"),
        ("photo", "check_photo", "stored"),
        ("voice", "transcribe", "stored"),
    ],
)
def test_what_a_dead_job_left_is_told(shop: Workshop, kind: str, job_kind: str, status: str) -> None:
    """It fails once, is settled like any failure, and a rep gets one task; what is alive is left alone."""
    with writing(shop.db) as conn:
        hers = seller(conn)
        lost, alive = (attachment(conn, hers, "", kind, status=status) for _ in range(2))
    job(shop, job_kind, lost, "dead")
    job(shop, job_kind, alive, "ready")
    assert [give_up(shop), give_up(shop)] == [1, 0]
    assert [media_row(shop.db, each).status for each in (lost, alive)] == ["failed", status]
    assert "settle_album" in job_kinds(shop.db)
    with reading(shop.db) as conn:
        assert conn.execute(select(RepTask.kind, RepTask.detail)).all() == [
            ("media_lost", {"media_id": lost})
        ]


def test_a_dead_job_of_something_that_ended_well_changes_nothing(shop: Workshop) -> None:
    """A photo that was judged by another attempt stays what it is."""
    with writing(shop.db) as conn:
        media_id = attachment(conn, seller(conn), "", status="ready")
    job(shop, "check_photo", media_id, "dead")
    assert give_up(shop) == 0
    assert media_row(shop.db, media_id).status == "ready"
