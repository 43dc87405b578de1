"""What every web room needs, opened once and never changed afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import Engine

from bot.channels import Channel, open_channels
from bot.media.store import MediaStore
from bot.settings import Settings
from bot.talk import Talk
from models.database import connect

EXTENSION = "sangwari"


@dataclass(frozen=True, slots=True)
class House:
    """The open parts of one web process. `clock` gives the present in UTC."""

    db: Engine
    talk: Talk
    settings: Settings
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    store: MediaStore


def open_house(settings: Settings) -> House:
    """Connect and load everything the settings name. The database must be migrated already."""
    return House(
        db=connect(settings.database_url),
        talk=Talk.load(settings),
        settings=settings,
        channels=open_channels(settings),
        clock=lambda: datetime.now(UTC),
        store=MediaStore(settings.media_url),
    )


def house() -> House:
    """The house of the running request."""
    opened: House = current_app.extensions[EXTENSION]
    return opened
