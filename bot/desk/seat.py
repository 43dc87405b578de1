"""One person at the desk, on the database itself: claims, sounds, and what she or he answers."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.desk import queue
from bot.desk.note import Note
from bot.desk.player import Player, listenable
from bot.media.store import MediaStore
from bot.settings import Settings
from bot.talk import Talk
from bot.tasks.workshop import Workshop
from models.database import connect, migrate, reading


class Seat:
    """Notes for `by`, in `language` if given. `skipped` are not offered again."""

    def __init__(self, shop: Workshop, by: str, language: str | None, folder: Path) -> None:
        self.shop = shop
        self.by = by
        self.language = language
        self.player = Player()
        self.skipped: set[int] = set()
        self._folder = folder

    def next(self) -> Note | None:
        """The note that waits longest, claimed."""
        now = self.shop.clock()
        return queue.claim(self.shop.db, now, self.by, language=self.language, besides=self.skipped)

    def waiting(self) -> int:
        """How many wait, whoever has them."""
        with reading(self.shop.db) as conn:
            return len(queue.listed(conn, self.shop.clock(), limit=1000))

    def sound(self, note: Note) -> Path | None:
        """Where it can be listened to, as long as the seat is taken; None if its bytes are gone."""
        path = self._folder / f"{note.id}.wav"
        try:
            return path if path.exists() else listenable(self.shop.store.read(note.audio), path)
        except FileNotFoundError:
            return None

    def renew(self, note: Note) -> None:
        queue.renew(self.shop.db, self.shop.clock(), note.id, note.claim)

    def submit(self, note: Note, text: object) -> None:
        queue.submit(self.shop, note.id, note.claim, text)

    def cannot_hear(self, note: Note) -> None:
        queue.cannot_hear(self.shop, note.id, note.claim)

    def release(self, note: Note) -> None:
        """Give it back; it is not offered here again."""
        self.skipped.add(note.id)
        queue.release(self.shop.db, note.id, note.claim)

    @contextmanager
    def in_hand(self, note: Note) -> Iterator[None]:
        """Work on it; whatever breaks that off, the note is given back and the player is silent."""
        try:
            yield
        except BaseException:
            with suppress(queue.WrongClaim):
                self.release(note)
            raise
        finally:
            self.player.stop()


@contextmanager
def take_seat(settings: Settings, by: str, language: str | None) -> Iterator[Seat]:
    """Open what the settings name; the copies of the notes are gone when the person is."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    db = connect(settings.database_url)
    migrate(db)
    shop = Workshop(
        db=db,
        settings=settings,
        store=MediaStore(settings.media_url),
        channels={},
        talk=Talk.load(settings),
        clock=lambda: datetime.now(UTC),
    )
    with TemporaryDirectory(prefix="desk-") as folder:
        seat = Seat(shop, queue.checked(by, "by", queue.LONGEST_NAME), language, Path(folder))
        yield seat
