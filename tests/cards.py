"""Draw the cards that show without a word what a good photo is: `python -m tests.cards`.

Each is one good picture with a green tick beside a bad one with a red cross, in bot/web/static/cards. The
goods are drawn as a camera would see them, and the bad pictures are made of good ones as bad photos are:
too little light, a shaken hand, a screen. The same run makes the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

CARDS = Path(__file__).resolve().parent.parent / "bot" / "web" / "static" / "cards"
SIDE = 800
"""Scenes are drawn at twice the size at which they are shown."""
SHOWN, MARGIN, HIGH = 400, 17, 450
MOST = 40_000
"""Bytes of a card."""
GOOD, BAD = "#1e9e4a", "#d3302f"
LIGHT = np.array([-0.5, -0.65, 0.57])
BRASS, CLAY, CANE = (0.80, 0.56, 0.18), (0.70, 0.33, 0.18), (0.80, 0.62, 0.36)

Scene = Image.Image
Y, X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)


def cloth(colour: tuple[float, float, float] = (0.86, 0.83, 0.76), seed: int = 1) -> Scene:
    """A plain cloth with soft folds, lighter where the light comes from."""
    chance = np.random.default_rng(seed)
    folds = 0.035 * np.sin(X / 130 + Y / 210 + seed) + 0.02 * np.sin(X / 57 - Y / 90)
    weave = 0.012 * np.sin(X * 1.9) * np.sin(Y * 1.7) + chance.normal(0, 0.008, X.shape)
    light = 1.03 - 0.16 * (X + Y) / (2 * SIDE)
    shade = (light + folds + weave)[..., None]
    return _picture(np.array(colour) * shade)


def _picture(values: np.ndarray) -> Scene:
    return Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8))


def _shaded(colour: tuple[float, float, float], nx: np.ndarray, ny: np.ndarray, shine: float) -> Scene:
    """A surface with these normals in the light: soft shade, a glint, and light thrown back by the cloth."""
    nz = np.sqrt(np.clip(1 - nx**2 - ny**2, 0, 1))
    facing = np.clip(nx * LIGHT[0] + ny * LIGHT[1] + nz * LIGHT[2], 0, 1)
    half = LIGHT + np.array([0, 0, 1.0])
    half /= np.linalg.norm(half)
    glint = np.clip(nx * half[0] + ny * half[1] + nz * half[2], 0, 1) ** 28 * shine
    thrown = 0.13 * np.clip(ny, 0, 1)
    return _picture(np.array(colour) * (0.30 + 0.85 * facing + thrown)[..., None] + glint[..., None])


def _on(scene: Scene, surface: Scene, mask: np.ndarray) -> None:
    """Lay a surface on the scene where the mask is, with a soft edge."""
    scene.paste(surface, (0, 0), Image.fromarray((np.clip(mask, 0, 1) * 255).astype(np.uint8)))


def ball(scene: Scene, at: tuple[float, float, float, float], colour=BRASS, turn: float = 0.0, shine=0.75):
    """An egg with its middle and its two half axes, turned by so many radians."""
    cx, cy, rx, ry = at
    cos, sin = np.cos(turn), np.sin(turn)
    u, v = ((X - cx) * cos + (Y - cy) * sin) / rx, (-(X - cx) * sin + (Y - cy) * cos) / ry
    nx, ny = u * cos - v * sin * 0.9, u * sin + v * cos * 0.9
    inside = (1 - np.sqrt(u**2 + v**2)) * min(rx, ry)
    _on(scene, _shaded(colour, np.clip(nx, -1, 1), np.clip(ny, -1, 1), shine), inside)


def limb(scene: Scene, points: list[tuple[float, float, float]], colour=BRASS, shine: float = 0.6) -> None:
    """A rounded limb along a curve through points with their half widths."""
    steps = np.linspace(0, len(points) - 1, 12 * (len(points) - 1) + 1)
    curve = [_smooth(points, step) for step in steps]
    for (x1, y1, w1), (x2, y2, w2) in zip(curve, curve[1:], strict=False):
        dx, dy = x2 - x1, y2 - y1
        along = np.clip(((X - x1) * dx + (Y - y1) * dy) / (dx * dx + dy * dy), 0, 1)
        ox, oy = X - x1 - along * dx, Y - y1 - along * dy
        width = w1 + (w2 - w1) * along
        away = np.sqrt(ox**2 + oy**2)
        surface = _shaded(colour, np.clip(ox / width, -1, 1), np.clip(oy / width, -1, 1), shine)
        _on(scene, surface, width - away)


def _smooth(points: list[tuple[float, float, float]], step: float) -> np.ndarray:
    """The curve (Catmull-Rom) through the points, at a step from 0 to the last of them."""
    at = min(int(step), len(points) - 2)
    before, first, last, after = (
        np.array(points[min(max(at + k, 0), len(points) - 1)]) for k in (-1, 0, 1, 2)
    )
    t = step - at
    curve = 2 * first + (last - before) * t + (2 * before - 5 * first + 4 * last - after) * t**2
    return (curve + (3 * first - before - 3 * last + after) * t**3) / 2


def shadow(scene: Scene, box: tuple[int, int, int, int], depth: float = 0.5) -> None:
    """What the piece keeps from the light, falling away from it."""
    dark = Image.new("L", scene.size, 0)
    ImageDraw.Draw(dark).ellipse(box, fill=int(255 * depth))
    scene.paste((58, 47, 38), (0, 0), dark.filter(ImageFilter.GaussianBlur(26)))


def elephant(scene: Scene, colour=BRASS) -> Scene:
    """A brass elephant in the lost-wax way, wound with wire."""
    far = tuple(part * 0.72 for part in colour)
    shadow(scene, (190, 600, 700, 745))
    for x in (300, 520):
        limb(scene, [(x, 500, 42), (x + 4, 668, 38)], far)
    limb(scene, [(196, 400, 13), (172, 500, 8), (180, 560, 9)], far)
    ball(scene, (365, 420, 190, 150), colour)
    for x in (245, 455):
        limb(scene, [(x, 510, 48), (x, 676, 44)], colour)
        limb(scene, [(x - 8, 686, 44), (x + 8, 686, 44)], colour)
    ball(scene, (545, 330, 108, 100), colour)
    trunk = [(610, 360, 50), (648, 470, 36), (640, 560, 27), (668, 622, 21), (704, 626, 16)]
    limb(scene, trunk, colour)
    limb(scene, [(595, 420, 12), (640, 440, 9), (676, 424, 4)], (0.93, 0.88, 0.74))
    ball(scene, (488, 352, 58, 92), tuple(part * 0.9 for part in colour), 0.25)
    _wire(scene)
    eye = ImageDraw.Draw(scene)
    eye.ellipse((574, 306, 594, 326), fill=(48, 30, 12))
    eye.ellipse((580, 309, 586, 315), fill=(255, 240, 200))
    return scene


def _wire(scene: Scene) -> None:
    """Bands of wound wire on the blanket, the brow and the ankles."""
    draw, light, dark = ImageDraw.Draw(scene), (244, 206, 116), (92, 58, 14)
    for row, drop in enumerate(range(0, 150, 30)):
        for x in range(275 + row * 4, 415 - row * 4, 24):
            y = 305 + drop + (x - 345) ** 2 / 900
            draw.ellipse((x - 8, y - 8, x + 8, y + 8), outline=dark, width=5)
            draw.ellipse((x - 8, y - 9, x + 7, y + 6), outline=light, width=3)
    for y in (292, 462):
        draw.arc((240, y - 20, 455, y + 40), 200, 340, fill=dark, width=7)
        draw.arc((240, y - 22, 455, y + 38), 200, 340, fill=light, width=4)
    for x in (245, 455):
        for y in (630, 648):
            draw.arc((x - 46, y - 14, x + 46, y + 16), 20, 160, fill=dark, width=6)
            draw.arc((x - 46, y - 16, x + 46, y + 14), 20, 160, fill=light, width=3)
    for x in range(510, 600, 18):
        draw.ellipse((x - 5, 250 + (x - 548) ** 2 / 160, x + 5, 260 + (x - 548) ** 2 / 160), fill=light)


def turned(
    scene: Scene, profile: Callable[[np.ndarray], np.ndarray], top: int, bottom: int, colour, shine, skin
):
    """A thing from the wheel: its half width at each height; `skin` changes the colour over its surface."""
    width = np.maximum(profile(np.clip(Y, top, bottom)), 1.0)
    nx = np.clip((X - SIDE / 2) / width, -1, 1)
    level = Y - 0.2 * width * np.sqrt(1 - nx**2) + 30  # seen from a little above, a ring is an arc
    slope = np.gradient(width, axis=0)
    ny = np.clip(-slope * 0.55, -0.7, 0.7)
    body = np.asarray(_shaded(colour, nx * np.sqrt(1 - ny**2), ny, shine)).astype(np.float32) / 255
    mask = np.minimum(width - np.abs(X - SIDE / 2), np.minimum(Y - top, bottom - level) + 1)
    _on(scene, _picture(body * skin(np.arcsin(nx), level)[..., None]), mask)


def pot(scene: Scene) -> Scene:
    """A clay water pot with white bands."""

    def profile(y: np.ndarray) -> np.ndarray:
        belly = 195 * np.sqrt(np.clip(1 - ((y - 480) / 215) ** 2, 0.02, 1))
        neck = 84 + 44 * np.clip((285 - y) / 60, 0, 1) ** 1.5
        return np.where(y < 322, np.maximum(neck, belly * (y > 290)), belly)

    def skin(angle: np.ndarray, y: np.ndarray) -> np.ndarray:
        bands = ((y > 392) & (y < 402)) | ((y > 470) & (y < 480))
        waves = np.abs(y - 436 - 14 * np.sin(angle * 9)) < 5
        return np.where(bands | waves, 1.75, 1 + 0.03 * np.sin(y / 3.1))

    shadow(scene, (250, 610, 660, 745))
    turned(scene, profile, 225, 690, CLAY, 0.22, skin)
    ImageDraw.Draw(scene).ellipse((275, 205, 525, 245), fill=(64, 28, 16), outline=(186, 100, 62), width=9)
    return scene


def basket(scene: Scene) -> Scene:
    """A basket of split bamboo with a handle."""

    def skin(angle: np.ndarray, y: np.ndarray) -> np.ndarray:
        over = (np.floor(angle * 6) + np.floor(y / 30)) % 2
        strip = np.abs(np.sin(angle * 6 * np.pi)) ** 0.35 * np.abs(np.sin(y / 30 * np.pi)) ** 0.35
        return (0.8 + 0.4 * over) * (0.55 + 0.55 * strip)

    shadow(scene, (190, 590, 720, 745))
    draw = ImageDraw.Draw(scene)
    for inset, tone in ((0, (112, 78, 38)), (6, (196, 150, 88)), (15, (226, 186, 122))):
        draw.arc((215 + inset, 120 + inset, 585 - inset, 690), 180, 360, fill=tone, width=16)
    draw.ellipse((190, 352, 610, 448), fill=(70, 46, 22))
    turned(scene, lambda y: 205 - (y - 400) * 0.22, 400, 700, CANE, 0.12, skin)
    for inset, tone in ((0, (120, 84, 42)), (5, (212, 168, 104))):
        draw.arc((186 + inset, 350 + inset, 614 - inset, 452 - inset), 0, 180, fill=tone, width=20 - inset)
        draw.arc((186 + inset, 350 + inset, 614 - inset, 452 - inset), 180, 360, fill=tone, width=9)
    return scene


def cluttered(scene: Scene) -> Scene:
    """A tiled floor with a bucket, a bottle, slippers and a wire: the eye finds everything but the piece."""
    draw = ImageDraw.Draw(scene)
    for row in range(8):
        for column in range(8):
            tone = (196, 178, 160) if (row + column) % 2 else (122, 96, 92)
            draw.rectangle((column * 100, row * 100, column * 100 + 99, row * 100 + 99), fill=tone)
            draw.ellipse(
                (column * 100 + 36, row * 100 + 36, column * 100 + 64, row * 100 + 64), outline=(90, 60, 60)
            )
    draw.polygon([(0, 90), (190, 60), (170, 330), (20, 330)], fill=(38, 92, 178))
    draw.ellipse((0, 40, 190, 110), fill=(20, 52, 112), outline=(96, 150, 226), width=8)
    draw.rounded_rectangle((640, 30, 720, 330), 30, fill=(60, 150, 90))
    draw.rectangle((640, 140, 720, 230), fill=(236, 226, 90))
    draw.rectangle((664, 0, 698, 40), fill=(220, 60, 50))
    draw.polygon(
        [(270, 0), (520, 0), (545, 130), (250, 150)], fill=(176, 132, 84), outline=(96, 66, 36), width=5
    )
    for x, turn in ((650, -30), (560, 24)):
        shoe = Image.new("RGBA", (110, 230), (0, 0, 0, 0))
        pen = ImageDraw.Draw(shoe)
        pen.ellipse((5, 0, 100, 130), fill=(206, 52, 84))
        pen.ellipse((15, 90, 92, 225), fill=(206, 52, 84))
        pen.line([(16, 92), (54, 34), (92, 92)], fill=(40, 20, 30), width=13)
        scene.paste(shoe.rotate(turn, expand=True), (x, 530), shoe.rotate(turn, expand=True))
    draw.line([(0, 470), (150, 560), (60, 660), (230, 790)], fill=(24, 24, 24), width=10, joint="curve")
    return scene


def dark(scene: Scene, light: float = 0.2) -> Scene:
    """Inside, in the evening."""
    return ImageEnhance.Color(ImageEnhance.Brightness(scene).enhance(light)).enhance(0.7)


def overexposed(scene: Scene) -> Scene:
    """In glaring sun."""
    return scene.point([min(255, int(value * 1.9 + 76)) for value in range(256)] * 3)


def flat(scene: Scene) -> Scene:
    """Through a dirty lens: everything in one gray."""
    return Image.blend(scene, Image.new("RGB", scene.size, (168, 166, 162)), 0.76)


def blurred(scene: Scene) -> Scene:
    """With a shaken hand."""
    moved = scene
    for step in range(1, 16):
        moved = Image.blend(moved, ImageChops.offset(scene, 5 * step, 2 * step), 1 / (step + 1))
    return moved.filter(ImageFilter.GaussianBlur(5))


def too_small(scene: Scene) -> Scene:
    """Far away: some coarse squares in the middle."""
    far = scene.resize((26, 26), Image.Resampling.BOX).resize((300, 300), Image.Resampling.NEAREST)
    framed = Image.new("RGB", scene.size, "white")
    framed.paste(far, (250, 250))
    return framed


def on_screen(scene: Scene) -> Scene:
    """A telephone that shows it."""
    shown = Image.new("RGB", (SIDE, SIDE), (222, 226, 232))
    draw = ImageDraw.Draw(shown)
    draw.rounded_rectangle((196, 14, 604, 786), 48, fill=(28, 28, 32))
    draw.rounded_rectangle((212, 34, 588, 766), 34, fill="white")
    draw.rounded_rectangle((212, 34, 588, 122), 34, fill=(0, 128, 105))
    draw.rectangle((212, 80, 588, 122), fill=(0, 128, 105))
    for x in (500, 526, 552):
        draw.rectangle((x, 48, x + 14, 62), fill="white")
    draw.line([(258, 88), (238, 101), (258, 114)], fill="white", width=6, joint="curve")
    shown.paste(scene.resize((352, 352), Image.Resampling.LANCZOS), (224, 176))
    for x, tone in ((270, (214, 60, 80)), (400, (70, 80, 96)), (530, (70, 80, 96))):
        draw.ellipse((x - 26, 574, x + 26, 626), outline=tone, width=8)
    for y, wide in ((662, 320), (700, 240)):
        draw.rounded_rectangle((236, y, 236 + wide, y + 16), 8, fill=(206, 210, 216))
    return shown


def pair(left: Scene, right: Scene) -> Scene:
    """Two photos side by side in one picture."""
    both = Image.new("RGB", (SIDE, SIDE), "white")
    for place, scene in ((0, left), (1, right)):
        part = scene.resize((560, 560), Image.Resampling.LANCZOS)
        both.paste(part.crop((85, 30, 475, 530)), (5 + place * 400, 150))
    return both


def near(scene: Scene) -> Scene:
    """The same piece from near."""
    return scene.crop((215, 300, 565, 650)).resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def moving(scene: Scene) -> Scene:
    """A strip of film."""
    strip = Image.new("RGB", (SIDE, SIDE), (24, 24, 26))
    draw = ImageDraw.Draw(strip)
    for x in range(14, SIDE, 66):
        for y in (92, 660):
            draw.rounded_rectangle((x, y, x + 38, y + 48), 9, fill="white")
    for place in range(3):
        frame = scene.rotate((-9, 0, 9)[place], Image.Resampling.BICUBIC, fillcolor=(210, 203, 187))
        strip.paste(
            frame.crop((130, 80, 780, 780)).resize((248, 420), Image.Resampling.LANCZOS),
            (14 + place * 262, 190),
        )
    draw.rectangle((0, 0, SIDE, 70), fill="white")
    draw.rectangle((0, 732, SIDE, SIDE), fill="white")
    return strip


def _framed(card: Scene, scene: Scene, left: int, good: bool) -> None:
    """One picture with its coloured frame and its sign."""
    size = SHOWN * 2
    top, edge = (HIGH * 2 - size) // 2, 10
    place = (left - edge, top - edge, left + size + edge, top + size + edge)
    draw = ImageDraw.Draw(card)
    draw.rounded_rectangle(place, 36, fill=GOOD if good else BAD)
    rounded = Image.new("L", (size, size), 0)
    ImageDraw.Draw(rounded).rounded_rectangle((0, 0, size - 1, size - 1), 28, fill=255)
    card.paste(scene.resize((size, size), Image.Resampling.LANCZOS), (left, top), rounded)
    x, y, r = left + size - 96, top + 96, 84
    draw.ellipse((x - r, y - r, x + r, y + r), fill=GOOD if good else BAD, outline="white", width=10)
    if good:
        draw.line(
            [(x - 40, y + 2), (x - 10, y + 34), (x + 42, y - 34)], fill="white", width=22, joint="curve"
        )
    else:
        for turn in (1, -1):
            draw.line([(x - 34, y - 34 * turn), (x + 34, y + 34 * turn)], fill="white", width=22)


def card(good: Scene, bad: Scene) -> Scene:
    """The good beside the bad, at the size in which it is sent."""
    wide = 2 * SHOWN + 3 * MARGIN
    whole = Image.new("RGB", (wide * 2, HIGH * 2), "white")
    _framed(whole, good, MARGIN * 2, good=True)
    _framed(whole, bad, (2 * MARGIN + SHOWN) * 2, good=False)
    return whole.resize((wide, HIGH), Image.Resampling.LANCZOS)


def cards() -> dict[str, Scene]:
    """All cards by the names of their files."""
    beast, jug, cane = elephant(cloth()), pot(cloth(seed=2)), basket(cloth(seed=3))
    return {
        "photo_card": card(beast, dark(elephant(cluttered(cloth())), 0.34)),
        "photo_dark": card(beast, dark(beast)),
        "photo_blurred": card(cane, blurred(cane)),
        "photo_overexposed": card(jug, overexposed(jug)),
        "photo_too_small": card(cane, too_small(cane)),
        "photo_flat": card(beast, flat(beast)),
        "photo_screenshot": card(jug, on_screen(jug)),
        "photo_same": card(pair(jug, near(jug)), pair(jug, jug)),
        "photo_animated": card(beast, moving(beast)),
        "photo_background": card(jug, pot(cluttered(cloth()))),
    }


def encoded(picture: Scene) -> bytes:
    """As a JPEG that a slow line carries: as good as MOST bytes allow."""
    for quality in range(84, 50, -4):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= MOST:
            break
    return out.getvalue()


if __name__ == "__main__":
    for name, picture in cards().items():
        (CARDS / f"{name}.jpg").write_bytes(encoded(picture))
