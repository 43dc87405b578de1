"""A seller with a listing and its photos, her neighbours, and the console of her reps, in one house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from bot.chat import Chat
from bot.messages import Json
from bot.settings import Settings
from models import Listing, ListingEvent, Message, Retake, Seller
from models.database import reading
from tests.console_house import BASTAR, DURG, Console, console
from tests.talk_phone import Phone

IMAGES = Path(__file__).parent / "images"
KNOWN = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "सुकमती",
    "village": "करनपुर",
    "district": BASTAR,
    "first_listed_on": "2026-01-05",
}
WITH_PHOTOS = ("drum.jpg", "bowl.jpg", "brushes.jpg")
TOLD = ("बाँस की टोकरी, 250 रुपये, 5 नग", "हाँ", "एक हाथ", "हाँ", "हाँ", "पता नहीं")
TOLD_BY_SMS = ("BECHNA", "0", "bans ki tokri", "250", "1", "5", "badi", "1", "1")
MARKET = "2m"
"""Long enough for what waits a minute."""


def picture(name: str) -> str:
    return str(IMAGES / name)


def utters(answer: Json) -> list[str]:
    return [reply["utter"] for reply in answer["replies"]]


class Retaking:
    """`her` phone and `desk`, the console on the same database and clock; rep 2 alone does not see her."""

    def __init__(self, db: Engine, tmp_path: Path, channel: str = "whatsapp", **slots: Any) -> None:
        url = db.url.render_as_string(hide_password=False)
        self.house = Chat(Settings(database_url=url, media_url=f"file://{tmp_path}/media", voice="none"))
        self.her = Phone(self.house, channel, KNOWN | slots)
        self.desk: Console = console(self.her.shop.db, self.her.clock, tmp_path)  # type: ignore[arg-type]
        self.desk.rep(1)
        self.desk.rep(2, districts=[DURG])
        self.desk.rep(3)
        self._list()

    def _list(self) -> None:
        lines: list[Json] = [{"text": text} for text in TOLD_BY_SMS]
        if self.her.channel == "whatsapp":
            shown = [picture(name) for name in WITH_PHOTOS]
            lines = [{"text": "बेचना है"}, {"photos": shown}, *({"text": text} for text in TOLD)]
        for line in lines:
            answer = self.her.say(line)
            if answer["listings"]:
                break
        assert answer["listings"], answer
        self.her.say({"text": "2" if self.her.channel == "sms" else "अभी नहीं"})
        self.row()

    def row(self) -> Any:
        """The listing as it stands."""
        with reading(self.her.shop.db) as conn:
            row = conn.execute(select(Listing.__table__).order_by(Listing.number)).first()
        assert row is not None
        self.id, self.number = str(row.id), int(row.number)
        return row

    def row_key(self) -> str:
        """Her key, as addresses of the console have it."""
        with reading(self.her.shop.db) as conn:
            return str(conn.scalar(select(Seller.key).where(Seller.id == self.her.seller_id(conn))))

    @property
    def photos(self) -> list[Json]:
        return list(self.row().message["photos"])

    def ask(
        self, photo: object = 0, reason: str = "dark", rep: int = 1, listing: str | None = None
    ) -> TestResponse:
        """A rep taps; `photo` is a place, None for one more, or anything else as the form sends it."""
        ids = [each["id"] for each in self.photos]
        sent = "" if photo is None else str(ids[photo]) if isinstance(photo, int) else str(photo)
        page = f"/console/listings/{listing or self.id}"
        return self.desk.enter(rep).post(f"{page}/retake", photo=sent, reason=reason)

    def came(self, answer: TestResponse) -> str:
        """What the page tells the rep."""
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"].partition("said=retake_")[2]

    def hears(self, **wait: str) -> list[Json]:
        """What has come to her phone meanwhile."""
        replies: list[Json] = self.her.say({"wait": "1s"} | wait)["replies"]
        return replies

    def neighbour(self) -> Phone:
        phone = Phone(self.house, "whatsapp")
        phone.clock.ahead = self.her.clock.ahead
        return phone

    def letters(self) -> list[Json]:
        """The requests that stand in the outbox."""
        with reading(self.her.shop.db) as conn:
            bodies = conn.scalars(select(Message.body).where(Message.direction == "out"))
            return [body for body in bodies if body.get("class") == "request"]

    def last_said(self) -> str:
        """The response that she was sent last, whoever's job sent it."""
        hers = (Message.direction == "out", Message.address == self.her.address)
        with reading(self.her.shop.db) as conn:
            body: Json = conn.scalar(select(Message.body).where(*hers).order_by(Message.id.desc()).limit(1))
        return str(body["utter"])

    def versions(self) -> list[str]:
        """What the marketplace was told."""
        with reading(self.her.shop.db) as conn:
            return list(conn.scalars(select(ListingEvent.event).order_by(ListingEvent.sequence)))

    def open(self) -> int:
        with reading(self.her.shop.db) as conn:
            return conn.scalar(select(func.count(Retake.id)).where(Retake.closed_at.is_(None))) or 0
