"""Whatever a rep and a seller do in one talk, in whatever order: what may never happen does not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.chat import Chat
from bot.messages import Json
from bot.settings import Settings
from models import Listing, Message, RepTask
from models.database import reading
from tests.talk_phone import Phone
from tests.test_taken_over import KNOWN, PHOTO

EXAMPLES = int(os.environ.get("REP_EXAMPLES", "12"))
HERS = (
    *("बेचना है", "बाँस की टोकरी, 250 रुपये, 12 नग, एक बित्ता", "हाँ", "हाँ", "हाँ", "1", "नहीं", "12", "350 रुपये"),
    *("एक बित्ता", "बाद में", "नमस्ते", "यह नहीं बेचना", "मेरा सामान", "अभ्यास बंद", "बंद करो", "शुरू करो", "पता नहीं"),
)
VALUES = (
    ("price", "900"),
    ("price", "450"),
    ("stock", "40"),
    ("product_name", "बाँस का सूपा"),
    ("size", "दो बित्ता"),
)
ANSWERS = {"product_name": "बाँस की टोकरी, 250 रुपये", "photos": "बाद में", "stock": "12", "size": "एक बित्ता"}
"""What she says when she simply answers; a yes to all else."""
REPS = st.one_of(
    st.sampled_from(["rep:1", "rep:2"]).map(lambda by: ("take_over", "रमा", None, by)),
    st.just(("hand_back", "", None, "rep:1")),
    st.sampled_from(["rep:1", "rep:2"]).map(lambda by: ("rep_says", "ढक्कन भी है?", None, by)),
    st.just(("rep_says", "", "utter_rep_quick_wait", "rep:1")),
    st.sampled_from(VALUES).map(lambda pair: ("correction", pair[1], pair[0], "rep:1")),
    st.sampled_from(["begin", "end"]).map(lambda what: ("practice", "", what, "rep:1")),
)
SHE = st.one_of(
    st.sampled_from(HERS).map(lambda text: ("user", text)),
    st.sampled_from(
        [("photo", ["bowl.jpg"]), ("voice", "brass_elephant_hi.ogg"), ("wait", "4h"), ("wait", "26h")]
    ),
)
ANSWER = st.just(("answer", ""))
DEEDS = st.lists(st.one_of(ANSWER, SHE, ANSWER, REPS, ANSWER), min_size=8, max_size=26)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("reps")
    given_ = {"DATABASE_URL": f"sqlite:///{folder}/r.db", "MEDIA_URL": f"file://{folder}/m", "VOICE": "none"}
    yield Chat(Settings.from_environment(given_))


@given(st.booleans(), st.sampled_from(["desk", "sherpa"]), DEEDS)
@property_settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_what_may_never_happen(house: Chat, drafted: bool, hears: str, deeds: list[Any]) -> None:
    """No price that she has not heard and said yes to, no word after a stop, none beside a rep, no fault."""
    phone = Phone(house, slots=KNOWN | (PHOTO if drafted else {}), transcriber=hears)
    phone.do("user", "बेचना है", {})
    for deed in deeds:
        before, last = phone.kept()["state"], phone.last_message()
        if deed == ("answer", ""):
            phone.do("user", ANSWERS.get(before["asks"], "हाँ"), {})
        elif len(deed) == 2:
            phone.do(*deed, {})
        else:
            phone.rep(deed[0], deed[1], deed[2], by=deed[3])
        rows = since(phone, last)
        look_at_silence(before, phone.kept()["state"], deed, rows)
    look_at_listings(phone)
    with reading(phone.shop.db) as conn:
        mine = select(RepTask.kind).where(RepTask.seller_id == phone.seller_id(conn))
        assert "error" not in conn.scalars(mine).all()


def since(phone: Phone, last: int) -> list[Any]:
    with reading(phone.shop.db) as conn:
        mine = (Message.seller_id == phone.seller_id(conn), Message.id > last)
        return list(conn.execute(select(Message.__table__).where(*mine).order_by(Message.id)))


def look_at_silence(before: Json, after: Json, deed: Any, rows: list[Any]) -> None:
    """While a rep talks only what she says goes out; of practice each bubble bears its mark."""
    out = [row.body for row in rows if row.direction == "out" and row.kind == "text"]
    stays = before.get("taken_over") and after.get("taken_over")
    if stays and deed[0] != "take_over":
        assert all(body.get("by") for body in out), (deed, out)
    if before.get("practice") and after.get("practice"):
        assert all(body["text"].startswith("अभ्यास:") for body in out), (deed, out)
    if deed == ("user", "बंद करो"):
        assert not after.get("taken_over") and not after.get("practice")


def look_at_listings(phone: Phone) -> None:
    """Each price was said to her before it was handed over, and is confirmed."""
    with reading(phone.shop.db) as conn:
        mine = phone.seller_id(conn)
        bodies = conn.scalars(
            select(Message.body).where(Message.seller_id == mine, Message.direction == "out")
        ).all()
        messages = conn.scalars(select(Listing.message).where(Listing.seller_id == mine)).all()
    said = " ".join(body.get("text", "") for body in bodies if not body.get("practice"))
    for message in messages:
        amount = message["price"]["asked"]["amount"]
        assert f"₹{amount}" in said, amount
        assert message["provenance"]["price"]["confirmed"], message["provenance"]


@given(
    st.integers(0, 6),
    st.booleans(),
    st.lists(st.sampled_from(("हाँ", "1", "ठीक है", "12", "नहीं", "250")), max_size=3),
    st.sampled_from([None, "4h", "26h"]),
    st.lists(st.sampled_from(("हाँ", "1", "ठीक है", "सही है")), max_size=2),
)
@property_settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_a_price_of_a_rep_is_heard_before_it_is_sold(
    house: Chat, told: int, taken: bool, chat: list[str], wait: str | None, yes: list[str]
) -> None:
    """Corrected at any question, in the window or not, while the rep talks or not."""
    phone = Phone(house, slots=KNOWN | PHOTO, transcriber="desk")
    phone.do("user", "बेचना है", {})
    for _ in range(told):
        answer(phone)
    if taken:
        phone.rep("take_over", "रमा")
        for text in chat:
            phone.do("user", text, {})
    if wait:
        phone.do("wait", wait, {})
    phone.rep("correction", "900", "price")
    phone.rep("hand_back")
    for text in yes:
        phone.do("user", text, {})
    for _ in range(12):
        answer(phone)
    look_at_listings(phone)


def answer(phone: Phone) -> None:
    phone.do("user", ANSWERS.get(phone.kept()["state"]["asks"], "हाँ"), {})
