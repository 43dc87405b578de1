"""Photos and voice notes from strangers: every file gets a verdict, none a crash, none much memory."""

from __future__ import annotations

import random
import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from bot.media.audio import probe
from bot.media.photos import Judgement, judge
from bot.media.sniff import is_sticker, sniff

HERE = Path(__file__).parent
BOWL = HERE / "images" / "bowl.jpg"
VOICE = HERE / "audio" / "brass_elephant_hi.ogg"


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def bowl() -> Image.Image:
    return Image.open(BOWL).convert("RGB")


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def refused(data: bytes) -> tuple[str, ...]:
    verdict = judge(data)
    assert verdict.verdict == "refuse"
    return verdict.problems


@pytest.mark.parametrize("name", ["bowl", "brushes", "dandelion", "drum"])
def test_a_good_photo_is_ok(name: str) -> None:
    """Real photographs of things pass without a word."""
    verdict = judge(HERE / "images" / f"{name}.jpg")
    assert (verdict.verdict, verdict.problems) == ("ok", ())
    assert verdict.width >= 1000 and len(verdict.sha256) == 64 and len(verdict.hash) == 16


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "HEIF", "AVIF", "TIFF", "BMP"])
def test_formats(kind: str) -> None:
    """What phones make is read; what only opens doors for attackers is not."""
    verdict = judge(encoded(bowl(), kind))
    expected = ("unreadable",) if kind in {"TIFF", "BMP"} else ()
    assert tuple(word for word in verdict.problems if word == "unreadable") == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xd8\xff",
        b"not a photo",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        bytes(5000),
    ],
)
def test_no_photo_is_unreadable(data: bytes) -> None:
    """Anything else is unreadable, and says so."""
    assert refused(data) == ("unreadable",)


def test_a_cut_photo_is_unreadable() -> None:
    """Half a file is not filled up with gray."""
    data = BOWL.read_bytes()
    assert refused(data[: len(data) // 2]) == ("unreadable",)


def test_small_photos() -> None:
    """Below 500 px on the short side it is too small; below 200 nothing else is looked at."""
    assert "too_small" in refused(encoded(noise(499, 900)))
    assert refused(encoded(noise(199, 5000))) == ("too_small",)
    assert "too_small" not in judge(encoded(noise(500, 900))).problems


def test_a_bomb_is_not_opened() -> None:
    """A small file that would unfold to hundreds of megabytes is refused from its header alone."""
    assert refused(png_header(9000, 9000)) == ("unreadable",)
    assert refused(png_header(2**31 - 1, 2**31 - 1)) == ("unreadable",)


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100)))


def test_damaged_files_get_a_verdict() -> None:
    """Hundreds of files with flipped bytes: always a verdict, whatever the decoders raise."""
    chance = random.Random(7)
    small = bowl().resize((300, 440))
    for kind in ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"):
        good = encoded(small, kind)
        for _ in range(30):
            damaged = bytearray(good)
            for _ in range(chance.randint(1, 20)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            assert isinstance(judge(bytes(damaged)), Judgement)


def test_upright_as_she_sees_it() -> None:
    """A photo taken on its side counts with the sides it is seen with."""
    exif = Image.Exif()
    exif[0x0112] = 6
    verdict = judge(encoded(noise(900, 600), exif=exif))
    assert (verdict.width, verdict.height) == (600, 900)


def test_modes() -> None:
    """CMYK, palettes, transparency and 16 bits are pictures like others."""
    gray16 = Image.fromarray(np.random.default_rng(2).integers(0, 65535, (600, 600), dtype=np.uint16))
    transparent = noise(600, 600).convert("RGBA")
    transparent.putalpha(Image.new("L", (600, 600), 128))
    for data in (
        encoded(noise(600, 600).convert("CMYK")),
        encoded(noise(600, 600).convert("P"), "PNG"),
        encoded(transparent, "PNG"),
        encoded(gray16, "PNG"),
    ):
        assert "unreadable" not in judge(data).problems


def test_light_and_sharpness() -> None:
    """Each fault is named: dark, too bright, without contrast, blurred."""
    dark = ImageEnhance.Brightness(bowl()).enhance(0.2)
    bright = ImageEnhance.Brightness(bowl()).enhance(6)
    flat = ImageEnhance.Contrast(bowl()).enhance(0.15)
    assert "dark" in judge(encoded(dark)).problems
    assert "overexposed" in judge(encoded(bright)).problems
    assert "flat" in judge(encoded(flat)).problems
    blurred = judge(encoded(bowl().filter(ImageFilter.GaussianBlur(5))))
    assert blurred.verdict == "refuse" and "blurred" in blurred.problems


def test_the_same_photo_again() -> None:
    """A photo sent again smaller and recompressed is known; another photo is not taken for it."""
    first = judge(BOWL)
    again = judge(encoded(bowl().resize((800, 1182)), quality=60), [first.hash])
    other = judge(HERE / "images" / "drum.jpg", [first.hash])
    assert again.problems == ("same",) and again.verdict == "warn" and other.problems == ()


def test_moving_pictures_show_their_first_frame() -> None:
    """An animation is looked at once, and she hears that it moves."""
    frames = [noise(600, 600), bowl().resize((600, 600))]
    assert "animated" in judge(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])).problems


def test_stickers() -> None:
    """A sticker is known by its form; a photo in the same format is not one."""
    sticker = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    sticker.paste((200, 30, 30, 255), (100, 100, 300, 300))
    assert is_sticker(encoded(sticker, "WEBP"))
    assert not is_sticker(encoded(bowl(), "WEBP")) and not is_sticker(encoded(bowl()))


@pytest.mark.parametrize(
    ("data", "claimed", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "audio/ogg", ("photo", "image/jpeg")),
        (b"OggS" + bytes(24) + b"OpusHead", "image/jpeg", ("voice", "audio/ogg")),
        (b"#!AMR\n", "", ("voice", "audio/amr")),
        (b"ID3\x04", "", ("voice", "audio/mpeg")),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A mp42", "", ("voice", "audio/mp4")),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "", ("photo", "image/heic")),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "", ("photo", "image/avif")),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42", "video/mp4", ("other", "video/mp4")),
        (b"MZ\x90\0", "image/jpeg", ("other", "application/octet-stream")),
        (b"<html><script>", "image/jpeg", ("other", "application/octet-stream")),
        (b"", "image/jpeg", ("other", "application/octet-stream")),
    ],
)
def test_bytes_tell_what_they_are(data: bytes, claimed: str, expected: tuple[str, str]) -> None:
    """Not the claim, the bytes decide."""
    found = sniff(data, claimed)
    assert (found.kind, found.content_type) == expected


def test_a_voice_note_is_heard() -> None:
    """A real note: its length, and nothing to say against it."""
    heard = probe(VOICE.read_bytes())
    assert heard.verdict == "ok" and 5 < heard.seconds < 6


def test_hostile_sound_gets_a_verdict() -> None:
    """Damaged, cut, empty and wrong files: always a verdict."""
    good = VOICE.read_bytes()
    chance = random.Random(7)
    assert probe(b"").problems == probe(BOWL.read_bytes()).problems == ("unreadable",)
    assert probe(b"#EXTM3U\nhttp://127.0.0.1:1/x.ogg\n").problems == ("unreadable",)
    for _ in range(150):
        damaged = bytearray(good[: chance.randint(1, len(good))])
        for _ in range(chance.randint(1, 20)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        assert probe(bytes(damaged)).verdict in {"ok", "warn", "refuse"}


@pytest.mark.parametrize(
    ("level", "seconds", "problems"),
    [(0.0, 2, ("silent",)), (0.006, 2, ("too_quiet",)), (4.0, 2, ("clipped",)), (0.3, 150, ("too_long",))],
)
def test_levels_of_sound(level: float, seconds: int, problems: tuple[str, ...]) -> None:
    """Silence is refused; too quiet, clipped and too long are said."""
    heard = probe(tone(level, seconds))
    assert heard.problems == problems
    assert heard.verdict == ("refuse" if problems == ("silent",) else "warn") and heard.seconds <= 120


def tone(level: float, seconds: int) -> bytes:
    """A hum of this level as OGG/Opus."""
    import av

    out = BytesIO()
    wave = np.clip(level * np.sin(np.arange(48_000 * seconds) * 0.03), -1, 1)
    samples = (wave * 32767).astype(np.int16)
    with av.open(out, "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()
