"""What bytes are, from the bytes: the claimed content type only breaks a tie between sound and film."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import MediaKind


@dataclass(frozen=True, slots=True)
class Sniffed:
    """The kind a room handles it as, and the content type it may be served with."""

    kind: MediaKind
    content_type: str


UNKNOWN = Sniffed("other", "application/octet-stream")
STARTS: tuple[tuple[bytes, Sniffed], ...] = (
    (b"\xff\xd8\xff", Sniffed("photo", "image/jpeg")),
    (b"\x89PNG\r\n\x1a\n", Sniffed("photo", "image/png")),
    (b"GIF87a", Sniffed("photo", "image/gif")),
    (b"GIF89a", Sniffed("photo", "image/gif")),
    (b"#!AMR", Sniffed("voice", "audio/amr")),
    (b"ID3", Sniffed("voice", "audio/mpeg")),
    (b"\xff\xfb", Sniffed("voice", "audio/mpeg")),
    (b"\xff\xf3", Sniffed("voice", "audio/mpeg")),
    (b"\xff\xf2", Sniffed("voice", "audio/mpeg")),
    (b"\xff\xe3", Sniffed("voice", "audio/mpeg")),
    (b"\xff\xe2", Sniffed("voice", "audio/mpeg")),
    (b"\xff\xf1", Sniffed("voice", "audio/aac")),
    (b"\xff\xf9", Sniffed("voice", "audio/aac")),
    (b"%PDF-", Sniffed("other", "application/pdf")),
)
HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
AVIF = {b"avif", b"avis"}
M4A = {b"M4A ", b"M4B "}


def sniff(data: bytes, claimed: str = "") -> Sniffed:
    """The first bytes tell; anything we do not handle is `other`."""
    for start, sniffed in STARTS:
        if data.startswith(start):
            return sniffed
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Sniffed("photo", "image/webp")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return Sniffed("voice", "audio/wav")
    if data[:4] == b"OggS":
        sound = b"OpusHead" in data[:128] or b"\x01vorbis" in data[:128]
        return Sniffed("voice", "audio/ogg") if sound else UNKNOWN
    if data[4:8] == b"ftyp":
        return _iso_media(data, claimed)
    if data[:4] == b"\x1aE\xdf\xa3" and claimed.startswith("audio/"):
        return Sniffed("voice", "audio/webm")
    return UNKNOWN


def is_sticker(data: bytes) -> bool:
    """A WebP of exactly 512 × 512 with transparency or movement: the only form WhatsApp stickers have."""
    if sniff(data).content_type != "image/webp" or data[12:16] != b"VP8X" or len(data) < 30:
        return False
    flags = data[20]
    width = int.from_bytes(data[24:27], "little") + 1
    height = int.from_bytes(data[27:30], "little") + 1
    return (width, height) == (512, 512) and bool(flags & 0b0001_0010)


def _iso_media(data: bytes, claimed: str) -> Sniffed:
    """HEIC, AVIF, M4A and MP4 share one box format: the brands tell them apart."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12]} | {data[at : at + 4] for at in range(16, size, 4)}
    if brands & AVIF:
        return Sniffed("photo", "image/avif")
    if brands & HEIC:
        return Sniffed("photo", "image/heic")
    if brands & M4A or claimed.startswith("audio/"):
        return Sniffed("voice", "audio/mp4")
    return Sniffed("other", "video/mp4")
