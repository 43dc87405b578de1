"""A talk for practice looks real to her and leaves nothing that anybody works on; her real talk waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.chat import Chat
from bot.messages import Json
from bot.settings import Settings
from bot.starts.person import Person
from bot.starts.request import judged
from bot.starts.sheet import Line
from bot.tasks.count_figures import count_slice
from models import Consent, Figure, JobRow, Listing, ListingEvent, Message, RepTask, Start, Transcription
from models.counter import Counter
from models.database import reading, writing
from tests.talk_phone import Phone
from tests.test_taken_over import KNOWN, draft

ROWS = (Listing, ListingEvent, Transcription, RepTask, Start, Consent, Counter)
HERS = (
    *(
        "बाँस की टोकरी, 250 रुपये, 12 नग, एक बित्ता",
        "हाँ",
        "हाँ",
        "नहीं",
        "12",
        "250",
        "बस",
        "पता नहीं",
        "बाद में",
        "एक बित्ता",
    ),
    *("यह नहीं बेचना", "मेरा सामान", "किसी से बात करनी है", "बात समझ में नहीं आई", "1", "क्या", "क्या क्या", "नमस्ते"),
)
DEEDS = st.lists(
    st.one_of(
        st.sampled_from(HERS).map(lambda text: ("user", text)),
        st.sampled_from(
            [("voice", "brass_elephant_hi.ogg"), ("photo", ["bowl.jpg"]), ("sticker", True), ("wait", "5h")]
        ),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("practice")
    given_ = {"DATABASE_URL": f"sqlite:///{folder}/p.db", "MEDIA_URL": f"file://{folder}/m", "VOICE": "none"}
    yield Chat(Settings.from_environment(given_))


def rows(phone: Phone) -> list[int]:
    """How many rows there are that somebody could work on."""
    with reading(phone.shop.db) as conn:
        return [conn.scalar(select(func.count()).select_from(table)) or 0 for table in ROWS]


def bubbles(phone: Phone, after: int) -> list[str]:
    """The texts that went out since this message."""
    with reading(phone.shop.db) as conn:
        mine = (
            Message.seller_id == phone.seller_id(conn),
            Message.direction == "out",
            Message.kind == "text",
        )
        return [body["text"] for body in conn.scalars(select(Message.body).where(*mine, Message.id > after))]


def real(phone: Phone) -> Json:
    """What her real talk holds."""
    state = phone.kept()["state"]
    return dict((state.get("practice") or {}).get("real") or state)


@pytest.mark.slow
@given(st.sampled_from(["desk", "sherpa"]), DEEDS)
@property_settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
def test_nothing_of_practice_reaches_anybody(
    house: Chat, hears: str, deeds: list[tuple[str, object]]
) -> None:
    """Whatever she does: no listing, no note for the desk, no task, no number; the real draft stays."""
    phone = Phone(house, slots=dict(KNOWN), transcriber=hears)
    for text in ("बेचना है", "बाँस की टोकरी, 250 रुपये", "हाँ"):
        phone.do("user", text, {})
    before, slots = rows(phone), real(phone)["slots"]
    last = phone.last_message()
    phone.rep("practice")
    for deed, value in deeds:
        if not phone.kept()["state"].get("practice"):
            break
        phone.do(deed, value, {})
    if phone.kept()["state"].get("practice"):
        assert all(text.startswith("अभ्यास:") for text in bubbles(phone, last))
    assert rows(phone) == before
    assert real(phone)["slots"] == slots
    phone.rep("practice", payload="end")
    state = phone.kept()["state"]
    assert "practice" not in state and state["slots"] == slots and rows(phone) == before


def test_a_whole_listing_is_told_and_goes_nowhere(house: Chat) -> None:
    """She finishes it, is praised, and her real question is open again."""
    phone = draft(house)
    before = rows(phone)
    phone.rep("practice")
    said = [reply["text"] for reply in phone.answer["replies"]]
    assert all(text.startswith("अभ्यास:") for text in said) and "अभ्यास शुरू" in said[0]
    phone.do("photo", ["bowl.jpg"], {})
    for text in ("बस", "मिट्टी का दीया, 20 रुपये, 50 नग, एक बित्ता"):
        phone.do("user", text, {})
    for _ in range(8):
        if not phone.kept()["state"].get("practice"):
            break
        asks = phone.kept()["state"]["asks"]
        phone.do("user", {"size": "एक बित्ता", "stock": "50", "price": "20"}.get(asks, "हाँ"), {})
    assert [reply["utter"] for reply in phone.answer["replies"]][0] == "utter_practice_done"
    state = phone.kept()["state"]
    assert state["asks"] == "stock" and state["slots"]["price"] == "250" and rows(phone) == before


def test_no_figure_counts_it(house: Chat) -> None:
    """Neither the talk for practice nor its end; the real one is counted as it was."""
    phone = draft(house)
    before = figures(phone)
    phone.rep("practice")
    for text in ("मिट्टी का दीया, 20 रुपये, 50 नग", "हाँ", "यह नहीं बेचना", "अभ्यास बंद"):
        phone.do("user", text, {})
    assert figures(phone) == before


def figures(phone: Phone) -> list[tuple[object, ...]]:
    """All counters, when all messages are counted."""
    with writing(phone.shop.db) as conn:
        while count_slice(conn, phone.clock() + timedelta(days=9)):
            pass
        return sorted(
            (row.what, row.key, row._mapping["count"]) for row in conn.execute(select(Figure.__table__))
        )


def test_a_word_of_hers_ends_it(house: Chat) -> None:
    """As the first message told her."""
    phone = draft(house)
    phone.rep("practice")
    phone.do("user", "अभ्यास बंद", {})
    assert phone.answer["replies"][0]["text"] == "अभ्यास: अभ्यास बंद किया। कुछ नहीं भेजा।"
    assert phone.kept()["state"]["asks"] == "stock" and "practice" not in phone.kept()["state"]


def test_it_ends_after_a_day(house: Chat) -> None:
    """By itself, and the draft is reminded of again."""
    phone = draft(house)
    phone.rep("practice")
    phone.do("wait", "25h", {})
    state = phone.kept()["state"]
    assert "practice" not in state and state["asks"] == "stock"
    with reading(phone.shop.db) as conn:
        waiting = conn.scalars(select(JobRow.payload).where(JobRow.kind == "nudge")).all()
        assert {"seller_id": phone.seller_id(conn)} in waiting


def test_a_stop_is_no_play(house: Chat) -> None:
    """It ends the practice and stops everything."""
    phone = draft(house)
    phone.rep("practice")
    phone.do("user", "बंद करो", {})
    assert [reply["utter"] for reply in phone.answer["replies"]] == ["utter_stopped"]
    assert "practice" not in phone.kept()["state"]
    assert phone.rep("practice").events[0]["reason"] == "stopped"


def test_photos_sent_for_practice_do_not_fall_into_the_real_draft(house: Chat) -> None:
    """They are judged after it has ended."""
    phone = Phone(house, slots=dict(KNOWN))
    phone.do("user", "बेचना है", {})
    phone.rep("practice")
    worker, phone.worker = phone.worker, Idle()  # type: ignore[assignment]
    phone.do("photo", ["bowl.jpg"], {})
    phone.do("user", "अभ्यास बंद", {})
    phone.worker = worker
    phone.worker.drain()
    with reading(phone.shop.db) as conn:
        sent = conn.scalar(select(Message.body).where(Message.kind == "photo").order_by(Message.id.desc()))
    assert sent["practice"] and not phone.kept()["state"]["slots"].get("photos")


class Idle:
    """A worker on leave."""

    def drain(self) -> int:
        return 0


def test_what_keeps_practice_from_beginning(house: Chat) -> None:
    """No consent, photos under way, a note unheard, a rep who talks, SMS, twice."""
    stranger = Phone(house)
    stranger.do("user", "नमस्ते", {})
    assert stranger.rep("practice").events[0]["reason"] == "no_consent"
    by_sms = Phone(house, "sms", dict(KNOWN))
    assert by_sms.rep("practice").events[0]["reason"] == "sms"
    phone = Phone(house, slots=dict(KNOWN))
    assert phone.rep("practice").events[0]["reason"] == "window"
    phone.do("user", "बेचना है", {})
    phone.do("voice", "brass_elephant_hi.ogg", {})
    assert phone.rep("practice").events[0]["reason"] == "media"
    phone.do("transcript", "बाँस की टोकरी", {})
    phone.rep("take_over", "रमा")
    assert phone.rep("practice").events[0]["reason"] == "taken_over"
    phone.rep("hand_back")
    phone.rep("practice")
    assert phone.rep("practice").events[0]["reason"] == "practice"
    assert phone.rep("take_over", "रमा").events[0]["reason"] == "practice"


def test_a_note_in_practice_is_never_the_desks(house: Chat) -> None:
    """Where people write notes down, she is asked to write herself; nothing is fetched."""
    phone = draft(house)
    phone.rep("practice")
    before = rows(phone)
    phone.do("voice", "brass_elephant_hi.ogg", {})
    assert phone.answer["replies"][0]["utter"] == "utter_practice_voice" and rows(phone) == before


def test_who_practises_is_left_alone_by_others(house: Chat) -> None:
    """No reminder, no question asked once more, no flow that somebody begins."""
    phone = draft(house)
    phone.rep("practice")
    last = phone.last_message()
    phone.do("wait", "20h", {})
    assert bubbles(phone, last) == []
    with reading(phone.shop.db) as conn:
        person = Line(1, Person(phone.address.removeprefix("whatsapp:"), "whatsapp"))
        [row] = judged(conn, "list_product", [person])
    assert (row["result"], row["reason"]) == ("refused", "with a rep")


def test_programs_see_the_real_talk(house: Chat) -> None:
    """`standing` says nothing of play."""
    phone = draft(house)
    phone.rep("practice")
    assert phone.answer["asks"] == "stock" and phone.answer["slots"]["price"] == "250"
