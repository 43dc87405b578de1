"""Photos of a listing made by SMS come from any WhatsApp phone, and count only after her own yes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from bot import offers
from bot.chat import Chat
from bot.messages import Json
from bot.settings import Settings
from models import Listing, ListingEvent, Media, PhotoOffer, RepTask
from models.database import reading
from tests.talk_phone import Phone

IMAGES = Path(__file__).parent / "images"
KNOWN = {
    "language": "hi-Latn",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "Sita Bai",
    "village": "Sirpur",
    "district": "mahasamund",
    "first_listed_on": "2026-01-05",
}
TALK = ("BECHNA", "0", "bans ki tokri", "250", "1", "5", "badi", "1", "1")


class Village:
    """A seller with a plain phone and neighbours with WhatsApp, all in one house."""

    def __init__(self, url: str, tmp_path: Path) -> None:
        self.house = Chat(Settings(database_url=url, media_url=f"file://{tmp_path}/media", voice="none"))
        self.her = Phone(self.house, "sms", dict(KNOWN))
        for text in TALK:
            self.answer = self.her.say({"text": text})
            if self.answer["listings"]:
                break
        assert self.answer["listings"], self.answer
        with reading(self.her.shop.db) as conn:
            self.number = int(conn.scalar(select(Listing.number)) or 0)

    def neighbour(self) -> Phone:
        phone = Phone(self.house, "whatsapp")
        phone.clock.ahead = self.her.clock.ahead
        return phone

    def listing(self) -> Json:
        with reading(self.her.shop.db) as conn:
            message: Json = conn.scalar(select(Listing.message).order_by(Listing.number))
        return message

    def count(self, table: Any, *where: Any) -> int:
        with reading(self.her.shop.db) as conn:
            return int(conn.scalar(select(func.count()).select_from(table).where(*where)) or 0)

    def asked(self, neighbour: Phone) -> list[Json]:
        """What she is asked once the neighbour has been quiet for a while."""
        neighbour.say({"wait": "2m"})
        replies: list[Json] = self.her.say({"wait": "1s"})["replies"]
        return replies


@pytest.fixture
def village(db: Engine, tmp_path: Path) -> Village:
    return Village(db.url.render_as_string(hide_password=False), tmp_path)


def picture(name: str = "drum.jpg") -> str:
    return str(IMAGES / name)


def utters(answer: Json) -> list[str]:
    return [reply["utter"] for reply in answer["replies"]]


def test_she_is_told_how_photos_come(village: Village) -> None:
    """With the hand-over she hears her number and what a neighbour writes."""
    assert village.listing()["photos_pending"] is True
    told = " ".join(reply["text"] for reply in village.answer["replies"])
    assert f"saman number {village.number}" in told


@pytest.mark.parametrize("words", ["सामान नंबर {}", "saaman number {}", "{}", "Saman no. {}"])
def test_her_yes_makes_them_count(village: Village, words: str) -> None:
    """The neighbour's photos are a proposal; she is asked by SMS, and with her 1 the listing has them."""
    neighbour = village.neighbour()
    caption = words.format(village.number)
    answer = neighbour.say({"photos": [picture(), picture("bowl.jpg")], "text": caption})
    assert utters(answer) == ["utter_offer_received"]
    assert village.listing()["photos"] == []
    asked = village.asked(neighbour)
    assert "2 photo" in asked[-1]["text"] and "1 haan" in asked[-1]["text"]
    assert village.listing()["photos"] == []
    assert utters(village.her.say({"text": "1"}))[0] == "utter_offer_taken"
    message = village.listing()
    assert (message["event"], message["version"], len(message["photos"])) == ("listing.updated", 2, 2)
    assert message["photos_pending"] is False
    assert message["provenance"]["photos"]["by"] == "seller"


def test_the_number_may_come_first(village: Village) -> None:
    """The number in one message, photos in the next ones."""
    neighbour = village.neighbour()
    assert utters(neighbour.say({"text": f"saman number {village.number}"})) == ["utter_offer_waits"]
    assert utters(neighbour.say({"photos": [picture()]})) == ["utter_offer_received"]
    assert "1 photo" in village.asked(neighbour)[-1]["text"]


def test_her_no_throws_them_away(village: Village) -> None:
    """Nothing of them is kept, and the listing still waits."""
    neighbour = village.neighbour()
    neighbour.say({"photos": [picture()], "text": str(village.number)})
    village.asked(neighbour)
    assert utters(village.her.say({"text": "2"}))[0] == "utter_offer_refused"
    assert village.listing()["photos"] == []
    assert village.count(Media) == 0


def test_a_wrong_number_is_answered_like_a_right_one(village: Village) -> None:
    """Whoever guesses learns nothing: same words for right, wrong and too many, and nobody is asked."""
    right, wrong = village.neighbour(), village.neighbour()
    one = right.say({"photos": [picture()], "text": f"saman number {village.number}"})
    two = wrong.say({"photos": [picture()], "text": "saman number 99999"})
    assert [reply["text"] for reply in one["replies"]] == [reply["text"] for reply in two["replies"]]
    assert one["slots"] == two["slots"]
    for line in ({"text": f"saman number {village.number}"}, {"text": "saman number 99998"}):
        assert utters(wrong.say(line)) == ["utter_offer_waits"]
    told = str(one["replies"])
    assert all(word not in told for word in ("Sita", "250", "Sirpur", "tokri"))


def test_after_five_wrong_numbers_a_right_one_counts_as_wrong(village: Village) -> None:
    """A day has so many guesses; then the answer is the same, and nobody is asked until the next day."""
    guesser = village.neighbour()
    for number in range(offers.GUESSES):
        guesser.say({"text": f"saman number {90_000 + number}"})
    answer = guesser.say({"photos": [picture()], "text": f"saman number {village.number}"})
    assert utters(answer) == ["utter_offer_received"]
    assert village.asked(guesser) == []
    assert village.count(PhotoOffer, PhotoOffer.listing_id.is_not(None)) == 0
    guesser.say({"wait": "25h"})
    village.her.say({"wait": "25h"})
    guesser.say({"photos": [picture("bowl.jpg")], "text": f"saman number {village.number}"})
    assert village.asked(guesser) != []


def test_a_poor_photo_is_told_to_the_phone_it_came_from(village: Village) -> None:
    """The photo gate holds here too; she is asked only for photos that passed."""
    neighbour = village.neighbour()
    answer = neighbour.say({"photos": [picture("coffee_small.jpg")], "text": str(village.number)})
    assert utters(answer) == ["utter_photo_too_small"]
    assert village.asked(neighbour) == []


def test_after_seven_days_they_are_forgotten(village: Village) -> None:
    """A late yes counts for nothing and is told so; the photos are gone."""
    neighbour = village.neighbour()
    neighbour.say({"photos": [picture()], "text": str(village.number)})
    village.asked(neighbour)
    neighbour.say({"wait": "8d"})
    village.her.say({"wait": "8d"})
    assert "utter_offer_over" in utters(village.her.say({"text": "1"}))
    assert village.listing()["photos"] == []
    assert village.count(Media) == 0


def test_without_photos_a_rep_is_asked_to_visit(village: Village) -> None:
    """After three days, once."""
    village.her.say({"wait": "2d"})
    assert village.count(RepTask, RepTask.kind == "photos_pending") == 0
    village.her.say({"wait": "2d"})
    assert village.count(RepTask, RepTask.kind == "photos_pending") == 1


def test_with_photos_no_rep_comes(village: Village) -> None:
    """The listing has them by then."""
    neighbour = village.neighbour()
    neighbour.say({"photos": [picture()], "text": str(village.number)})
    village.asked(neighbour)
    village.her.say({"text": "1"})
    village.her.say({"wait": "4d"})
    assert village.count(RepTask, RepTask.kind == "photos_pending") == 0


def test_from_her_own_number_no_word_is_needed(village: Village) -> None:
    """Her own WhatsApp, without the number: to her listing without photos, after her yes."""
    hers = village.neighbour()
    hers.address = f"whatsapp:{village.her.address}"
    assert utters(hers.say({"photos": [picture()]})) == ["utter_offer_received"]
    assert village.asked(hers) != []
    village.her.say({"text": "1"})
    assert len(village.listing()["photos"]) == 1


def test_a_stranger_who_names_no_number_is_a_new_seller(village: Village) -> None:
    """Photos with other words begin a talk of one's own, as ever."""
    neighbour = village.neighbour()
    assert neighbour.say({"photos": [picture()], "text": "namaste"})["flow"] == "hello"
    assert village.count(PhotoOffer) == 0


def test_a_price_is_no_number_of_a_listing(village: Village) -> None:
    """Digits alone, without a photo, belong to the sender's own talk."""
    neighbour = village.neighbour()
    neighbour.say({"text": str(village.number)})
    assert village.count(PhotoOffer) == 0


@pytest.mark.slow
@given(st.lists(st.sampled_from(["number", "photo", "wrong", "wait", "her no", "her talk"]), max_size=6))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_photo_without_her_yes(sqlite_db: Engine, tmp_path: Path, deeds: list[str]) -> None:
    """Whatever a neighbour sends and however long it lasts: a version with photos comes only after her 1."""
    village = Village(f"sqlite:///{tmp_path}/test.db", tmp_path)
    neighbour = village.neighbour()
    lines: dict[str, Json] = {
        "number": {"text": f"saman number {village.number}"},
        "photo": {"photos": [picture()], "text": ""},
        "wrong": {"photos": [picture("bowl.jpg")], "text": "saman number 77777"},
        "wait": {"wait": "2h"},
    }
    for deed in deeds:
        if deed in lines:
            neighbour.say(lines[deed])
        else:
            village.her.say({"text": "2" if deed == "her no" else "madad"})
    neighbour.say({"wait": "2h"})
    assert village.count(ListingEvent, ListingEvent.event == "listing.updated") == 0
