"""Photos and voice notes of the simulator's phone: kept below `var/`, offered as a provider offers media."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import av

from bot.media.sniff import sniff
from bot.settings import Settings

NAME = re.compile(r"[0-9a-f]{32}")


def keep(settings: Settings, data: bytes, claimed: str) -> tuple[str, str]:
    """Write the bytes down; the name under which they are offered, and their content type.

    A recording of the browser (WebM) becomes what WhatsApp sends of it (OGG), with the same sound.
    """
    sniffed = sniff(data, claimed)
    content_type = claimed.partition(";")[0] if sniffed.kind == "other" else sniffed.content_type
    if content_type == "audio/webm":
        data, content_type = _as_ogg(data)
    name = uuid4().hex
    folder = _folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return name, content_type


def find(settings: Settings, name: str) -> tuple[Path, str] | None:
    """The file of this name and its content type by its bytes; None for a wrong name."""
    path = _folder(settings) / name
    if not NAME.fullmatch(name) or not path.is_file():
        return None
    with path.open("rb") as file:
        return path, sniff(file.read(512), "audio/").content_type


def _folder(settings: Settings) -> Path:
    return Path(settings.var_dir) / "simulator"


def _as_ogg(webm: bytes) -> tuple[bytes, str]:
    """The same Opus packets in the other container; what cannot be read stays as it came."""
    out = BytesIO()
    try:
        with av.open(BytesIO(webm), "r") as source, av.open(out, "w", format="ogg") as target:
            sound = source.streams.audio[0]
            stream = target.add_stream_from_template(sound)
            for packet in source.demux(sound):
                if packet.dts is not None:
                    packet.stream = stream
                    target.mux(packet)
    except (av.FFmpegError, ValueError, IndexError):
        return webm, "audio/webm"
    return out.getvalue(), "audio/ogg"
