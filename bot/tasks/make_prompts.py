"""Make the sounds of one bubble of a call, before the call asks for them."""

from __future__ import annotations

from typing import Any

import structlog
from sqlalchemy import Connection, select, update

from bot import jobs, metrics
from bot.channels.calls import spoken_pages
from bot.messages import Json
from bot.speech.prompts import Part, Unspeakable
from bot.speech.telephone import telephone
from bot.tasks.workshop import Workshop
from models import Message
from models.database import reading, writing

log = structlog.get_logger(__name__)
_message = Message.__table__


def run(shop: Workshop, job: jobs.Job) -> None:
    """Keep in `sounds`, page by page, the name of each sound; None for one that nobody can speak."""
    message_id = job.payload["message_id"]
    with reading(shop.db) as conn:
        body = _body(conn, message_id)
    sounds = [_sound(shop, parts, body["language"]) for parts in spoken_pages(body)] if body else []
    with writing(shop.db) as conn:
        # Her words may have been erased meanwhile: then nothing of them comes back.
        if body and _body(conn, message_id) == body:
            spoken = update(_message).where(_message.c.id == message_id)
            conn.execute(spoken.values(body=body | {"sounds": sounds}))
        jobs.finish(conn, job)


def _sound(shop: Workshop, parts: list[Json], language: str) -> str | None:
    """Whatever goes wrong with the voice, the provider's own voice still has the words."""
    try:
        said = [Part(part["utter"], part["variation"], part["text"]) for part in parts]
        return telephone(shop.db, shop.store, shop.settings, said, language, shop.clock())
    except Unspeakable as error:
        reason = error.code
    except Exception as error:
        reason = type(error).__name__
        metrics.FAILURES.labels("make_prompts", reason).inc()
    log.warning("prompt_left_out", reason=reason)
    return None


def _body(conn: Connection, message_id: int) -> dict[str, Any] | None:
    """None when nothing of it is to be spoken (any more)."""
    body: dict[str, Any] | None = conn.scalar(select(_message.c.body).where(_message.c.id == message_id))
    return body if body and body.get("speak") else None
