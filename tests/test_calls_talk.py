"""What happens within a call: keys, silence, long menus, a machine that listens, what is said when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.messages import Inbound, Json
from bot.receive import receive
from bot.tasks.transcribe import submit
from models import Address, Media, Message
from models.database import reading
from tests.calls_house import HER, CallsHouse, calls_house, know_her, speech
from tests.scripted_caller import Deed, Heard, hang_up, key, keys, say, silence


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CallsHouse]:
    with calls_house(tmp_path) as opened:
        yield opened


@pytest.fixture
def known(house: CallsHouse) -> CallsHouse:
    """A house that knows her: she has said who she is, and agreed."""
    know_her(house)
    return house


def talk(house: CallsHouse, *deeds: Deed) -> Heard:
    """A call that she has asked for already."""
    house.wait(61)
    return house.pick_up(deeds)


def write(house: CallsHouse, *texts: str) -> None:
    """She writes on WhatsApp."""
    for number, text in enumerate(texts):
        message = Inbound("whatsapp", f"whatsapp:{HER}", f"SM{number}-{text}", "text", house.clock(), text)
        receive(house.db, house.rooms.talk, message, house.clock())


def test_two_silences_end_the_call(house: CallsHouse) -> None:
    """The question is said once more, then she is let go kindly, and the question stays open."""
    heard = house.call([key("2"), silence, silence])
    assert heard.ended_by == "us"
    assert heard.said[1] == heard.said[2] and "मिस्ड कॉल" in heard.said[3]
    assert house.stands()["asks"] == "consent"
    assert house.rows(direction="in")[-1].body["payload"] == "/later"


def test_a_silence_between_answers_is_forgiven(house: CallsHouse) -> None:
    """Silences count in a row: an answer between them begins the count anew."""
    heard = house.call([silence, key("2"), silence, key("1"), silence, hang_up])
    assert heard.ended_by == "her" and house.stands()["asks"] == "product_name"


def test_star_says_it_again(known: CallsHouse) -> None:
    """As often as she likes, and without leaving a trace in the talk."""
    heard = talk(known, key("*"), key("*"), key("*"), hang_up)
    assert len(heard.said) == 4 and len(set(heard.said)) == 1
    assert [row.kind for row in known.rows(direction="in")] == ["missed_call", "call"]


def test_a_wrong_key_is_answered_as_on_sms(known: CallsHouse) -> None:
    """It is not understood, and the question is asked once more."""
    talk(known, key("1"), key("0"), key("8"), hang_up)
    assert known.said()[-2:] == ["utter_not_understood", "utter_ask_category"]


def test_a_listing_by_keys_alone(known: CallsHouse) -> None:
    """Who does not speak picks the craft, types price and number, and leaves out what keys cannot say."""
    heard = talk(
        known,
        *(key("1"), key("0"), key("5")),
        *(keys("250"), key("1"), keys("12"), key("0")),
        *(key("1"), key("2")),
    )
    assert heard.ended_by == "us"
    message = known.listing()
    assert message["product"]["category"] == "bamboo" and message["product"]["stock"] == 12
    assert message["price"]["asked"]["amount"] == "250"


def test_a_price_is_read_back_and_taken_by_key_one_only(known: CallsHouse) -> None:
    """Key 2 takes it back, and the price is asked again."""
    talk(known, key("1"), key("0"), key("5"), keys("205"), key("2"), keys("250"), key("1"), hang_up)
    assert known.stands()["slots"]["price"] == "250" and known.stands()["asks"] == "stock"


def test_long_menus_are_said_five_at_a_time(known: CallsHouse) -> None:
    """Nine says the next ones and after the last the first again; the keys of each page begin with one."""
    heard = talk(known, key("1"), key("0"), key("9"), key("9"), key("9"), key("4"), hang_up)
    first, second, first_again, second_again = heard.said[2:6]
    assert "ढोकरा" in first and "बाँस का काम" in first and "कोसा" not in first
    assert "कोसा" in second and "घर का सामान" in second and "ढोकरा" not in second
    assert (first_again, second_again) == (first, second)
    assert known.stands()["slots"]["category"] == "food"


def test_nothing_is_asked_that_a_phone_cannot_answer(known: CallsHouse) -> None:
    """Photos are promised and not asked for; a rep sees that they are missing."""
    talk(known, key("1"), hang_up)
    assert known.stands()["asks"] == "product_name"
    assert known.said()[-2:] == ["utter_photos_promised", "utter_ask_product_name"]


def test_only_languages_that_sound_different_are_offered(house: CallsHouse) -> None:
    """Hindi in Latin letters sounds like Hindi: two keys, not three."""
    heard = house.call([key("3"), hang_up])
    assert "तीन दबाइए" not in heard.said[0] and "दो दबाइए" in heard.said[0]
    assert house.stands()["language"] is None


def test_who_reads_latin_letters_hears_hindi(house: CallsHouse) -> None:
    """A seller whose language is Hindi in Latin letters is spoken to in Hindi."""
    write(house, "hello", "Hindi (ABC)", "haan, raazi")
    assert house.rooms.talk is not None
    heard = house.call([hang_up])
    assert house.stands()["language"] == "hi-Latn"
    assert all(not letter.isascii() or not letter.isalpha() for letter in heard.said[0])


def test_a_refusal_is_answered_and_everything_forgotten(house: CallsHouse) -> None:
    """She hears that nothing was kept, and a minute later it is true."""
    heard = house.call([key("2"), key("2")])
    assert heard.ended_by == "us" and "आपकी कोई बात नहीं रखी" in heard.said[-1]
    house.wait(61)
    with reading(house.db) as conn:
        assert conn.scalar(select(func.count()).select_from(Address)) == 0
        assert set(conn.scalars(select(Message.address))) == {""}
        assert all(body == {} for body in conn.scalars(select(Message.body)))


def test_she_goes_on_where_whatsapp_stopped(house: CallsHouse) -> None:
    """What she told by writing is not asked again by phone."""
    write(house, "नमस्ते", "हिंदी", "हाँ, राज़ी", "पता नहीं", "बाँस की टोकरी")
    heard = house.call([keys("250"), key("1"), hang_up])
    assert "बाँस की टोकरी" in heard.said[0]
    assert house.stands()["slots"]["price"] == "250"


def test_a_call_unasked_says_nothing_of_hers_at_first(house: CallsHouse) -> None:
    """The phone is shared: product and price are said after a key only, and "later" is an answer too."""
    write(house, "नमस्ते", "हिंदी", "हाँ, राज़ी", "पता नहीं", "बाँस की टोकरी, ढाई सौ रुपये, बारह नग")
    house.caller().let_it_ring()
    house.wait(3)
    house.pick_up([hang_up])
    receive(house.db, house.rooms.talk, _word_of_ours(house), house.clock())
    house.wait(120)
    heard = house.pick_up([key("2")])
    assert heard.ended_by == "us"
    assert "टोकरी" not in "".join(heard.said) and "सौ" not in "".join(heard.said)
    receive(house.db, house.rooms.talk, _word_of_ours(house, 2), house.clock())
    house.wait(120)
    heard = house.pick_up([key("1"), hang_up])
    assert "टोकरी" not in heard.said[0] and "टोकरी" in heard.said[1]


def _word_of_ours(house: CallsHouse, number: int = 1) -> Inbound:
    return Inbound("call", HER, f"looking:{number}", "media_ready", house.clock(), payload="looking")


def test_a_machine_s_words_are_waited_for(known: CallsHouse) -> None:
    """While a machine listens she stays on the line, and hears what it understood."""
    _listens_by_machine(known)
    caller = known.caller()

    def wait(seconds: float) -> None:
        known.wait(seconds)
        with reading(known.db) as conn:
            notes = conn.scalars(select(Media.id).where(Media.status == "stored")).all()
        for note in notes:
            submit(known.shop, note, "बाँस की टोकरी, ढाई सौ रुपये, बारह नग", by="sherpa")

    caller.wait = wait
    known.wait(61)
    heard = known.pick_up([key("1"), say(speech("बाँस की टोकरी")), key("1"), hang_up], caller)
    assert "सुन रहे हैं" in heard.said[2] and "ढाई सौ रुपये" in heard.said[3]
    assert known.stands()["slots"]["price"] == "250" and len(known.rung()) == 1


def test_a_machine_that_takes_too_long_lets_her_go(known: CallsHouse) -> None:
    """After half a minute she is told to come back, and what it hears later is told by a call."""
    _listens_by_machine(known)
    heard = talk(known, key("1"), say(speech("बाँस की टोकरी")))
    assert heard.ended_by == "us" and "मिस्ड कॉल" in heard.said[-1]
    assert 25 < heard.paused_s < 45
    with reading(known.db) as conn:
        note = conn.scalars(select(Media.id)).one()
    submit(known.shop, note, "बाँस की टोकरी, ढाई सौ रुपये, बारह नग", by="sherpa")
    known.wait(1)
    known.wait(120)
    assert len(known.rung()) == 2
    heard = known.pick_up([key("1"), hang_up])
    assert "ढाई सौ रुपये" in heard.said[1]


def _listens_by_machine(house: CallsHouse) -> None:
    settings = replace(house.rooms.talk.settings, transcriber="machine")
    object.__setattr__(house.rooms, "talk", replace(house.rooms.talk, settings=settings))
    object.__setattr__(house.shop, "talk", house.rooms.talk)


def test_words_that_came_during_the_call_are_heard_in_it(house: CallsHouse) -> None:
    """The desk writes her first note down while she thinks about her name: she hears it, and is not rung."""

    def deeds() -> Iterator[Deed]:
        yield from (key("2"), key("1"), say(speech("टोकरी")))
        house.write_down({"product_name": "बाँस की टोकरी, ढाई सौ रुपये, बारह नग"})
        yield from (key("*"), key("1"), hang_up)

    heard = house.call(deeds())
    assert "ढाई सौ रुपये" in heard.said[-2]
    assert house.stands()["slots"]["price"] == "250" and house.stands()["asks"] == "size"
    house.wait(600)
    assert len(house.rung()) == 1


def test_a_sound_that_is_never_made_is_spoken_by_the_provider(tmp_path: Path) -> None:
    """Where our voice comes too late, the provider's reads the same words after a few looks."""
    with calls_house(tmp_path, voice="espeak") as house:
        house.caller().let_it_ring()
        house.wait(3)
        caller = house.caller()
        caller.wait = lambda seconds: None  # the workers sleep
        heard = house.pick_up([hang_up], caller)
        assert heard.played == [] and "संगवारी" in heard.said[0]
        assert heard.paused_s == 3 and heard.steps == 5


def test_each_answer_has_a_place_of_its_own(known: CallsHouse) -> None:
    """A key that comes again after the talk has gone on is a repeat, not an answer to the next question."""
    known.wait(61)
    caller, placed = known.caller(), known.rung()[0]
    form = {"CallSid": placed.sid, "From": "", "To": HER, "Direction": "outbound-api"}
    url = placed.form["Url"]
    while "Gather" not in (answer := caller.post(url, form, "in-progress").text):
        known.wait(1)
        url = str(ElementTree.fromstring(answer).findtext("Redirect"))
    action = ElementTree.fromstring(answer)[0].attrib["action"]
    first = caller.post(action, form | {"Digits": "1"}, "in-progress").text
    state = known.stands()
    for _ in range(3):
        assert caller.post(action, form | {"Digits": "1"}, "in-progress").text == first
    assert known.stands() == state and state["asks"] == "product_name"


KEYS = st.sampled_from("1 2 3 5 7 9 0 * # 250 12 99999999999999 0* ##".split()).map(keys)
WORDS = st.builds(lambda: say(speech("टोकरी")))
DEEDS = st.lists(KEYS | WORDS | st.sampled_from([silence, hang_up]), max_size=14)


@pytest.mark.slow
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEEDS, DEEDS)
def test_whatever_she_presses(tmp_path: Path, first: list[Deed], second: list[Deed]) -> None:
    """No list of keys, words and silences breaks a call: somebody hangs up, and the next call goes on."""
    with calls_house(Path(mkdtemp(dir=tmp_path))) as house:
        for deeds in (first, second):
            heard = house.call([*deeds, hang_up], house.caller(careless=True))
            assert heard.ended_by in ("her", "us") and heard.said
        faults = [row for row in house.rows(direction="in") if _faulty(row.events)]
        assert faults == []


def _faulty(events: list[Json] | None) -> bool:
    return any(
        event["event"] == "error" or event.get("utter") == "utter_internal_error" for event in events or ()
    )
