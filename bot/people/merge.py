"""Two sellers who are one person with two phones become one, in one transaction.

The gone seller's row is deleted at the end: whatever still named it, the foreign keys would refuse that. A
turn of either that was thought out meanwhile is overtaken: its talk stands elsewhere, or has a new revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from bot import jobs, join_codes, offers, seller_card
from bot.hours import by_day
from bot.messages import Json
from bot.people import merged_jobs
from bot.people.merged_talk import Agreed, Merged, has_draft, merged
from models import (
    Address,
    Audit,
    Consent,
    Conversation,
    FigureTalk,
    JoinCode,
    Listing,
    Media,
    Message,
    PhoneShare,
    PhotoOffer,
    RepTask,
    Seller,
    SellerCard,
)

WHAT = "sellers_merged"
SECOND_DRAFT = "second_draft"
MOVED = (Address, Message, Media, Listing, Consent, RepTask)
"""Tables whose rows only change their seller; `photo_offer` calls her the sender."""
_seller, _talk, _media = Seller.__table__.c, Conversation.__table__.c, Media.__table__.c


class NotNow(Exception):
    """Something that deletes by a seller's id is on its way; once it has ended, it may be done."""


def merge(conn: Connection, keep: int, gone: int, by: str, now: datetime) -> Json | None:
    """All of `gone` becomes that of `keep`, in the caller's transaction; `by`: seller, `rep:<id>` or a name.

    Answers `{"second_draft", "stopped"}`; None when there are no longer two: then nothing was changed.
    NotNow while one of them is being erased, or a draft of hers deleted.
    """
    talks = _locked(conn, keep, gone)
    if talks is None:
        return None
    if merged_jobs.in_the_way(conn, (keep, gone)):
        raise NotNow("work that deletes by her id has to end first")
    sellers = {row.id: row for row in conn.execute(select(Seller.__table__).where(_seller.id.in_(talks)))}
    stops = [_stop_of(conn, row) for row in sellers.values()]
    stopped_at = max((stop for stop in stops if stop), default=None)
    agreed = _agreed(conn, (keep, gone))
    one = merged(talks[keep].state, talks[gone].state, agreed, stopped=stopped_at is not None)
    _one_card(conn, keep, gone, talks, one)
    _one_talk(conn, talks[keep], talks[gone], one, now)
    other = gone if one.of_kept else keep
    apart = _apart(conn, other, now, agreed.now) if has_draft(one.state) else []
    _move(conn, keep, gone, other)
    _one_seller(conn, sellers[keep], sellers[gone], one, stopped_at)
    merged_jobs.move(conn, keep, gone)
    conn.execute(delete(Seller).where(_seller.id == gone))
    second = one.second is not None or bool(apart)
    if second:
        _for_a_rep(conn, keep, one.second, apart, now)
        if stopped_at is None and by != "seller":
            tell(conn, keep, second=True, now=now, at=by_day(now, keep))
    _write_down(conn, keep, gone, by, now, second)
    return {"second_draft": second, "stopped": stopped_at is not None}


def tell(
    conn: Connection, seller_id: int, *, second: bool, now: datetime, at: datetime, place: Json | None = None
) -> None:
    """She hears in one line that both are one; `place` is `{"channel", "address"}`, else where she writes."""
    utter = "utter_joined_two_drafts" if second else "utter_joined"
    payload = {"seller_id": seller_id, "utter": utter} | (place or {})
    jobs.put(conn, "tell_joined", payload, now=now, run_at=at, unique_key=f"joined:{seller_id}")


def earlier(conn: Connection, seller_id: int) -> set[int]:
    """The ids of sellers who became this one: what was done to them still stands in the audit under these."""
    found, looking = set[int](), {seller_id}
    while looking:
        merges = select(Audit.about).where(Audit.what == WHAT, Audit.seller_id.in_(looking))
        looking = {int(str(about).removeprefix("seller:")) for about in conn.scalars(merges)} - found
        found |= looking
    return found


def _locked(conn: Connection, keep: int, gone: int) -> dict[int, Row[Any]] | None:
    """Both talks by seller; None unless both are there. The talk before the seller, as a turn locks."""
    both = _talk.seller_id.in_((keep, gone))
    talks = select(Conversation.__table__).where(both).order_by(_talk.seller_id).with_for_update()
    found = {row.seller_id: row for row in conn.execute(talks)}
    sellers = select(_seller.id).where(_seller.id.in_((keep, gone))).order_by(_seller.id).with_for_update()
    conn.execute(sellers).all()
    return found if len(found) == 2 else None


def _stop_of(conn: Connection, seller: Row[Any]) -> datetime | None:
    """When she said stop; a carrier's stop of the only number she has is one too."""
    if seller.stopped_at is not None:
        return seller.stopped_at  # type: ignore[no-any-return]
    ways = list(conn.scalars(select(Address.stopped_at).where(Address.seller_id == seller.id)))
    stops = [at for at in ways if at is not None]
    return max(stops) if ways and len(stops) == len(ways) else None


def _agreed(conn: Connection, sellers: tuple[int, ...]) -> Agreed:
    """The newest answer counts, and a withdrawal is an answer."""
    rows = conn.execute(select(Consent.__table__).where(Consent.seller_id.in_(sellers))).all()
    said = [(row.at, row.id, row.given) for row in rows]
    said += [(row.withdrawn_at, row.id, False) for row in rows if row.withdrawn_at]
    yes = max((row for row in rows if row.given), key=lambda row: (row.at, row.id), default=None)
    return Agreed(max(said)[2] if said else False, yes.version if yes else None)


def _one_card(conn: Connection, keep: int, gone: int, talks: Mapping[int, Row[Any]], one: Merged) -> None:
    """What lists find her by: the kept one's card, with what only the other's knew."""
    query = select(SellerCard.__table__).where(SellerCard.seller_id.in_((keep, gone)))
    cards = {row.seller_id: row for row in conn.execute(query)}
    seller_card.forget(conn, gone)
    mine, others = cards.get(keep), cards.get(gone)
    new = {
        name: getattr(mine, name, None) or getattr(others, name, None) for name in ("phone_last4", "rep_id")
    }
    seller_card.write(conn, keep, talks[keep].state, one.state, new)


def _one_talk(conn: Connection, mine: Row[Any], others: Row[Any], one: Merged, now: datetime) -> None:
    conn.execute(delete(Conversation).where(_talk.seller_id == others.seller_id))
    goes_on = mine if one.of_kept else others
    values: Json = {
        "state": one.state,
        "revision": mine.revision + 1,
        "updated_at": goes_on.updated_at,
        "last_inbound_at": max(mine.last_inbound_at, others.last_inbound_at),
        **seller_card.stands(one.state),
    }
    values["asks_since"] = (goes_on.asks_since or now) if values["asks"] else None
    conn.execute(update(Conversation).where(_talk.seller_id == mine.seller_id).values(**values))


def _apart(conn: Connection, other: int, now: datetime, agreed: bool) -> list[int]:
    """Photos and notes of the talk that does not go on, of which nobody was told: they belong to no draft.

    They count as told, and are kept for a rep. Answers their ids.
    """
    own = or_(_media.asks.is_(None), ~_media.asks.startswith(offers.MARK))
    untold = (_media.seller_id == other, _media.delivered_at.is_(None), own)
    rows = conn.execute(select(_media.id, _media.status).where(*untold).order_by(_media.id)).all()
    ids = [row.id for row in rows if agreed or row.status != "held"]
    conn.execute(update(Media).where(_media.id.in_(ids)).values(delivered_at=now))
    held = [row.id for row in rows if row.status == "held" and agreed]
    conn.execute(update(Media).where(_media.id.in_(held)).values(status="waiting"))
    jobs.put_many(conn, [jobs.NewJob("fetch_media", {"media_id": each}) for each in held], now=now)
    return ids


def _move(conn: Connection, keep: int, gone: int, other: int) -> None:
    for model in MOVED:
        conn.execute(update(model).where(model.seller_id == gone).values(seller_id=keep))
    conn.execute(update(PhotoOffer).where(PhotoOffer.sender_id == gone).values(sender_id=keep))
    twice = select(PhoneShare.address_id).where(PhoneShare.seller_id == keep)
    hers = PhoneShare.seller_id == gone
    conn.execute(delete(PhoneShare).where(hers, PhoneShare.address_id.in_(twice)))
    conn.execute(update(PhoneShare).where(hers).values(seller_id=keep))
    # A code that one of them was told has done its work.
    join_codes.forget(conn, JoinCode.seller_id.in_((keep, gone)))
    # What was counted of the talk that ends stays in the figures as it was left.
    both = conn.scalar(select(func.count()).where(FigureTalk.seller_id.in_((keep, gone))))
    if both == 2:
        conn.execute(delete(FigureTalk).where(FigureTalk.seller_id == other))
    conn.execute(update(FigureTalk).where(FigureTalk.seller_id == gone).values(seller_id=keep))


def _one_seller(
    conn: Connection, mine: Row[Any], others: Row[Any], one: Merged, stopped_at: datetime | None
) -> None:
    """A stop of either binds both, and all numbers; what waited before it is no wish to begin again."""
    values: Json = {
        "stopped_at": stopped_at,
        "prefers": mine.prefers or others.prefers,
        "language": one.state["slots"].get("language") or mine.language,
        "created_at": min(mine.created_at, others.created_at),
    }
    conn.execute(update(Seller).where(_seller.id == mine.id).values(**values))
    if stopped_at is None:
        return
    hers = update(Address).where(Address.seller_id == mine.id, Address.stopped_at.is_(None))
    conn.execute(hers.values(stopped_at=stopped_at))
    waits = (Message.seller_id == mine.id, Message.direction == "in", Message.status == "held")
    conn.execute(update(Message).where(*waits).values(status="received"))


def _for_a_rep(conn: Connection, keep: int, draft: Json | None, media: list[int], now: datetime) -> None:
    """The other draft, whole, for a person to ask her about."""
    detail = (draft or {"slots": {}, "provenance": {}}) | {"media": media}
    row = {"seller_id": keep, "kind": SECOND_DRAFT, "detail": detail, "created_at": now}
    conn.execute(insert(RepTask).values(**row))


def _write_down(conn: Connection, keep: int, gone: int, by: str, now: datetime, second: bool) -> None:
    rep_id = int(by.removeprefix("rep:")) if by.startswith("rep:") else None
    row = {"at": now, "rep_id": rep_id, "what": WHAT, "seller_id": keep, "about": f"seller:{gone}"}
    conn.execute(insert(Audit).values(**row, after={"by": by, "second_draft": second}))
