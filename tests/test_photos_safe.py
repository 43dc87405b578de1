"""Photos and voice notes from strangers: every file gets a verdict, none a crash, none much memory."""

from __future__ import annotations

import random
import struct
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from bot.media.audio import probe
from bot.media.photos import examine, judge
from bot.media.sniff import is_sticker, sniff
from tests.degraded import degraded, encoded, picture, sent

pillow_heif.register_heif_opener()  # only here: to write such files

HERE = Path(__file__).parent
BOWL = HERE / "images" / "bowl.jpg"
VOICE = HERE / "audio" / "brass_elephant_hi.ogg"
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")


def bowl() -> Image.Image:
    return picture("bowl")


def noise(width: int, height: int) -> Image.Image:
    values = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(values)


def refused(data: bytes) -> tuple[str, ...]:
    verdict = judge(data)
    assert verdict.verdict == "refuse"
    return verdict.problems


@pytest.mark.parametrize("kind", [*KINDS, "TIFF", "BMP", "JPEG2000", "ICO", "PPM"])
def test_formats(kind: str) -> None:
    """What phones make is read, and judged the same; what only opens doors for attackers is not read."""
    verdict = judge(encoded(bowl(), kind))
    if kind in KINDS:
        assert (verdict.problems, verdict.width, verdict.height) == ((), 1478, 1000)
    else:
        assert verdict.problems == ("unreadable",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        b"not a photo",
        b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj",
        b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        b"<html><script>alert(1)</script>",
        b"PK\x03\x04" + bytes(200),
        bytes(5000),
    ],
)
def test_no_photo_is_unreadable(data: bytes, tmp_path: Path) -> None:
    """Anything else is unreadable, and says so, whatever the file is called."""
    assert refused(data) == ("unreadable",)
    (tmp_path / "photo.jpg").write_bytes(data)
    found = examine(tmp_path / "photo.jpg")
    assert found.judgement.problems == ("unreadable",) and found.shop is found.thumbnail is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_photo_is_unreadable(kind: str) -> None:
    """Half a file is not filled up with gray."""
    data = encoded(bowl(), kind)
    assert refused(data[: len(data) // 2]) == ("unreadable",)


def test_small_photos() -> None:
    """Below 500 px on the short side it is too small; below 200, or in a strip, nothing else is looked at."""
    assert "too_small" in refused(encoded(noise(499, 900)))
    assert refused(encoded(noise(199, 900))) == refused(encoded(noise(210, 5000))) == ("too_small",)
    assert "too_small" not in judge(encoded(noise(500, 900))).problems


@pytest.mark.parametrize("size", [(9000, 9000), (7800, 7800), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_not_opened(size: tuple[int, int]) -> None:
    """A small file that would unfold to hundreds of megabytes is refused from its header alone."""
    assert refused(png_header(*size)) == ("unreadable",)


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100)))


def test_a_huge_logical_screen() -> None:
    """A GIF whose header names 65,535 × 65,535 px for one small frame would be four gigabytes: refused."""
    data = bytearray(encoded(noise(300, 300), "GIF"))
    data[6:10] = struct.pack("<HH", 65535, 65535)
    assert refused(bytes(data)) == ("unreadable",)


@pytest.mark.parametrize(
    ("kind", "megapixels", "options"),
    [
        ("PNG", 12.8, {"compress_level": 1}),
        ("WEBP", 4.2, {"method": 0}),
        ("HEIF", 12.8, {}),
        ("AVIF", 6.2, {"speed": 10}),
        ("JPEG", 9.8, {"progressive": True, "subsampling": 0}),
    ],
)
def test_each_format_has_its_limit(kind: str, megapixels: float, options: dict[str, object]) -> None:
    """What needs more memory for a pixel may have fewer of them; its size is told all the same."""
    side = round((megapixels * 1_000_000) ** 0.5)
    verdict = judge(encoded(Image.new("RGB", (side, side), "brown"), kind, **options))
    assert (verdict.problems, verdict.width, verdict.height) == (("unreadable",), side, side)


@pytest.mark.parametrize("kind", ["JPEG", "GIF"])
def test_two_files_in_one(kind: str) -> None:
    """A photo with an archive or a script behind it is that photo, and its pictures hold nothing else."""
    behind = BytesIO()
    with zipfile.ZipFile(behind, "w") as archive:
        archive.writestr("run.js", "alert(1)" * 200)
    data = encoded(bowl(), kind) + behind.getvalue() + b"*/alert(1)//"
    found = examine(data)
    assert found.judgement.verdict == "ok" and found.shop and found.thumbnail
    for made in (found.shop, found.thumbnail):
        assert b"alert" not in made.data and b"PK" not in made.data[-300:] and made.data.endswith(b"\xff\xd9")


@pytest.mark.parametrize("other", ["PNG", "WEBP", "HEIF", "GIF"])
def test_a_wrong_name_does_not_matter(other: str, tmp_path: Path) -> None:
    """The bytes tell the format, not the name."""
    (tmp_path / "photo.jpg").write_bytes(encoded(bowl(), other))
    assert judge(tmp_path / "photo.jpg").verdict == "ok"


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0garbage" * 9,
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0MM\0*" + bytes(60),
    ],
)
def test_broken_exif_is_no_reason(exif: bytes) -> None:
    """Metadata that makes no sense is not read; the photo is."""
    assert judge(encoded(bowl(), exif=exif)).verdict == "ok"


@pytest.mark.parametrize("profile", [b"garbage", bytes(128), b"\0\0\2\0lcms" + bytes(200), b"sRGB?"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_broken_profile_is_no_reason(kind: str, profile: bytes) -> None:
    """A colour profile that makes no sense is dropped; the colours stay as they are."""
    found = examine(encoded(bowl(), kind, icc_profile=profile))
    assert found.judgement.verdict == "ok" and found.shop


def test_upright_as_she_sees_it() -> None:
    """A photo taken on its side counts with the sides it is seen with."""
    exif = Image.Exif()
    exif[0x0112] = 6
    verdict = judge(encoded(noise(900, 600), exif=exif))
    assert (verdict.width, verdict.height) == (600, 900)


def test_modes() -> None:
    """CMYK, palettes, transparency and 16 bits are pictures like others."""
    gray = np.asarray(bowl().convert("L"))
    clear = bowl().convert("RGBA")
    clear.putalpha(Image.new("L", clear.size, 200))
    for data in (
        encoded(bowl().convert("CMYK")),
        encoded(bowl().convert("L")),
        encoded(bowl().convert("P"), "PNG"),
        encoded(bowl().convert("1"), "PNG"),
        encoded(bowl().convert("LA"), "PNG"),
        encoded(clear, "PNG"),
        encoded(clear, "WEBP"),
        encoded(Image.fromarray(gray.astype(np.uint16) * 257), "PNG"),
    ):
        assert judge(data).verdict == "ok"


def test_the_same_photo_again() -> None:
    """A photo sent again smaller and recompressed is refused and the earlier one named; no other photo is."""
    earlier = {4: judge(HERE / "images" / "drum.jpg").hash, 7: judge(BOWL).hash}
    again = judge(encoded(bowl().resize((1200, 812)), quality=60), earlier)
    assert (again.verdict, again.problems, again.same_as) == ("refuse", ("same",), 7)
    blurred = judge(sent(degraded(bowl(), ["blur 1.5"])), earlier)
    assert blurred.problems == ("blurred", "same"), "every problem is named"
    other = judge(HERE / "images" / "brushes.jpg", earlier)
    assert (other.verdict, other.same_as) == ("ok", None)
    assert judge(b"", earlier).problems == ("unreadable",)


def test_two_pieces_of_one_form_are_two_photos() -> None:
    """The same form on the same cloth, or the same scene from beside: not the same photo."""
    for one, other in (("brushes", "drum"), ("fig_near", "stream"), ("bowl", "room")):
        first, second = (sent(degraded(picture(name), ["ground 235"])) for name in (one, other))
        assert judge(second, {1: judge(first).hash}).same_as is None
    beside = {1: judge(HERE / "images" / "motorcycle.jpg").hash}
    assert judge(HERE / "images" / "motorcycle_beside.jpg", beside).same_as is None


def test_a_likeness_of_another_form_is_like_nothing() -> None:
    """What an older version wrote beside a photo is no likeness to us, and no error."""
    assert judge(BOWL, {1: "", 2: "a9c3e1f00d17b2c4"}).verdict == "ok"


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "AVIF"])
def test_moving_pictures_show_their_first_frame(kind: str) -> None:
    """An animation is looked at once, and she hears that it moves; it is taken."""
    moving = judge(encoded(bowl(), kind, save_all=True, append_images=[noise(1478, 1000)]))
    assert (moving.verdict, moving.problems) == ("warn", ("animated",))


def test_what_is_kept_beside_the_photo() -> None:
    """The names in media.verdict, all of them in every case."""
    names = {"verdict", "problems", "advice", "width", "height", "hash", "same_as", "fills_frame"}
    good, bad = judge(BOWL).as_json(), judge(b"").as_json()
    assert set(good) == set(bad) == names
    assert good["hash"] and bad["hash"] == "" and bad["same_as"] is None and bad["advice"] == []


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
