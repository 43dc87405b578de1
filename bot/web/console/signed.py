"""Pictures and sounds of the store on a page of the console: by signed addresses of our own."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import Connection

from bot.media.links import link
from bot.tasks.pictures import address
from bot.web.house import house


def stored(sha256: str | None) -> str | None:
    """The address of these bytes; None where there are none."""
    return _here(link(house().settings, sha256)) if sha256 else None


def picture(conn: Connection, image: str | None) -> str | None:
    """The address of the picture of a bubble, as far as it is there."""
    found = address(conn, house().settings, image)
    return _here(found) if found else None


def _here(whole: str) -> str:
    """The same below the host of this page: nothing on it comes from another."""
    name = whole.rpartition("/")[2]
    if "/static/cards/" in whole:
        return url_for("static", filename=f"cards/{name}")
    return url_for("media.stored", token=name)
