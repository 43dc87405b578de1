"""Open a stranger's photo: checked by its header, decoded once, and only a small upright copy kept.

What a decoder needs at its peak was measured in bytes a pixel: WebP 16, AVIF 9, HEIC 5, PNG 4, GIF 1, and a
progressive JPEG 2 for each of its coefficients; a plain JPEG is decoded smaller than it is. The limits keep
each of them at about 70 MB.
"""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO, cast

import numpy as np
import pillow_heif
from PIL import Image, ImageCms

from bot.media.sniff import sniff

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/gif": "GIF",
    "image/heic": "HEIF",
    "image/avif": "AVIF",
}
MEGAPIXELS = {"JPEG": 40.0, "PNG": 12.6, "WEBP": 4.0, "GIF": 30.0, "HEIF": 12.6, "AVIF": 6.0}
COEFFICIENTS = 28_000_000
"""Of a progressive JPEG, which is held whole until its last scan: 18 megapixels at 4:2:0."""
LEAST_SIDE = 200
"""Below this nothing can be measured, nor in a strip longer than SLIMMEST times its width."""
SLIMMEST = 10
KEPT = 1600
"""The copy's long side is from this to nearly twice this, where the photo has so many pixels."""
BAND = 64
SRGB = ImageCms.createProfile("sRGB")
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What brings the EXIF orientations upright; from 5 on the sides change places."""

Band = Callable[[int, int], Image.Image]

pillow_heif.options.THUMBNAILS = False
pillow_heif.options.DEPTH_IMAGES = False
pillow_heif.options.AUX_IMAGES = False
warnings.filterwarnings("ignore", module=r"PIL\.")  # of broken metadata, which nobody reads
with suppress(OSError, AttributeError):  # elsewhere than on glibc
    # M_MMAP_THRESHOLD: blocks of two megabytes go back to the system when they are freed. Left to itself
    # glibc keeps them, for each thread its own: four large photos then held 290 MB for good.
    ctypes.CDLL(None).mallopt(-3, 1 << 21)


@dataclass(frozen=True, slots=True)
class Opened:
    """`picture` is RGB in sRGB, on white, upright; `width` and `height` are those of the photo, upright."""

    picture: Image.Image
    width: int
    height: int
    animated: bool


class CannotOpen(Exception):
    """`problem` is `unreadable` or `too_small`; the size is 0 where even the header could not be read."""

    def __init__(self, problem: str, width: int = 0, height: int = 0) -> None:
        super().__init__(problem)
        self.problem, self.width, self.height = problem, width, height


def open_photo(file: BinaryIO) -> Opened:
    """Raises CannotOpen, and nothing else whatever the file holds."""
    try:
        kind = FORMATS.get(sniff(file.read(512)).content_type, "")
        file.seek(0)
        if kind == "HEIF":
            return _open_heif(file)
        if kind:
            return _open(file, kind)
    except CannotOpen:
        raise
    except Exception:  # decoders raise nearly everything on hostile files
        raise CannotOpen("unreadable") from None
    raise CannotOpen("unreadable")


def _open(file: BinaryIO, kind: str) -> Opened:
    with Image.open(file, formats=[kind]) as image:
        width, height = image.size
        _check(width, height, MEGAPIXELS[kind])
        if "progressive" in image.info and _coefficients(image) > COEFFICIENTS:
            raise CannotOpen("unreadable", width, height)
        animated = kind != "JPEG" and bool(getattr(image, "is_animated", False))
        scale = min(1.0, KEPT / max(width, height))
        image.draft("RGB", (max(1, int(width * scale)), max(1, int(height * scale))))
        image.load()
        small = _shrunk(lambda top, bottom: image.crop((0, top, image.width, bottom)), *image.size)
        orientation = 1
        with suppress(Exception):  # broken EXIF says nothing, and is no reason to lose the photo
            orientation = image.getexif().get(0x0112, 1)
        picture = _to_srgb(small, image.info.get("icc_profile"))
    if orientation not in TURNS:
        return Opened(picture, width, height, animated)
    if orientation >= 5:
        width, height = height, width
    return Opened(picture.transpose(TURNS[orientation]), width, height, animated)


def _open_heif(file: BinaryIO) -> Opened:
    """libheif turns it upright itself. The pixels are read in place: a copy would be half as much again."""
    found = pillow_heif.open_heif(file, remove_stride=False)
    image = found[found.primary_index]
    _check(*image.size, MEGAPIXELS["HEIF"])
    pixels, line, mode = memoryview(image.data), image.stride, image.mode
    width, height = image.size  # known for certain only now
    _check(width, height, MEGAPIXELS["HEIF"])

    def band(top: int, bottom: int) -> Image.Image:
        lines = pixels[top * line : bottom * line]
        return Image.frombytes(mode, (width, bottom - top), lines, "raw", mode, line)

    small = _shrunk(band, width, height)
    profile = cast(bytes | None, image.info.get("icc_profile"))
    return Opened(_to_srgb(small, profile), width, height, animated=False)


def _check(width: int, height: int, megapixels: float) -> None:
    if width * height > megapixels * 1_000_000:
        raise CannotOpen("unreadable", width, height)
    if min(width, height) < LEAST_SIDE or max(width, height) > SLIMMEST * min(width, height):
        raise CannotOpen("too_small", width, height)


def _coefficients(image: Image.Image) -> float:
    """How many numbers a JPEG holds: its parts may be sampled more coarsely than its pixels."""
    parts: list[int] = [across * down for _name, across, down, _table in getattr(image, "layer", ())]
    return image.width * image.height * (sum(parts) / max(parts, default=1))


def _shrunk(band: Band, width: int, height: int) -> Image.Image:
    """An even fraction of the picture, band by band: no second copy in full size, in any mode."""
    factor = max(1, max(width, height) // KEPT)
    step = BAND * factor
    small: Image.Image | None = None
    for top in range(0, height, step):
        part = _plain(band(top, min(height, top + step))).reduce(factor)
        small = small or Image.new(part.mode, (part.width, -(-height // factor)))
        small.paste(part, (0, top // factor))
    assert small is not None
    return small


def _plain(part: Image.Image) -> Image.Image:
    """In 8 bits and on white: gray, RGB or CMYK; 16-bit values are scaled, not clipped."""
    if part.mode.startswith("I"):
        return Image.fromarray((np.asarray(part) // 257).astype(np.uint8))
    if part.mode in ("L", "RGB", "CMYK") and "transparency" not in part.info:
        return part
    layered = part.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as they were meant, before the profile that tells them is dropped."""
    if profile and b"sRGB" not in profile:
        with suppress(Exception):  # a broken profile, or one of another kind of picture
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, meant, SRGB, outputMode="RGB")
            if converted is not None:
                return converted
    return picture if picture.mode == "RGB" else picture.convert("RGB")
