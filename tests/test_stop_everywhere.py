"""After a stop nothing goes out, whatever job was waiting; and every word for it in the data is heard."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from bot import jobs
from bot.channels import SilentChannel
from bot.engine.documents import read_yaml
from bot.language.understand import understand
from bot.messages import Inbound, Json
from bot.receive import receive
from bot.settings import ROOT
from bot.tasks import KINDS
from models import Listing, Media, Message, PhotoOffer, Start, StartRow
from models.database import reading, writing
from tests.conftest import Clock
from tests.open_rooms import loaded_talk
from tests.town import FLOODER, TALK, Town, address

SPOKEN = ("hi", "hne", "hi-Latn")
OF_NOBODY = {"reconcile", "sweep_media", "find_words", "join_sms", "delete_media", "publish_listing"}
OF_NOBODY |= {"count_figures", "reshape_photo", "draw_sheet"}
"""Kinds that are about no seller: they have nobody to write to."""
OF_THE_ERASED = {"erase_person", "erase_bytes"}
"""They end what they are about; tests/test_erase.py looks at them."""


class Post(SilentChannel):
    """Keeps what was really given to the carrier."""

    sent: list[str]

    def send(self, out: Any, *more: Any, **named: Any) -> Any:
        self.sent.append(out.utter)
        return super().send(out, *more, **named)


def stopped_with_all_that_waits(tmp_path: Path, db: Engine, clock: Clock) -> tuple[Town, list[str], Json]:
    """A listing, a draft, photos on the way, a proposal, a rep's start; then she says stop."""
    town = Town(tmp_path, db, clock)
    sent: list[str] = []
    for name in town.shop.channels:
        town.shop.channels[name] = post = Post(name, town.shop.settings)
        post.sent = sent
    for text in (*TALK, "नया सामान", "पता नहीं", "बाँस की टोकरी, 250 रुपये"):
        received = town.say(FLOODER, text)
        town.wait(seconds=20)
    hers = received.seller_id
    payloads = _waiting(town, hers, received.message_id)
    town.say(FLOODER, "STOP")
    town.wait(seconds=30)
    assert sent[-1] == "utter_stopped"
    return town, sent, payloads


def _waiting(town: Town, hers: int | None, message_id: int | None) -> Json:
    """A payload for each kind of job that is about her."""
    now = town.clock.now
    photo = {"seller_id": hers, "message_id": message_id, "kind": "photo", "url": "", "created_at": now}
    late = {"seller_id": hers, "direction": "out", "channel": "whatsapp", "address": address(FLOODER)}
    late |= {"kind": "text", "status": "queued", "created_at": now}
    late |= {"body": {"utter": "utter_nudge", "text": "…", "buttons": [], "language": "hi"}}
    with writing(town.db) as conn:
        ready = photo | {"position": 0, "status": "ready", "sha256": town.shop.store.put(b"one")}
        conn.execute(insert(Media), ready)
        coming = insert(Media).values(**photo, position=1, status="waiting").returning(Media.id)
        media_id = conn.execute(coming).scalar_one()
        listing_id = conn.scalar(select(Listing.id).where(Listing.seller_id == hers))
        offer = {
            "id": "f" * 32,
            "sender_id": hers,
            "listing_id": listing_id,
            "status": "open",
            "created_at": now,
        }
        conn.execute(insert(PhotoOffer), offer | {"photos": [{"id": media_id}]})
        start = {"key": "k", "digest": "d", "flow": "list_product", "by": "rep:1", "people": 1}
        start |= {"created_at": now, "ready_at": now}
        start_id = conn.execute(insert(Start).values(**start).returning(Start.id)).scalar_one()
        row = {"start_id": start_id, "line": 1, "channel": "whatsapp", "address": address(FLOODER)}
        conn.execute(insert(StartRow), row | {"result": "started"})
        queued = conn.execute(insert(Message).values(**late).returning(Message.id)).scalar_one()
        held = {"seller_id": hers, "direction": "in", "channel": "whatsapp", "address": address(FLOODER)}
        held |= {"kind": "text", "status": "held", "created_at": now, "provider_id": "SMheld"}
        conn.execute(insert(Message), held | {"body": {"text": "दाम 300"}})
    missed = Inbound("call", address(FLOODER).removeprefix("whatsapp:"), "CA1", "missed_call", now)
    receive(town.db, town.shop.talk, missed, now)
    return _payloads(hers, now.isoformat(), queued, media_id, listing_id)


def _payloads(hers: int | None, now: str, queued: int, media_id: int, listing_id: str | None) -> Json:
    given: Json = {
        "send_message": {"message_id": queued},
        "make_prompts": {"message_id": queued},
        "next_step": {"message_id": queued, "code": "63016"},
        "late_report": {"id": "SM-late", "status": "failed", "error": "63016"},
        **dict.fromkeys(("fetch_media", "check_photo", "transcribe"), {"media_id": media_id}),
        **dict.fromkeys(("ask_about_photos", "expire_offer"), {"offer": "f" * 32}),
        **dict.fromkeys(("start_people", "old_drafts"), {}),
        "photos_pending": {"listing_id": listing_id},
        "end_by_itself": {"seller_id": hers, "kind": "hand_back"},
        "tell_late": {"seller_id": hers, "media": [media_id]},
        "tell_joined": {"seller_id": hers, "utter": "utter_joined"},
        "join_people": {"people": [hers, 0], "channel": "whatsapp", "address": address(FLOODER)},
        "ring_back": {"seller_id": hers, "name": f"ring:{hers}"},
        "drop_draft_media": {"seller_id": hers, "before": now},
    }
    about_her = ("nudge", "still_looking", "settle_album", "take_up", "forget_refused")
    return given | dict.fromkeys(about_her, {"seller_id": hers})


def outgoing(db: Engine) -> int:
    with reading(db) as conn:
        return len(conn.execute(select(Message.id).where(Message.direction == "out")).all())


def test_every_kind_of_job_is_walked() -> None:
    """A new kind must be looked at here before it is shipped."""
    walked = {"send_message", "make_prompts", "fetch_media", "check_photo", "transcribe", "ask_about_photos"}
    walked |= {
        "expire_offer",
        "start_people",
        "old_drafts",
        "photos_pending",
        "ring_back",
        "drop_draft_media",
    }
    walked |= {
        "nudge",
        "still_looking",
        "settle_album",
        "take_up",
        "forget_refused",
        "end_by_itself",
        "tell_late",
        "tell_joined",
        "join_people",
    }
    walked |= {"next_step", "late_report"}
    assert walked | OF_NOBODY | OF_THE_ERASED == set(KINDS)


def test_no_job_writes_to_her_until_she_says_start(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town, sent, payloads = stopped_with_all_that_waits(tmp_path, db, clock)
    sends, rows = len(sent), outgoing(db)
    for days in (0, 1, 3, 181, 190):
        for kind, payload in payloads.items():
            with writing(db) as conn:
                jobs.put(conn, kind, payload, now=clock.now, unique_key=f"walk:{kind}")
        town.wait(days=days, minutes=30)
        assert (sent[sends:], outgoing(db)) == ([], rows), f"after {days} days"
    town.say(FLOODER, "START")
    town.wait(minutes=1)
    assert len(sent) > sends


def forms(pattern: str) -> list[str]:
    """All that a pattern of intents.yml stands for: `a|b` is either, `c?` may be left out."""
    choices = []
    for word in pattern.split():
        either = word.removesuffix("?").split("|")
        choices.append([*either, ""] if word.endswith("?") else either)
    return [" ".join(word for word in words if word).replace("_", " ") for words in product(*choices)]


def words_for(intent: str) -> list[tuple[str, str]]:
    found = []
    for language in SPOKEN:
        body = read_yaml(ROOT / "locales" / language / "intents.yml")
        lines = [line for part in ("phrases", "inside") for line in (body.get(part) or {}).get(intent, ())]
        found += [(language, form) for line in lines for form in forms(line)]
    return found


@pytest.mark.parametrize("asks", [None, "price", "seller_name", "confirm_listing"])
@pytest.mark.parametrize("intent", ["stop"])
def test_every_word_for_it_in_every_language_is_heard(intent: str, asks: str | None) -> None:
    """Alone in a message, whatever was asked."""
    lexicon = loaded_talk().lexicon
    deaf = [
        (language, form)
        for language, form in words_for(intent)
        if {"command": "start_flow", "flow": "stop"} not in understand(form, asks, language, lexicon).commands
    ]
    assert deaf == []
