"""While a rep talks with her the bot says nothing, loses nothing and takes nothing for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.chat import Chat
from bot.messages import Json
from bot.settings import Settings
from models import Listing, Message
from models.database import reading
from tests.talk_phone import Phone

KNOWN: Json = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "सीता बाई",
    "village": "करनपुर",
    "district": "bastar",
    "first_listed_on": "2026-01-05",
}
PHOTO: Json = {
    "photos": [{"id": 1, "sha256": "ab" * 32, "width": 1200, "height": 1600, "role": None, "warnings": []}],
    "photos_done": True,
}
HERS = ("हाँ", "नहीं", "12", "350 रुपये", "बाद में", "नमस्ते", "यह नहीं बेचना", "मेरा सामान", "बाँस की टोकरी", "1")
DEEDS = st.lists(
    st.one_of(
        st.sampled_from(HERS).map(lambda text: ("user", text)),
        st.sampled_from(
            [("voice", "brass_elephant_hi.ogg"), ("photo", ["bowl.jpg"]), ("sticker", True), ("wait", "20m")]
        ),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("taken_over")
    given_ = {"DATABASE_URL": f"sqlite:///{folder}/t.db", "MEDIA_URL": f"file://{folder}/m", "VOICE": "none"}
    yield Chat(Settings.from_environment(given_))


def draft(house: Chat, slots: Json | None = None) -> Phone:
    """A draft whose price is known and whose count is asked."""
    phone = Phone(house, slots=KNOWN | PHOTO if slots is None else slots)
    for text in ("बेचना है", "बाँस की टोकरी, 250 रुपये", "हाँ"):
        phone.do("user", text, {})
    return phone


def said(phone: Phone, after: int) -> list[str]:
    """The responses that went out to her since this message."""
    with reading(phone.shop.db) as conn:
        mine = (Message.seller_id == phone.seller_id(conn), Message.direction == "out", Message.id > after)
        bodies = conn.scalars(select(Message.body).where(*mine)).all()
    parts = [part["utter"] for body in bodies for part in body.get("parts", ())]
    return [*parts, *(body["utter"] for body in bodies)]


def refused(phone: Phone, *deed: str, **more: str) -> str:
    """Why a rep's deed was refused; it left no row and changed nothing."""
    before, last = phone.kept(), phone.last_message()
    [event] = phone.rep(*deed, **more).events  # type: ignore[arg-type]
    assert event["event"] == "refused" and phone.kept() == before and phone.last_message() == last
    return str(event["reason"])


@given(DEEDS)
@property_settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
def test_nothing_is_said_and_nothing_is_taken_for_an_answer(
    house: Chat, deeds: list[tuple[str, object]]
) -> None:
    """Whatever she sends meanwhile: all of all is kept, no slot changes, afterwards the question stands."""
    phone = draft(house)
    phone.rep("take_over", "रमा")
    before, last, came = phone.kept()["state"], phone.last_message(), len(phone.sent)
    for deed, value in deeds:
        phone.do(deed, value, {})
    assert said(phone, last) == []
    assert phone.kept()["state"]["slots"] == before["slots"]
    with reading(phone.shop.db) as conn:
        kept = conn.scalars(select(Message.provider_id).where(Message.id > last)).all()
    assert {each.provider_id for each in phone.sent[came:]} <= set(kept)
    phone.rep("hand_back")
    assert "utter_handed_back" in said(phone, last)
    assert phone.kept()["state"]["asks"] == "stock" and not phone.kept()["state"].get("taken_over")


def test_photos_that_came_meanwhile_are_in_the_draft_afterwards(house: Chat) -> None:
    """They are judged, shown to the rep, and taken up when the bot talks again."""
    phone = Phone(house, slots=KNOWN)
    phone.do("user", "बेचना है", {})
    phone.rep("take_over", "रमा")
    phone.do("photo", ["bowl.jpg"], {})
    assert not phone.kept()["state"]["slots"].get("photos")
    phone.rep("hand_back")
    assert len(phone.kept()["state"]["slots"]["photos"]) == 1
    assert phone.kept()["state"].get("photos_waiting", 0) == 0


def test_a_note_that_the_bot_waited_for_is_heard_afterwards(house: Chat) -> None:
    """Its words came while the rep talked; they fill what was asked when it came."""
    phone = Phone(house, slots=KNOWN | PHOTO)
    phone.do("user", "बेचना है", {})
    phone.do("voice", "brass_elephant_hi.ogg", {})
    phone.rep("take_over", "रमा")
    phone.do("transcript", "बाँस की टोकरी, 250 रुपये", {})
    assert not phone.kept()["state"]["slots"].get("product_name")
    phone.rep("hand_back")
    assert phone.kept()["state"]["slots"]["product_name"]


def test_a_note_said_to_the_rep_is_no_answer_to_the_bot(house: Chat) -> None:
    """It was written down only after the bot talked again: the rep reads it, no slot changes."""
    phone = draft(house)
    phone.rep("take_over", "रमा")
    phone.do("voice", "brass_elephant_hi.ogg", {})
    phone.rep("hand_back")
    before, last = phone.kept()["state"]["slots"], phone.last_message()
    phone.do("transcript", "पचास नग", {})
    assert phone.kept()["state"]["slots"] == before and phone.kept()["state"]["asks"] == "stock"
    assert said(phone, last) == []


def test_only_who_took_over_speaks_and_only_while_she_may_be_written_to(house: Chat) -> None:
    """Another rep, nobody, an empty or endless text, an unknown reply, a closed window, a stop."""
    phone = draft(house)
    assert refused(phone, "rep_says", "सुनिए") == "not_taken_over"
    phone.rep("take_over", "रमा")
    assert refused(phone, "rep_says", "सुनिए", by="rep:2") == "not_taken_over"
    assert refused(phone, "rep_says", " ") == "empty"
    assert refused(phone, "rep_says", "क" * 1001) == "empty"
    assert refused(phone, "rep_says", "", "utter_ask_price") == "unknown"
    phone.do("wait", "25h", {})
    phone.rep("take_over", "रमा")
    assert phone.answer["replies"] == []
    assert refused(phone, "rep_says", "सुनिए") == "window"
    phone.do("user", "बंद करो", {})
    assert refused(phone, "rep_says", "सुनिए") == "stopped"
    assert refused(phone, "take_over", "रमा") == "stopped"


def test_by_sms_only_registered_texts_go(house: Chat) -> None:
    """In India an operator lets nothing else pass."""
    phone = Phone(house, "sms", KNOWN | PHOTO)
    phone.do("user", "बेचना है", {})
    phone.rep("take_over", "रमा")
    assert refused(phone, "rep_says", "सुनिए") == "sms"
    phone.rep("rep_says", payload="utter_rep_quick_photo")
    assert phone.answer["replies"][-1]["text"] == "किसी दूसरे फोन से एक फोटो और आ सकता है।"


def test_what_a_rep_says_bears_her_name_and_goes_in_order(house: Chat) -> None:
    """The rows of the outbox: hers after the bot's, each sent."""
    phone = draft(house)
    last = phone.last_message()
    phone.rep("take_over", "रमा")
    phone.rep("rep_says", "ढक्कन भी है क्या?")
    phone.rep("rep_says", payload="utter_rep_quick_thanks")
    with reading(phone.shop.db) as conn:
        rows = conn.execute(
            select(Message.body, Message.status)
            .where(Message.direction == "out", Message.kind == "text", Message.id > last)
            .order_by(Message.id)
        ).all()
    assert [row.body.get("by") for row in rows] == [None, "rep:1", "rep:1"]
    assert {row.status for row in rows} == {"sent"}


def test_a_corrected_price_waits_for_her_yes(house: Chat) -> None:
    """Though the rep talks: no listing has a price that she did not hear."""
    phone = draft(house)
    phone.do("user", "12", {})
    phone.do("user", "एक बित्ता", {})
    assert phone.answer["asks"] == "confirm_listing"
    yes = phone.answer["replies"][-1]["buttons"][0]["payload"]
    phone.rep("take_over", "रमा")
    phone.rep("correction", "900", "price")
    phone.rep("hand_back")
    for answer in ({"button": yes}, {"text": "हाँ"}, {"text": "1"}):
        heard = [reply["text"] for reply in phone.answer["replies"]]
        assert any("900" in text for text in heard)
        phone.answer = phone.say(answer)
        if phone.answer["listings"]:
            break
    with reading(phone.shop.db) as conn:
        message = conn.scalar(select(Listing.message).where(Listing.seller_id == phone.seller_id(conn)))
    if message:
        assert message["price"]["asked"]["amount"] == "900"
        assert message["provenance"]["price"]["by"] == "rep:1" and message["provenance"]["price"]["confirmed"]


@pytest.mark.parametrize("answer", [{"text": "हाँ"}, {"text": "1"}, {"button": "yes"}, {"text": "हाँ सही है"}])
def test_no_yes_counts_for_what_she_has_not_heard(house: Chat, answer: Json) -> None:
    """A price was changed while nothing could be said to her; her yes was to the old one."""
    phone = draft(house)
    phone.do("user", "12", {})
    phone.do("user", "एक बित्ता", {})
    yes = phone.answer["replies"][-1]["buttons"][0]["payload"]
    phone.clock.ahead += timedelta(hours=25)
    phone.rep("correction", "900", "price")
    assert phone.answer["replies"] == []
    phone.answer = phone.say({"button": yes} if "button" in answer else answer)
    assert phone.answer["listings"] == [] and any("900" in r["text"] for r in phone.answer["replies"])
    state = phone.kept()["state"]
    assert state["slots"]["price"] == "900" and not state["provenance"]["price"]["confirmed"]


def test_what_cannot_be_corrected_gives_its_reason(house: Chat) -> None:
    """Her consent, a yes, photos, words that are no value, the same value, one that its check refuses."""
    phone = draft(house)
    for slot in ("consent", "confirm_listing", "photos", "language", "listing_number", "nothing", ""):
        assert refused(phone, "correction", "हाँ", slot) == "not_hers"
    assert refused(phone, "correction", "पता नहीं", "price") == "not_understood"
    assert refused(phone, "correction", "9" * 2000, "price") == "not_understood"
    assert refused(phone, "correction", "250", "price") == "same"
    [event] = phone.rep("correction", "0 रुपये", "price").events
    assert event["event"] == "refused"
    stranger = Phone(house)
    assert [e["reason"] for e in stranger.rep("correction", "250", "price").events] == ["unknown"]


def test_at_rest_only_what_is_known_of_her_can_be_corrected(house: Chat) -> None:
    """No draft, no price; her village is read to her."""
    phone = Phone(house, slots=dict(KNOWN))
    phone.do("user", "नमस्ते", {})
    assert refused(phone, "correction", "250", "price") == "not_hers"
    phone.rep("correction", "मसौरा", "village")
    assert phone.kept()["state"]["slots"]["village"] == "मसौरा"
    assert "मसौरा" in phone.answer["replies"][-1]["text"]


def test_by_itself_it_ends_silently_at_night(house: Chat) -> None:
    """The rep fell silent in the evening: no word by night, and a yes next morning is no answer."""
    phone = draft(house)
    phone.clock.ahead = timedelta(hours=14)  # half past seven in the evening in India
    phone.do("user", "नमस्ते", {})
    phone.rep("take_over", "रमा")
    last = phone.last_message()
    phone.do("wait", "4h", {})
    state = phone.kept()["state"]
    assert said(phone, last) == [] and state["unheard"] and not state.get("taken_over")
    phone.do("user", "12", {})
    assert "unheard" not in phone.kept()["state"]
