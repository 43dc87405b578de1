"""One row of the outbox: what it says, and whether it may still go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from bot.media.links import link
from bot.messages import Button, Json, Outbound
from bot.settings import Settings
from models import Address, ContentTemplate, Message, Seller


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing message with what decides over it. `stopped`: she, or this number of hers, said stop."""

    id: int
    kind: str
    channel: str
    address: str
    body: Json
    status: str
    provider_id: str | None
    created_at: datetime
    stopped: bool

    @property
    def may_go(self) -> bool:
        """After a stop only its one confirmation goes."""
        return not self.stopped or self.body.get("after_stop") is True


def load(conn: Connection, message_id: int) -> Letter | None:
    """The outgoing message, or None when it was erased."""
    message, seller, address = Message.__table__, Seller.__table__, Address.__table__
    row = conn.execute(
        select(message, seller.c.stopped_at, address.c.stopped_at.label("address_stopped_at"))
        .join(seller, seller.c.id == message.c.seller_id)
        .outerjoin(
            address,
            and_(address.c.channel == message.c.channel, address.c.address == message.c.address),
        )
        .where(message.c.id == message_id, message.c.direction == "out")
    ).one_or_none()
    if row is None:
        return None
    return Letter(
        id=row.id,
        kind=row.kind,
        channel=row.channel,
        address=row.address,
        body=row.body,
        status=row.status,
        provider_id=row.provider_id,
        created_at=row.created_at,
        stopped=row.stopped_at is not None or row.address_stopped_at is not None,
    )


def outbound(letter: Letter, settings: Settings, image_url: str | None = None) -> Outbound:
    """The bubble as the channel sends it, with whole addresses of its picture and its sound."""
    body = letter.body
    return Outbound(
        channel=letter.channel,
        address=letter.address,
        utter=str(body.get("utter", "")),
        text=str(body.get("text", "")),
        language=str(body.get("language", "")),
        buttons=tuple(Button(item["title"], item["payload"]) for item in body.get("buttons") or ()),
        image_url=image_url,
        parts=tuple((part["utter"], part["text"]) for part in body.get("parts") or ()),
        audio_url=link(settings, body["audio"]) if body.get("audio") else None,
    )


def template(conn: Connection, out: Outbound) -> str | None:
    """The provider's stored message with real buttons for this response, if one was pushed."""
    if not out.buttons:
        return None
    table = ContentTemplate.__table__.c
    sid: str | None = conn.scalar(
        select(table.content_sid).where(
            table.response == out.utter, table.language == out.language, table.channel == out.channel
        )
    )
    return sid
