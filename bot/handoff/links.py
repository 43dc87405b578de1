"""Addresses of photos and voice notes: they work for a while only, so each reader gets fresh ones."""

from __future__ import annotations

from collections.abc import Callable

from bot.messages import Json


def with_fresh_links(message: Json, sign: Callable[[str], str]) -> Json:
    """The message with new addresses for the same bytes; `sign` takes their sha256."""
    return message | {
        part: [entry | {"url": sign(entry["sha256"])} for entry in message[part]]
        for part in ("photos", "voice_notes")
    }
