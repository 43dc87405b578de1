"""Pictures for the shop: square on white, upright, in true colours, with nothing in them but pixels."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from bot.media.photos import examine
from bot.media.sheet import contact_sheet
from bot.media.shop import LEAST, MOST, THUMBNAIL, make
from tests.degraded import degraded, encoded, picture

pillow_heif.register_heif_opener()  # only here: to write such files


def shop(data: bytes) -> Image.Image:
    """The shop picture of this file, opened."""
    made = examine(data).shop
    assert made is not None
    image = Image.open(BytesIO(made.data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (made.width, made.height))
    return image


def colour(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    """The mean colour of a spot; x and y from 0 to 1."""
    left, top = int(x * image.width), int(y * image.height)
    spot = np.asarray(image.crop((left - 8, top - 8, left + 8, top + 8)))
    return tuple(int(value) for value in spot.reshape(-1, 3).mean(axis=0).round())


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 6) -> bool:
    """Are the colours the same but for the compression?"""
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@given(width=st.integers(200, 2400), height=st.integers(200, 1900))
@settings(max_examples=25, deadline=None)
def test_square_on_white(width: int, height: int) -> None:
    """1000 to 1600 px, the photo in the middle and never blown up, the rest white; the thumbnail likewise."""
    large, small = make(Image.new("RGB", (width, height), (200, 30, 30)), ())
    assert large.width == large.height == min(max(LEAST, width, height), MOST)
    assert (small.width, small.height) == (THUMBNAIL, THUMBNAIL)
    values = np.asarray(Image.open(BytesIO(large.data))).astype(int)
    red = (values[..., 0] - values[..., 1]) > 90
    shown = [int(red.any(axis=axis).sum()) for axis in (0, 1)]
    scale = min(1.0, MOST / max(width, height))
    assert abs(shown[0] - width * scale) <= 9 and abs(shown[1] - height * scale) <= 9
    assert (values[~red].mean() > 235) if (~red).any() else width == height


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_upright(kind: str, orientation: int) -> None:
    """Whatever way the phone was held, and whatever way the file says so, it stands as she saw it."""
    seen = Image.new("RGB", (800, 600), "white")
    seen.paste((220, 20, 20), (0, 0, 400, 300))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    kept = seen.transpose(Image.Transpose(undo[orientation])) if orientation > 1 else seen
    exif = Image.Exif()
    exif[0x0112] = orientation
    upright = shop(encoded(kept, kind, exif=exif.tobytes()))
    assert near(colour(upright, 0.3, 0.35), (220, 20, 20)) and near(
        colour(upright, 0.7, 0.65), (255, 255, 255)
    )


def test_nothing_of_camera_or_place() -> None:
    """Place, time, maker, comments, profile and preview are gone from all that is shown."""
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "SecretPhone", "2026:01:05 09:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (19.0, 35.0, 59.0), 3: "E", 4: (81.0, 39.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encoded(picture("bowl"), exif=exif, icc_profile=profile, comment=b"SecretPlace")
    assert b"Secret" in data
    found = examine(data)
    assert found.shop and found.thumbnail
    for made in (found.shop, found.thumbnail):
        opened = Image.open(BytesIO(made.data))
        assert not opened.getexif() and set(opened.info) <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
        }
        assert b"Secret" not in made.data and b"Exif" not in made.data and b"ICC_PROFILE" not in made.data


def test_colours_as_they_were_meant() -> None:
    """The same colour written in another profile is shown as the same colour."""
    meant = Image.new("RGB", (700, 700), (180, 90, 60))
    assert near(colour(shop(encoded(meant, "PNG")), 0.5, 0.5), (180, 90, 60), 3)
    swapped = other_profile()
    there = ImageCms.profileToProfile(meant, ImageCms.createProfile("sRGB"), swapped, outputMode="RGB")
    assert there is not None
    written = colour(there, 0.5, 0.5)
    assert not near(written, (180, 90, 60), 10), "the profile makes a difference"
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        options = {"quality": 95} if kind != "PNG" else {}
        data = encoded(there, kind, icc_profile=swapped.tobytes(), **options)
        assert near(colour(shop(data), 0.5, 0.5), (180, 90, 60), 7), kind


def other_profile() -> ImageCms.ImageCmsProfile:
    """sRGB with the places of red and green changed, and so with another name."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    tags = {bytes(data[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red + 4 : red + 12], data[green + 4 : green + 12] = (
        data[green + 4 : green + 12],
        data[red + 4 : red + 12],
    )
    return ImageCms.ImageCmsProfile(
        BytesIO(bytes(data).replace(b"s\0R\0G\0B", b"o\0t\0h\0r").replace(b"sRGB", b"othr"))
    )


def test_clear_parts_are_white() -> None:
    """What lets the ground shine through stands on white, in every way a file can say so."""
    clear = Image.new("RGBA", (800, 800), (20, 160, 40, 255))
    clear.paste((20, 160, 40, 0), (0, 0, 400, 800))
    palette = clear.convert("RGB").quantize(4)
    palette.info["transparency"] = palette.getpixel((10, 10))
    for data in (encoded(clear, "PNG"), encoded(clear, "WEBP", lossless=True), encoded(clear, "GIF")):
        image = shop(data)
        assert near(colour(image, 0.3, 0.5), (255, 255, 255)) and near(
            colour(image, 0.7, 0.5), (20, 160, 40), 14
        )


def test_sixteen_bits_are_scaled() -> None:
    """A gray ramp of 16 bits is a ramp of 8, not white from a 256th on."""
    ramp = np.tile(np.linspace(0, 65535, 900).astype(np.uint16), (900, 1))
    image = shop(encoded(Image.fromarray(ramp), "PNG"))
    assert colour(image, 0.5, 0.5)[0] in range(120, 136)


def test_print_colours() -> None:
    """A photo in four colours is shown in three."""
    image = shop(encoded(Image.new("RGB", (700, 700), (200, 120, 40)).convert("CMYK"), quality=95))
    assert near(colour(image, 0.5, 0.5), (200, 120, 40), 12)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_frame(kind: str) -> None:
    """Of a moving picture the first one is shown."""
    frames = [Image.new("RGB", (600, 600), tone) for tone in ("red", "blue")]
    assert near(
        colour(shop(encoded(frames[0], kind, save_all=True, append_images=frames[1:])), 0.5, 0.5), (254, 0, 0)
    )


@pytest.mark.parametrize("step", ["exposed -3", "contrast 0.25"])
def test_dark_and_flat_photos_are_helped(step: str) -> None:
    """Their contrast is raised, at most doubled, without another hue; a good photo stays as it is."""
    bad = degraded(picture("bowl"), [step])
    plain, helped = (np.asarray(Image.open(BytesIO(make(bad, found)[0].data))) for found in ((), ("flat",)))
    inside = np.s_[300:1200, 100:1300]
    before, after = plain[inside].astype(float), helped[inside].astype(float)
    assert 1.3 < after.std() / before.std() < 2.1
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.98
    good = make(picture("bowl"), ("blurred",))[0].data
    assert good == make(picture("bowl"), ())[0].data


def test_the_same_bytes_every_time() -> None:
    """A picture made again is the same to the byte: after a crash nothing is stored twice."""
    data = encoded(picture("drum"))
    assert examine(data) == examine(data)


def test_small_but_seen() -> None:
    """A photo that is refused still has its pictures, from 200 px on: she may have no better one."""
    refused = examine(encoded(picture("bowl").resize((300, 210))))
    assert refused.judgement.verdict == "refuse" and refused.shop and refused.shop.width == LEAST
    assert examine(encoded(picture("bowl").resize((300, 190)))).shop is None
    assert examine(encoded(picture("bowl")), pictures=False).shop is None


@pytest.mark.parametrize(
    ("count", "grid"), [(1, (1, 1)), (2, (2, 1)), (4, (2, 2)), (5, (3, 2)), (9, (3, 3)), (10, (3, 4))]
)
def test_a_sheet_has_a_place_for_each(count: int, grid: tuple[int, int]) -> None:
    """Up to ten pictures in reading order, each in its own colour, with its number on it."""
    tones = [(20 * number, 255 - 20 * number, 90) for number in range(count)]
    thumbnails = [make(Image.new("RGB", (1200, 1200), tone), ())[1].data for tone in tones]
    sheet = Image.open(BytesIO(contact_sheet(thumbnails)))
    assert [round(side / (THUMBNAIL + 8)) for side in sheet.size] == list(grid)
    for place, tone in enumerate(tones):
        x, y = ((place % grid[0] + 0.7) / grid[0], (place // grid[0] + 0.7) / grid[1])
        assert near(colour(sheet, x, y), tone, 10)


def test_the_numbers_are_large_and_differ() -> None:
    """White on black in the corner of each picture, high enough for a small phone: a tenth of the width."""
    thumbnail = make(Image.new("RGB", (1200, 1200), (150, 150, 150)), ())[1].data
    sheet = np.asarray(Image.open(BytesIO(contact_sheet([thumbnail] * 10))).convert("L"))
    corners = [
        sheet[8 + row * 328 : 112 + row * 328, 8 + column * 328 : 112 + column * 328]
        for row in range(4)
        for column in range(3)
    ][:10]
    rows = np.flatnonzero((corners[0][:, 40:64] > 200).any(axis=1))
    assert rows[-6] - rows[5] > 60
    assert len({corner.tobytes() for corner in corners}) == 10


def test_a_sheet_says_what_is_shown() -> None:
    """Words stand below the pictures they are given for; a number may lack its picture; none is an error."""
    thumbnail = make(picture("bowl"), ())[1].data
    bare, named = contact_sheet([thumbnail, None]), contact_sheet([thumbnail, None], ["front", ""])
    assert Image.open(BytesIO(named)).height >= Image.open(BytesIO(bare)).height
    for wrong in ([], [thumbnail] * 11):
        with pytest.raises(ValueError, match="1 to 10 pictures"):
            contact_sheet(wrong)
