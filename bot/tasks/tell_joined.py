"""Her two phones are one seller now: she hears it in one line."""

from __future__ import annotations

from bot import jobs
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.preferred import Place
from bot.tasks.nudge import reached_at
from bot.tasks.workshop import Workshop
from models.database import reading, writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Through the one door, where a repeat changes nothing: on the phone named, else where she writes."""
    now, payload = shop.clock(), job.payload
    if "address" in payload:
        place: Place | None = Place(payload["channel"], payload["address"])
    else:
        with reading(shop.db) as conn:
            place = reached_at(conn, payload["seller_id"])
    if place is not None:
        name = f"joined:{job.id}"
        told = Inbound(place.channel, place.address, name, "joined", now, payload=payload["utter"])
        receive(shop.db, shop.talk, told, now)
    with writing(shop.db) as conn:
        jobs.finish(conn, job)
