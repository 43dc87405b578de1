"""A rep asks for a photo again: one kind line to its maker, and what comes takes the old one's place."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from bot import retakes, shared_phones
from bot.hours import may_write
from bot.people.erase import erase
from bot.people.export import export
from bot.rep_visits import photo_problems
from bot.web.console.words import words
from models import Address, Listing, Message, PhotoOffer, RepTask, Retake
from models.database import reading, writing
from tests.retake_house import MARKET, Retaking, picture, utters
from tests.talk_phone import START


@pytest.fixture
def fair(db: Engine, tmp_path: Path) -> Retaking:
    return Retaking(db, tmp_path)


@pytest.fixture
def plain(sqlite_db: Engine, tmp_path: Path) -> Retaking:
    return Retaking(sqlite_db, tmp_path)


def test_she_is_asked_in_one_line(fair: Retaking) -> None:
    """It names the number and what is wrong, shows the photo, asks nothing, names no price; audited."""
    old = fair.row().slots["photos"][1]
    assert fair.came(fair.ask(1, "dark")) == "asked"
    [heard] = fair.hears()
    assert heard["utter"] == "utter_retake_photo" and heard["buttons"] == []
    assert f"सामान नंबर {fair.number}" in heard["text"] and "अँधेरा" in heard["text"]
    assert "₹" not in heard["text"] and "टोकरी" not in heard["text"]
    [letter] = fair.letters()
    assert letter["image"] == f"photo:{old['sha256']}"
    [deed] = [each for each in fair.desk.deeds() if each.what == "retake_asked"]
    assert (deed.listing_id, deed.rep_id, deed.after) == (fair.id, 1, {"photo": old["id"], "reason": "dark"})
    page = fair.desk.enter(1).get(f"/console/listings/{fair.id}").text
    assert "इंतज़ार है" in page and "फोटो 2: अँधेरा" in page
    talk = fair.desk.enter(1).get(f"/console/talk/{fair.row_key()}").text
    assert "ने नया फोटो माँगा" in talk


def test_her_open_question_stays_hers(fair: Retaking) -> None:
    """The letter is no question: a bare yes that comes after it still answers what was open before."""
    for line in (
        {"text": "नया सामान"},
        {"photos": [picture(name) for name in ("dogs.jpg", "fig_near.jpg", "room.jpg")]},
    ):
        fair.her.say(line)
    fair.her.say({"text": "पीतल का हाथी, 1500 रुपये"})
    stood = fair.her.kept()["state"]
    assert stood["asks"] == "confirm_heard"
    fair.ask(0)
    assert [each["utter"] for each in fair.hears()] == ["utter_retake_photo"]
    now = fair.her.kept()["state"]
    assert {name: now[name] for name in ("asks", "slots", "stack", "last", "options")} == {
        name: stood[name] for name in ("asks", "slots", "stack", "last", "options")
    }
    answer = fair.her.say({"text": "1"})
    assert answer["slots"]["price"] == "1500" and answer["asks"] == "stock"


def test_every_reason_and_every_answer_has_its_word(plain: Retaking) -> None:
    """What may be wrong is said alike in all languages; the page says what came of a tap."""
    problems = photo_problems(plain.house.shop.talk)
    assert {f"problem_{problem}" for problem in problems} <= set(words())
    wordings = plain.house.shop.talk.library.wordings
    assert {tuple(wordings[code].words["values"]["photo_problem"]) for code in wordings} == {tuple(problems)}
    page = plain.desk.enter(1).get(f"/console/listings/{plain.id}").text
    assert all(f'value="{problem}"' in page for problem in problems)
    answers = "asked already enough full brake night stopped no_way no_consent taken_over practice unknown"
    assert {f"said_retake_{answer}" for answer in answers.split()} <= set(words())


def test_the_same_request_twice_is_one_letter(fair: Retaking) -> None:
    """A double tap, and another rep who wants the same."""
    taps = [fair.came(fair.ask(0)), fair.came(fair.ask(0)), fair.came(fair.ask(0, "blurred", rep=3))]
    assert taps == ["asked", "already", "already"]
    assert (len(fair.letters()), fair.open()) == (1, 1)
    assert fair.desk.deed_names().count("retake_asked") == 1


def test_two_reps_at_one_moment_are_one_letter(fair: Retaking) -> None:
    """Both see the talk as it stood; one is written, the other is thought out anew and comes to nothing."""
    browsers = [fair.desk.enter(1), fair.desk.enter(3)]
    page, photo = f"/console/listings/{fair.id}", str(fair.photos[0]["id"])
    tokens = [browser.token() for browser in browsers]
    gate, came = threading.Barrier(2), list[str]()

    def tap(number: int) -> None:
        gate.wait()
        form = {"photo": photo, "reason": "dark", "csrf_token": tokens[number]}
        came.append(fair.came(browsers[number].client.post(f"{page}/retake", data=form)))

    threads = [threading.Thread(target=tap, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["already", "asked"]
    assert (len(fair.letters()), fair.open()) == (1, 1)


def test_a_few_a_day(plain: Retaking) -> None:
    """No more than three; on the next day one may be asked for again."""
    came = [plain.came(plain.ask(photo)) for photo in (0, 1, 2, None)]
    assert came == ["asked"] * retakes.MOST_A_DAY + ["enough"]
    plain.her.say({"wait": "1d"})
    assert plain.came(plain.ask(None)) == "asked"


def test_nothing_goes_out_at_night(plain: Retaking) -> None:
    """The rep hears it; nothing waits for the morning that she has forgotten by then."""
    while may_write(START + plain.her.clock.ahead):
        plain.her.clock.ahead += timedelta(hours=1)
    assert plain.came(plain.ask(0)) == "night"
    assert (plain.letters(), plain.open()) == ([], 0)


def test_nothing_goes_out_after_a_stop(fair: Retaking) -> None:
    """Neither a new request, nor one whose letter has not left; her photos wait for her own new beginning."""
    fair.ask(0)
    assert utters(fair.her.say({"text": "बंद करो"})) == ["utter_stopped"]
    assert fair.hears() == []
    assert fair.came(fair.ask(1)) == "stopped"
    assert fair.her.say({"photos": [picture("brick.jpg")]})["replies"] == []
    assert fair.row().version == 1
    fair.her.say({"text": "शुरू"})
    said = f"सामान नंबर {fair.number}"
    assert utters(fair.her.say({"photos": [picture("grass.jpg")], "text": said}))[-1] == "utter_retake_came"


def test_while_a_rep_talks_with_her(fair: Retaking) -> None:
    """No letter, and what she sends is kept for the rep, not taken for an answer."""
    fair.ask(0)
    fair.hears()
    fair.her.rep("take_over", "रमा")
    assert fair.came(fair.ask(1)) == "taken_over"
    assert fair.her.say({"photos": [picture("brick.jpg")]})["replies"] == []
    assert (fair.row().version, fair.open()) == (1, 1)


def test_on_a_shared_phone_it_is_for_her(plain: Retaking) -> None:
    """Her name stands before it, and no picture shows her goods to the others."""
    with writing(plain.her.shop.db) as conn:
        at = conn.scalar(select(Address.id).where(Address.address == plain.her.address)) or 0
        shared_phones.share(conn, at, "फूलबती", plain.her.clock())
    assert plain.came(plain.ask(0)) == "asked"
    [heard] = plain.hears()
    assert heard["text"].startswith("सुकमती: आपके सामान नंबर")
    with reading(plain.her.shop.db) as conn:
        body = conn.scalar(select(Message.body).order_by(Message.id.desc()).limit(1))
    assert body is not None and body["image"] is None


def test_what_she_took_back_is_asked_for_by_nobody(fair: Retaking) -> None:
    """Neither a new request nor a photo changes it; she herself is told how it stands."""
    fair.ask(0)
    for text in ("मेरा सामान", "1", "हटाना है", "हाँ"):
        fair.her.say({"text": text})
    assert fair.row().status == "withdrawn"
    assert fair.ask(None).status_code == 409
    said = f"सामान नंबर {fair.number}"
    for line in ({"text": said}, {"photos": [picture("brick.jpg")], "text": said}):
        assert utters(fair.her.say(line)) == ["utter_offer_taken_back"]
    assert fair.versions()[-1] == "listing.withdrawn"


def test_another_districts_rep(plain: Retaking) -> None:
    """For her there is no such listing, and nobody hears of it."""
    assert plain.ask(0, rep=2).status_code == 404
    assert plain.ask(0, listing="0" * 36).status_code == 404
    assert (plain.letters(), plain.open()) == ([], 0)


@pytest.mark.parametrize(
    ("photo", "reason"),
    [
        ("999999", "dark"),
        (str(2**62), "dark"),
        (str(2**70), "dark"),
        ("-1", "dark"),
        ("१", "dark"),
        ("1:2", "dark"),
        ("1 OR 1=1", "dark"),
        ("", ""),
        ("", "price"),
        ("", "<script>alert(1)</script>"),
        ("", "dark" * 20),
        ("", "{photo_problem}"),
        ("\x00", "dark"),
    ],
)
def test_a_form_that_is_not_ours(plain: Retaking, photo: str, reason: str) -> None:
    """A photo of another listing, a reason that there is not: refused, and nothing goes out."""
    assert plain.ask(photo, reason).status_code == 400
    assert (plain.letters(), plain.open()) == ([], 0)


def test_ten_photos_take_no_more(plain: Retaking) -> None:
    """Nothing that comes would be lost without a word: the rep is told before."""
    with writing(plain.her.shop.db) as conn:
        slots = plain.row().slots
        many = [slots["photos"][0] | {"id": 1000 + at, "sha256": f"{at:064}"} for at in range(10)]
        conn.execute(update(Listing).values(slots=slots | {"photos": many}))
    assert plain.came(plain.ask(None)) == "full"


def test_a_listing_made_by_sms(db: Engine, tmp_path: Path) -> None:
    """She is asked in plain letters how a neighbour sends it, and with her 1 it is there."""
    fair = Retaking(db, tmp_path, "sms", language="hi-Latn")
    assert fair.came(fair.ask(None, "other_side")) == "asked"
    [heard] = fair.hears()
    assert f"Saman number {fair.number}" in heard["text"] and heard["segments"] <= 2
    assert fair.letters()[0]["image"] is None
    neighbour = fair.neighbour()
    neighbour.say({"photos": [picture("brick.jpg")], "text": f"saman number {fair.number}"})
    neighbour.say({"wait": MARKET})
    fair.hears()
    fair.her.say({"text": "1"})
    assert len(fair.photos) == 1 and fair.open() == 0


def test_a_bare_key_by_sms_answers_her_own_question(sqlite_db: Engine, tmp_path: Path) -> None:
    """The letter comes between a question with numbers and her number: the number is the question's."""
    fair = Retaking(sqlite_db, tmp_path, "sms", language="hi-Latn")
    for text in ("BECHNA", "0", "bans ki tokri", "250"):
        answer = fair.her.say({"text": text})
    assert answer["asks"] == "price" and answer["replies"][-1]["buttons"]
    fair.ask(None, "other_side")
    fair.hears()
    answer = fair.her.say({"text": "1"})
    assert (answer["slots"]["price"], answer["asks"]) == ("250", "stock")


def test_erased_and_exported(plain: Retaking) -> None:
    """What was asked for is hers to have, and goes with her."""
    plain.ask(0)
    with writing(plain.her.shop.db) as conn:
        seller_id = plain.her.seller_id(conn) or 0
        assert [row["reason"] for row in export(conn, seller_id)["retakes"]] == ["dark"]
        now = plain.her.clock()
        erase(conn, seller_id, "test", now, secret_key="s" * 32, publish=False)
        for table in (Retake, PhotoOffer, RepTask):
            assert conn.scalar(select(func.count()).select_from(table)) == 0
