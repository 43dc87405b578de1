"""Alive, ready, and the numbers: for machines, and without a word about a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot import jobs
from bot.settings import Settings
from bot.web import create_app
from models import JobRow
from models.database import connect, writing
from tests.open_rooms import attachment, house, outgoing, seller, settings_for

NOWHERE = "postgresql+psycopg://test@127.0.0.1:1/test"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


def test_alive_without_a_database(settings: Settings) -> None:
    """The process answers, whatever else is broken; it is only not ready."""
    client = create_app(settings, house(settings, connect(NOWHERE))).test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503


def test_ready_with_the_schema_at_head(settings: Settings, tmp_path: Path) -> None:
    """Only a migrated database makes it ready."""
    assert create_app(settings, house(settings)).test_client().get("/readyz").status_code == 200
    empty = house(settings, connect(f"sqlite:///{tmp_path}/empty.db"))
    assert create_app(settings, empty).test_client().get("/readyz").status_code == 503


def test_waiting_work_is_counted(settings: Settings) -> None:
    """Due and dead jobs by kind, and the age of the oldest of each, from the tables."""
    opened = house(settings)
    now = datetime.now(UTC)
    with writing(opened.db) as conn:
        jobs.put(conn, "send_message", {"message_id": 1}, now=now - timedelta(seconds=90))
        jobs.put(conn, "fetch_media", {"media_id": 1}, now=now, run_at=now + timedelta(hours=1))
        jobs.put(conn, "reconcile", {}, now=now)
        conn.execute(update(JobRow).where(JobRow.kind == "reconcile").values(status="dead"))
        jobs.put(conn, "publish_listing", {"event_id": "x"}, now=now)
        conn.execute(update(JobRow).where(JobRow.kind == "publish_listing").values(error="no broker"))
        her = seller(conn)
        outgoing(conn, her, status="failed", error="63016")
        outgoing(conn, her, status="undelivered")
        attachment(conn, her, "https://api.twilio.com/x", status="failed")
    answer = create_app(settings, opened).test_client().get("/metrics")
    lines = answer.text.splitlines()
    assert 'sangwari_jobs_due{kind="send_message"} 1.0' in lines
    assert 'sangwari_jobs_dead{kind="reconcile"} 1.0' in lines
    assert 'sangwari_jobs_failing{kind="publish_listing"} 1.0' in lines
    assert 'sangwari_recent_failures{code="63016",kind="send_message"} 1.0' in lines
    assert 'sangwari_recent_failures{code="undelivered",kind="send_message"} 1.0' in lines
    assert 'sangwari_recent_failures{code="failed",kind="media"} 1.0' in lines
    assert not any(line.startswith("sangwari_jobs_due{") and "fetch_media" in line for line in lines)
    [unsent] = [line for line in lines if line.startswith("sangwari_oldest_unsent_seconds ")]
    assert 90 <= float(unsent.split()[1]) < 120
    assert any(line.startswith("sangwari_turn_seconds_bucket") for line in lines)


def test_the_numbers_name_nobody(settings: Settings) -> None:
    """Labels are channels, kinds and codes."""
    text = create_app(settings, house(settings)).test_client().get("/metrics").text
    assert "+91" not in text and "whatsapp:" not in text


def test_cards_are_for_everybody(settings: Settings) -> None:
    """The provider fetches the pictures of our responses without any key."""
    answer = create_app(settings, house(settings)).test_client().get("/static/cards/photo_card.jpg")
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
