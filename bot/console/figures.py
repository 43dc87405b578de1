"""Numbers that people look at, read from the counters: no message is read, no single person is in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, func, select, true

from bot.console.pages import walk
from bot.console.sessions import Who
from bot.figures import QUESTIONS, median
from bot.seller_card import key_of
from models import Figure

PERIODS = (7, 30, 90, 0)
"""Days that one can look at; 0 is all of them."""
_columns = Figure.__table__.c
Numbers = dict[str, int]


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the funnel: of how many talks it was asked, and how many stand there now."""

    slot: str
    asked: int
    stands: int


@dataclass(frozen=True, slots=True)
class Place:
    """The listings of one block: by craft, and all."""

    district: str
    block: str
    crafts: Numbers
    total: int


@dataclass(slots=True)
class Figures:
    """Everything on the page; `messages` and `minutes` are medians of a finished talk, None of none."""

    started: int = 0
    finished: int = 0
    cancelled: int = 0
    messages: float | None = None
    minutes: float | None = None
    funnel: list[Question] = field(default_factory=list)
    forms: Numbers = field(default_factory=dict)
    photos: int = 0
    refused: Numbers = field(default_factory=dict)
    languages: Numbers = field(default_factory=dict)
    crafts: Numbers = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)

    @property
    def voice_share(self) -> int | None:
        """Voice notes among all that was said, in per cent; None where nothing was said."""
        total = sum(self.forms.values())
        return round(100 * self.forms.get("voice", 0) / total) if total else None


def read(conn: Connection, who: Who, days: int, today: date, everywhere: bool) -> Figures:
    """The figures of the last `days` days (0: of all) in her districts, or everywhere.

    Only listings are counted by block: for a rep with blocks `places` has hers, all else is of the districts.
    """
    query = (
        select(_columns.district, _columns.what, _columns.key, func.sum(_columns.count).label("total"))
        .where(_where(who, everywhere), *_since(days, today))
        .group_by(_columns.district, _columns.what, _columns.key)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    listings: Counter[tuple[str, str]] = Counter()
    for row in conn.execute(query):
        found[row.what][row.key] += int(row.total)
        if row.what == "listing" and _of_her_blocks(who, row.key):
            listings[row.district, row.key] += int(row.total)
    return _figures(found, listings)


def rows(
    db: Engine, who: Who, days: int, today: date, everywhere: bool
) -> Iterator[tuple[date, str, str, str, int]]:
    """The counters themselves, for a file: day, district, what, which, how many."""
    names = [_columns[name] for name in ("day", "district", "what", "key", "count")]
    query = select(*names).where(_where(who, everywhere), *_since(days, today), _columns.count != 0)
    for row in walk(db, query, names[:4]):
        if row.what == "listing" and not _of_her_blocks(who, row.key):
            continue
        yield row.day, row.district, row.what, row.key, row._mapping["count"]


def _where(who: Who, everywhere: bool) -> ColumnElement[bool]:
    if everywhere or who.role == "admin":
        return true()
    # Whose district nobody knows yet is in the figures of those who see such people.
    mine = [*who.districts, ""] if who.role == "lead" else list(who.districts)
    return _columns.district.in_(mine)


def by_block(who: Who) -> bool:
    """Has she less than whole districts?"""
    return who.role == "rep" and bool(who.blocks)


def _of_her_blocks(who: Who, key: str) -> bool:
    """Is this key of a listing, `craft|block`, one of a block that she sees, or of one that nobody knows?"""
    block = key.partition("|")[2]
    return not by_block(who) or not block or key_of(block) in {key_of(each) for each in who.blocks}


def _since(days: int, today: date) -> list[ColumnElement[bool]]:
    return [_columns.day > today - timedelta(days=days)] if days else []


def _figures(found: dict[str, Counter[str]], listings: Counter[tuple[str, str]]) -> Figures:
    funnel = [
        Question(slot, found["asked"][slot], found["stands"][slot])
        for slot in (*QUESTIONS, "other")
        if found["asked"][slot] or found["stands"][slot]
    ]
    crafts: Counter[str] = Counter()
    for key, count in found["listing"].items():
        crafts[key.partition("|")[0]] += count
    return Figures(
        started=found["started"][""],
        finished=found["finished"][""],
        cancelled=sum(found["cancelled"].values()),
        messages=median({int(key): count for key, count in found["messages"].items()}),
        minutes=median({int(key): count for key, count in found["minutes"].items()}),
        funnel=funnel,
        forms=_largest(found["form"]),
        photos=found["photo"][""],
        refused=_largest(found["photo_refused"]),
        languages=_largest(found["language"]),
        crafts=_largest(crafts),
        places=_places(listings),
    )


def _places(listings: Counter[tuple[str, str]]) -> list[Place]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (district, key), count in listings.items():
        craft, _, block = key.partition("|")
        found[district, block][craft] += count
    places = [Place(*where, _largest(crafts), sum(crafts.values())) for where, crafts in found.items()]
    return sorted(places, key=lambda place: (-place.total, place.district, place.block))


def _largest(counts: Counter[str]) -> Numbers:
    return {key: count for key, count in counts.most_common() if count > 0}
