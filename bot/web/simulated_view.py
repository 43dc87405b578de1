"""What the simulator shows: the talk as her phone has it, her answers so far, and her finished listings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from bot.channels.sms_text import as_sent, segments
from bot.media.links import link
from bot.messages import OURS, Button, Json
from bot.standing import standing
from bot.talk import Talk
from bot.tasks.pictures import address
from bot.web.simulated_calls import Phone
from models import Address, Listing, Media, Message

SHOWN = 200
"""Messages on the page: a phone shows the end of a talk too."""
ON_THE_WAY = ("queued", "sending")
NO_ANSWERS = {"language", "photos_done"}


def talk_of(conn: Connection, phone: Phone, talk: Talk) -> Json:
    """`{"messages", "typing", "draft", "listings"}` of one phone; empty for one that never wrote."""
    known = select(Address.seller_id).where(
        Address.channel == phone.channel, Address.address == phone.address
    )
    seller_id = conn.scalar(known)
    rows = _rows(conn, seller_id, phone.channel) if seller_id else []
    media = _media(conn, [row.id for row in rows if row.direction == "in"])
    return {
        "messages": [
            _hers(row, media.get(row.id, []))
            if row.direction == "in"
            else _ours(conn, row, phone.channel, talk)
            for row in rows
            if row.status not in ON_THE_WAY and not (row.kind == "voice" and row.status == "cancelled")
        ],
        "typing": any(row.status in ON_THE_WAY for row in rows),
        "draft": _draft(standing(conn, phone.channel, phone.address), talk),
        "listings": [
            {"message": message, "place": _place(message, talk)} for message in _listings(conn, seller_id)
        ],
    }


def _rows(conn: Connection, seller_id: int, channel: str) -> list[Row[Any]]:
    """The last messages, oldest first; what our own workers sent in is no message of hers."""
    table = Message.__table__
    query = select(table).where(
        table.c.seller_id == seller_id, table.c.channel == channel, table.c.kind.not_in(OURS)
    )
    return list(conn.execute(query.order_by(table.c.id.desc()).limit(SHOWN)))[::-1]


def _media(conn: Connection, message_ids: list[int]) -> dict[int, list[Json]]:
    table = Media.__table__
    found: dict[int, list[Json]] = {}
    for row in conn.execute(select(table).where(table.c.message_id.in_(message_ids)).order_by(table.c.id)):
        found.setdefault(row.message_id, []).append(
            {
                "id": row.id,
                "kind": row.kind,
                "url": row.url,
                "status": row.status,
                "seconds": row.seconds,
                "problems": (row.verdict or {}).get("problems", []),
                "transcript": row.transcript,
            }
        )
    return found


def _hers(row: Row[Any], media: list[Json]) -> Json:
    return {
        "id": row.id,
        "by": "her",
        "kind": row.kind,
        "text": row.body.get("text", ""),
        "location": row.body.get("location"),
        "media": media,
        "at": row.created_at.isoformat(),
    }


def _ours(conn: Connection, row: Row[Any], channel: str, talk: Talk) -> Json:
    body = row.body
    buttons = body.get("buttons") or []
    shown: Json = {
        "id": row.id,
        "by": "us",
        "text": body.get("text", ""),
        "buttons": buttons,
        "image": address(conn, talk.settings, body.get("image")),
        "audio": link(talk.settings, body["audio"]) if body.get("audio") else None,
        "utter": body.get("utter"),
        "status": row.status,
        "at": (row.sent_at or row.created_at).isoformat(),
    }
    if channel == "sms":
        choices = [Button(button["title"], button["payload"]) for button in buttons]
        shown["text"] = as_sent(str(body.get("utter")), shown["text"], choices, str(body.get("language")))
        shown["parts"] = segments(shown["text"])
    return shown


def _draft(stands: Json, talk: Talk) -> Json:
    """Her answers so far, each with its name and its words in her language."""
    wording = talk.library.wording(stands["language"])
    slots = stands["slots"]
    named = wording.words["slots"]
    asks = stands["asks"]
    return {
        "flow": stands["flow"],
        "asks": {"slot": asks, "label": wording.slot_name(asks)} if asks else None,
        "language": stands["language"],
        "answers": [
            {"slot": slot, "label": wording.slot_name(slot), "text": wording.value(slot, value, slots)}
            for slot, value in slots.items()
            if slot in named and value not in (None, "", []) and slot not in NO_ANSWERS
        ],
    }


def _listings(conn: Connection, seller_id: int | None) -> list[Json]:
    """The latest message of each listing of hers, the newest first."""
    query = select(Listing.message).where(Listing.seller_id == seller_id).order_by(Listing.number.desc())
    return list(conn.scalars(query)) if seller_id else []


def _place(message: Json, talk: Talk) -> str:
    """Village and district of the maker, the district by its name in her language."""
    seller = message["seller"]
    district = talk.library.wording(seller["language"]).value("district", seller["district"], {})
    return ", ".join(part for part in (seller["village"], district) if part)
