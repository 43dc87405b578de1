"""Ask a seller on her own number whether photos that another phone sent are of her product."""

from __future__ import annotations

from sqlalchemy import Connection, Row, select, update

from bot import jobs, offers
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.request import under_way, with_a_rep
from bot.tasks.workshop import Workshop
from models import Address, Conversation, PhotoOffer, Seller
from models.database import reading, writing

_address, _conversation = Address.__table__, Conversation.__table__
WAIT_S = 3600.0
"""Before looking again whether she has answered about other photos."""
FLOW = "photos_offered"


def run(shop: Workshop, job: jobs.Job) -> None:
    """Ask once; while she is asked about others, come again. Nothing after a stop, or when it is over."""
    offer_id, now = job.payload["offer"], shop.clock()
    with reading(shop.db) as conn:
        offer = offers.asked_of(conn, offer_id, now)
        her = _reached_at(conn, offer.seller_id) if offer and offer.status == "open" else None
    if her and (under_way(her.state, FLOW) or with_a_rep(her.state)):
        return jobs.wait(shop.db, job, now, "asked about something else", WAIT_S)
    if her and offer:
        name, hers = f"{offers.MARK}{offer_id}", offer.seller_id
        came = Inbound(her.channel, her.address, name, "start", now, seller_id=hers)
        receive(shop.db, shop.talk, came, now)
    with writing(shop.db) as conn:
        if her:
            conn.execute(update(PhotoOffer).where(PhotoOffer.id == offer_id).values(status="asked"))
        jobs.finish(conn, job)


def _reached_at(conn: Connection, seller_id: int) -> Row[*tuple[object, ...]] | None:
    """Where she wrote by SMS, else any address of hers; None after a stop."""
    query = (
        select(_address.c.channel, _address.c.address, _conversation.c.state)
        .select_from(
            _address.join(Seller.__table__).join(_conversation, _conversation.c.seller_id == Seller.id)
        )
        .where(
            _address.c.seller_id == seller_id, _address.c.stopped_at.is_(None), Seller.stopped_at.is_(None)
        )
        .order_by(_address.c.channel != "sms", _address.c.id)
    )
    return conn.execute(query.limit(1)).first()
