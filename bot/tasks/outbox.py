"""One row of the outbox: what it says, whether it may still go, and by which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select

from bot.channels import Channel, SilentChannel
from bot.channels.content import LONGEST_ID
from bot.channels.ways import UNASKED, inside, on_whatsapp
from bot.engine.check_wording import BUTTON_TITLE, MOST_BUTTONS, MOST_ROWS, ROW_TITLE
from bot.media.links import link
from bot.messages import OURS, Button, Json, Outbound
from bot.settings import Settings
from models import Address, ContentTemplate, Message, Seller
from models.content_template import SESSION

CARRIED = ("whatsapp", "sms")
"""Channels on which a carrier brings our messages."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing message with what decides over it. `stopped`: she, or this number of hers, said stop.

    `heard_at` is when she last wrote from this address; `not_there_at` when it was said to be on no WhatsApp.
    """

    id: int
    seller_id: int
    kind: str
    channel: str
    address: str
    body: Json
    status: str
    provider_id: str | None
    created_at: datetime
    stopped: bool
    heard_at: datetime | None
    not_there_at: datetime | None

    @property
    def may_go(self) -> bool:
        """After a stop only its one confirmation goes."""
        return not self.stopped or self.body.get("after_stop") is True

    @property
    def unasked(self) -> bool:
        """Is it a reminder, an opening or a request, and no answer?"""
        return self.body.get("class") in UNASKED

    def closed_by(self, now: datetime) -> str | None:
        """Why free text to WhatsApp is not even tried: `window_closed`, `not_on_whatsapp`, or None."""
        if not on_whatsapp(self.not_there_at, self.heard_at):
            return "not_on_whatsapp"
        return None if inside(self.heard_at, now) else "window_closed"


_message, _seller, _address = Message.__table__, Seller.__table__, Address.__table__
_in = Message.__table__.alias("came_in")
_HEARD_AT = (
    # Along the seller's own rows backwards: the one looked for is among the last of them.
    select(_in.c.created_at)
    .where(
        _in.c.seller_id == _message.c.seller_id,
        _in.c.direction == "in",
        _in.c.channel == _message.c.channel,
        _in.c.address == _message.c.address,
        _in.c.kind.not_in(OURS),
    )
    .order_by(_in.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LOAD = (
    select(
        _message,
        _seller.c.stopped_at,
        _address.c.stopped_at.label("address_stopped_at"),
        _address.c.not_on_whatsapp_at,
        _HEARD_AT.label("heard_at"),
    )
    .join(_seller, _seller.c.id == _message.c.seller_id)
    .outerjoin(
        _address,
        and_(_address.c.channel == _message.c.channel, _address.c.address == _message.c.address),
    )
)


def load(conn: Connection, message_id: int) -> Letter | None:
    """The outgoing message, or None when it was erased."""
    row = conn.execute(_LOAD.where(_message.c.id == message_id, _message.c.direction == "out")).one_or_none()
    if row is None:
        return None
    return Letter(
        id=row.id,
        seller_id=row.seller_id,
        kind=row.kind,
        channel=row.channel,
        address=row.address,
        body=row.body,
        status=row.status,
        provider_id=row.provider_id,
        created_at=row.created_at,
        stopped=row.stopped_at is not None or row.address_stopped_at is not None,
        heard_at=row.heard_at,
        not_there_at=row.not_on_whatsapp_at,
    )


def kept_by_rules(channel: Channel) -> bool:
    """Do WhatsApp's rules hold on this channel? What never leaves the house needs none."""
    return channel.name == "whatsapp" and not isinstance(channel, SilentChannel)


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
        filling=tuple(body["filling"]) if body.get("template") else None,
    )


def shown_as_buttons(buttons: Sequence[Button]) -> bool:
    """Does WhatsApp take them as buttons or rows of a list? If not they are numbered in the text."""
    most = BUTTON_TITLE if len(buttons) <= MOST_BUTTONS else ROW_TITLE
    fits = all(len(each.title) <= most and len(each.payload) <= LONGEST_ID for each in buttons)
    return fits and len(buttons) <= MOST_ROWS and len({each.title for each in buttons}) == len(buttons)


def template(conn: Connection, letter: Letter, out: Outbound) -> str | None:
    """The provider's stored message: the approved one of a letter that opens a talk, or the one with real
    buttons for this response, if it was pushed.
    """
    if letter.body.get("template"):
        return str(letter.body["template"])
    if not out.buttons or not shown_as_buttons(out.buttons):
        return None
    table = ContentTemplate.__table__.c
    sid: str | None = conn.scalar(
        select(table.content_sid)
        .where(
            table.response == out.utter,
            table.language == out.language,
            table.channel == out.channel,
            table.form.in_((SESSION, f"{SESSION}-{len(out.buttons)}")),
        )
        .order_by(table.form.desc())
        .limit(1)
    )
    return sid
