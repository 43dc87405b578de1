"""The picture of a bubble: a card of ours, a photo of hers as the shop shows it, or a sheet of them all."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.media.links import link
from bot.media.renditions import recipe
from bot.settings import ROOT, Settings
from bot.tasks.workshop import Workshop
from models import Rendition
from models.database import reading

CARDS = ROOT / "bot" / "web" / "static" / "cards"
"""Pictures of ours that a response may show, served to everybody below /static/cards."""
_rendition = Rendition.__table__.c


def made_ready(shop: Workshop, image: str | None) -> str | None:
    """The whole address of a picture; a sheet is drawn first if it is not there yet."""
    kind, _, photos = (image or "").partition(":")
    if kind == "sheet":
        from bot.media.sheet import sheet_of  # only here: most sends need no picture code

        sheet_of(shop.db, shop.store, photos.split("+"), shop.clock())
    with reading(shop.db) as conn:
        return address(conn, shop.settings, image)


def address(conn: Connection, settings: Settings, image: str | None) -> str | None:
    """The whole address of a picture; one that is not there (yet) is left out: the words stand alone.

    `image` is the name of a card, `photo:<sha256>` of an original, or `sheet:<sha256>+<sha256>…`.
    """
    kind, _, source = (image or "").partition(":")
    if kind == "photo":
        return _made(conn, settings, source, "shop")
    if kind == "sheet":
        return _made(conn, settings, recipe(source.split("+")), "sheet")
    file = next(CARDS.glob(f"{kind}.*"), None) if kind else None
    return f"{settings.public_url.rstrip('/')}/static/cards/{file.name}" if file else None


def _made(conn: Connection, settings: Settings, source: str, kind: str) -> str | None:
    made = select(_rendition.sha256).where(_rendition.source == source, _rendition.kind == kind)
    sha256: str | None = conn.scalar(made)
    return link(settings, sha256) if sha256 else None
