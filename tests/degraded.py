"""Make a good photo bad by a known amount, as phones and hands do, and send it as WhatsApp does.

A step is written `blur 3` or `shake 20 45`. Lengths are in px for each 1000 px of the long side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

IMAGES = Path(__file__).parent / "images"
WORDS = "the fair opened today and makers from all districts brought brass iron bamboo clay silk and honey "


def picture(name: str) -> Image.Image:
    """A picture of tests/images, in RGB."""
    with Image.open(IMAGES / f"{name}.jpg") as image:
        return image.convert("RGB")


def degraded(image: Image.Image, steps: Sequence[str]) -> Image.Image:
    """The picture after these steps."""
    for step in steps:
        name, *amounts = step.split()
        image = STEPS[name](image, *map(float, amounts))
    return image


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """The bytes of a file of this format."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def sent(image: Image.Image, quality: int = 70) -> bytes:
    """As WhatsApp sends a photo: 1600 px on the long side, hard compressed."""
    image = image.copy()
    image.thumbnail((1600, 1600), Image.Resampling.LANCZOS)
    return encoded(image, quality=quality)


def blur(image: Image.Image, sigma: float) -> Image.Image:
    """Out of focus."""
    return image.filter(ImageFilter.GaussianBlur(sigma * max(image.size) / 1000))


def shake(image: Image.Image, length: float, degrees: float) -> Image.Image:
    """The hand moved in one direction."""
    steps = max(3, round(length * max(image.size) / 1000))
    edge = steps + 2
    wide = Image.fromarray(np.pad(np.asarray(image), ((edge, edge), (edge, edge), (0, 0)), mode="edge"))
    x, y = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    total = np.zeros((image.height, image.width, 3), np.float32)
    for step in range(steps):
        away = step - (steps - 1) / 2
        moved = wide.transform(
            wide.size, Image.Transform.AFFINE, (1, 0, x * away, 0, 1, y * away), Image.Resampling.BILINEAR
        )
        total += np.asarray(moved)[edge:-edge, edge:-edge]
    return _image(total / steps)


def exposed(image: Image.Image, stops: float) -> Image.Image:
    """So many stops more light, counted in light and not in values, cut off at white."""
    values = np.asarray(image).astype(np.float32) / 255
    light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4) * 2**stops
    shown = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.clip(light, 0, 1) ** (1 / 2.4) - 0.055)
    return _image(shown * 255)


def contrast(image: Image.Image, share: float) -> Image.Image:
    """This share of its contrast is left."""
    values = np.asarray(image).astype(np.float32)
    return _image((values - values.mean()) * share + values.mean())


def noise(image: Image.Image, sigma: float) -> Image.Image:
    """The grain of a small lens in the evening."""
    grain = np.random.default_rng(1).normal(0, sigma, (image.height, image.width, 3))
    return _image(np.asarray(image) + grain)


def short_side(image: Image.Image, pixels: float) -> Image.Image:
    """Scaled to this short side."""
    scale = pixels / min(image.size)
    return image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)


def ground(image: Image.Image, gray: float) -> Image.Image:
    """Cut out as an egg, on a ground of one gray: 255 is a catalogue's white, 0 black cloth."""
    mask = Image.new("L", image.size, 0)
    width, height = image.size
    ImageDraw.Draw(mask).ellipse((width * 0.2, height * 0.12, width * 0.8, height * 0.88), fill=255)
    plain = Image.new("RGB", image.size, (int(gray),) * 3)
    return Image.composite(image, plain, mask.filter(ImageFilter.GaussianBlur(1.5)))


def screen(image: Image.Image, dark: float) -> Image.Image:
    """A phone of 1080 × 2400 px that shows the photo in its gallery, in the light or the dark form."""
    paper, ink = ("black", "white") if dark else ("white", "#202124")
    shot = Image.new("RGB", (1080, 2400), paper)
    draw, font = ImageDraw.Draw(shot), ImageFont.load_default(38)
    draw.text((44, 26), "10:42", ink, font)
    draw.text((850, 26), "4G  76%", ink, font)
    draw.text((48, 150), "Yesterday, 4:12", ink, ImageFont.load_default(54))
    scale = min(1080 / image.width, 1700 / image.height)
    shown = image.resize((round(image.width * scale), round(image.height * scale)))
    shot.paste(shown, ((1080 - shown.width) // 2, 1150 - shown.height // 2))
    for place, word in enumerate(("Share", "Edit", "Delete", "More")):
        draw.text((90 + place * 250, 2240), word, ink, font)
    return shot


def page(image: Image.Image, tilt: float) -> Image.Image:
    """A printed page that lies where the photo was taken, seen at a slant in uneven light."""
    sheet = Image.new("RGB", (1300, 1700), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(32)
    text = WORDS * 20
    for row in range(34):
        draw.text((90, 90 + row * 45), text[row * 13 : row * 13 + 68], "#222222", font)
    behind = image.resize((1500, 1900))
    behind.paste(sheet, (100, 100))
    corners = (0, 0, tilt, 1900, 1500 - tilt, 1900, 1500, 0)
    seen = behind.transform(behind.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    light = np.linspace(0.7, 0.95, 1500, dtype=np.float32)[None, :, None]
    return noise(_image(np.asarray(seen.filter(ImageFilter.GaussianBlur(0.8))) * light), 3)


def _image(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))


STEPS: dict[str, Callable[..., Image.Image]] = {
    "blur": blur,
    "shake": shake,
    "exposed": exposed,
    "contrast": contrast,
    "noise": noise,
    "short_side": short_side,
    "ground": ground,
    "screen": screen,
    "page": page,
}
