"""A contact sheet: her photos small on one picture, each with a large number she can answer with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from math import ceil, sqrt

from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import Engine

from bot.media.renditions import keep, made_from, recipe
from bot.media.shop import THUMBNAIL, Made, encoded
from bot.media.store import MediaStore
from models.database import reading, writing

MOST = 10
GAP = 8
BADGE = 104
"""Across: on a phone 5 cm wide, three photos abreast, a number is still half a centimetre high."""
LABEL = 56
FONTS = ("NotoSansDevanagari-SemiBold.ttf", "NotoSansDevanagari-Bold.ttf", "NotoSansDevanagari-Regular.ttf")
"""For what the photos show, in her language. Without one of these fonts only the numbers are drawn."""
INK, PAPER, EMPTY = "#1b1b1b", "white", "#d8d8d8"

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def contact_sheet(pictures: Sequence[bytes | None], labels: Sequence[str] = ()) -> bytes:
    """One JPEG of 1 to 10 pictures in reading order; None leaves a number without its picture.

    `labels` are short words, one below each picture. Raises ValueError for none or too many pictures.
    """
    return _drawn(pictures, labels).data


def _drawn(pictures: Sequence[bytes | None], labels: Sequence[str]) -> Made:
    if not 1 <= len(pictures) <= MOST:
        raise ValueError(f"a sheet has 1 to {MOST} pictures, not {len(pictures)}")
    font = _font_for_words() if any(labels) else None
    columns = min(3, ceil(sqrt(len(pictures))))
    wide, high = THUMBNAIL + GAP, THUMBNAIL + GAP + (LABEL if font else 0)
    rows = ceil(len(pictures) / columns)
    sheet = Image.new("RGB", (columns * wide + GAP, rows * high + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, data in enumerate(pictures):
        left, top = GAP + place % columns * wide, GAP + place // columns * high
        _put(sheet, data, left, top)
        _number(draw, place + 1, left, top)
        if font and place < len(labels):
            middle = (left + THUMBNAIL // 2, top + THUMBNAIL + LABEL // 2)
            draw.text(middle, labels[place], INK, font, anchor="mm")
    return encoded(sheet)


def _put(sheet: Image.Image, data: bytes | None, left: int, top: int) -> None:
    if data is None:
        sheet.paste(EMPTY, (left, top, left + THUMBNAIL, top + THUMBNAIL))
        return
    with Image.open(BytesIO(data), formats=["JPEG"]) as picture:
        sheet.paste(picture.convert("RGB").resize((THUMBNAIL, THUMBNAIL)), (left, top))


def _number(draw: ImageDraw.ImageDraw, number: int, left: int, top: int) -> None:
    """White on black in a white ring: it shows on any photo."""
    draw.ellipse((left, top, left + BADGE, top + BADGE), fill=INK, outline=PAPER, width=5)
    font = ImageFont.load_default(BADGE * (0.72 if number < 10 else 0.58))
    draw.text((left + BADGE / 2, top + BADGE / 2), str(number), PAPER, font, anchor="mm", stroke_width=2)


def _font_for_words() -> Font | None:
    for name in FONTS:
        try:
            return ImageFont.truetype(name, LABEL * 0.62)
        except OSError:
            continue
    return None


def sheet_of(
    db: Engine, store: MediaStore, photos: Sequence[str], now: datetime, labels: Sequence[str] = ()
) -> str:
    """The SHA-256 of the stored sheet of these photos, named by theirs in order; made once for each list.

    A photo of which there is no thumbnail leaves its number without a picture. Raises ValueError as above.
    """
    source = recipe(photos, labels)
    with reading(db) as conn:
        made = made_from(conn, source)
        thumbnails = [made_from(conn, photo).get("thumbnail") for photo in photos]
    if "sheet" in made:
        return made["sheet"]
    sheet = _drawn([store.read(each) if each else None for each in thumbnails], labels)
    sha256 = store.put(sheet.data)
    if all(thumbnails):  # one that lacks a picture is drawn again when it has come
        with writing(db) as conn:
            keep(conn, source, {"sheet": (sha256, sheet)}, now)
    return sha256
