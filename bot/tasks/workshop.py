"""What every task has at hand: the database, the store, the channels and the talk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.base import Channel
    from bot.media.store import MediaStore
    from bot.receive import Talk


@dataclass(frozen=True, slots=True)
class Workshop:
    """`channels` by their names; `clock` gives the moment, in UTC: the real one, or the one of `chat`."""

    db: Engine
    settings: Settings
    store: MediaStore
    channels: dict[str, Channel]
    talk: Talk
    clock: Callable[[], datetime]
