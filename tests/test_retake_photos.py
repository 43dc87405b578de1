"""What comes for a photo that a rep asked for again: from whom, what it replaces, and what is told."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from bot import offered, offers, retakes
from models import Listing
from models.database import writing
from tests.retake_house import MARKET, Retaking, picture, utters


@pytest.fixture
def fair(db: Engine, tmp_path: Path) -> Retaking:
    return Retaking(db, tmp_path)


@pytest.fixture
def plain(sqlite_db: Engine, tmp_path: Path) -> Retaking:
    return Retaking(sqlite_db, tmp_path)


def test_her_photo_takes_its_place(fair: Retaking) -> None:
    """From her own phone no number and no yes is needed; place and role stay, the others are untouched."""
    before = fair.photos
    fair.ask(1)
    fair.hears()
    answer = fair.her.say({"photos": [picture("brick.jpg")]})
    assert utters(answer) == ["utter_retake_came"] and answer["flow"] is None
    after = fair.photos
    assert [after[0]["id"], after[2]["id"]] == [before[0]["id"], before[2]["id"]]
    assert after[1]["id"] not in {each["id"] for each in before}
    assert after[1]["role"] == before[1]["role"] == "back"
    row = fair.row()
    assert row.message["event"] == "listing.updated" and row.version == 2
    assert row.message["provenance"]["photos"]["by"] == "seller"
    assert fair.open() == 0
    page = fair.desk.enter(1).get(f"/console/listings/{fair.id}").text
    assert "इंतज़ार है" not in page


def test_the_old_photo_stays_until_a_good_one_comes(fair: Retaking) -> None:
    """A photo that the gate refuses changes nothing; the next good one does, in the same request."""
    before = fair.photos
    fair.ask(0)
    assert utters(fair.her.say({"photos": [picture("bottle.jpg")]}))[-1] == "utter_photo_blurred"
    assert [each["id"] for each in fair.photos] == [each["id"] for each in before] and fair.open() == 1
    assert utters(fair.her.say({"photos": [picture("brick.jpg")]})) == ["utter_retake_came"]
    assert fair.photos[0]["id"] != before[0]["id"] and len(fair.photos) == 3


def test_the_same_photo_again_is_no_new_one(plain: Retaking) -> None:
    """The gate knows it, whoever sends it; the request stays open."""
    plain.ask(0)
    assert "utter_photo_same" in utters(plain.her.say({"photos": [picture("drum.jpg")]}))
    neighbour = plain.neighbour()
    neighbour.say({"photos": [picture("drum.jpg")], "text": f"सामान नंबर {plain.number}"})
    neighbour.say({"wait": MARKET})
    plain.hears()
    plain.her.say({"text": "हाँ"})
    assert (plain.row().version, plain.open()) == (1, 1)


def test_what_finds_no_room_is_told(plain: Retaking, monkeypatch: pytest.MonkeyPatch) -> None:
    """One was asked for, two came, and the listing is full: she hears that the second one is not kept."""
    for room in (retakes, offers, offered):
        monkeypatch.setattr(room, "MOST_PHOTOS", 3)
    plain.ask(0)
    plain.hears()
    said = plain.her.say({"photos": [picture("brick.jpg"), picture("grass.jpg")]})
    assert utters(said) == ["utter_retake_came", "utter_photos_full"]
    assert "3 फोटो" in said["replies"][1]["text"]
    assert len(plain.photos) == 3 and plain.open() == 0


def test_another_photo_is_added(fair: Retaking) -> None:
    """One more stands behind the others; what is left over of an album too."""
    assert fair.came(fair.ask(None, "other_side")) == "asked"
    [heard] = fair.hears()
    assert heard["utter"] == "utter_another_photo" and "दूसरी तरफ़" in heard["text"]
    before = [each["id"] for each in fair.photos]
    fair.her.say({"photos": [picture("brick.jpg"), picture("grass.jpg")]})
    after = [each["id"] for each in fair.photos]
    assert after[:3] == before and len(after) == 5 and fair.row().version == 2


def test_photos_come_in_the_order_they_were_asked_for(plain: Retaking) -> None:
    """Of two requests the older one is answered first, and the other stays open."""
    before = [each["id"] for each in plain.photos]
    plain.ask(2, "blurred")
    plain.ask(0, "dark")
    plain.her.say({"photos": [picture("brick.jpg")]})
    assert [each["id"] for each in plain.photos][:2] == before[:2] and plain.open() == 1
    plain.her.say({"photos": [picture("grass.jpg")]})
    assert plain.photos[1]["id"] == before[1] and not {before[0], before[2]} & {p["id"] for p in plain.photos}
    assert plain.open() == 0


def test_she_may_name_the_number(fair: Retaking) -> None:
    """The number first and the photo after it, or beside it: both count."""
    fair.ask(0)
    fair.hears()
    assert utters(fair.her.say({"text": f"सामान नंबर {fair.number}"})) == ["utter_offer_waits"]
    assert utters(fair.her.say({"photos": [picture("brick.jpg")]})) == ["utter_retake_came"]
    fair.ask(1)
    fair.hears()
    caption = f"सामान नंबर {fair.number}"
    answer = fair.her.say({"photos": [picture("grass.jpg")], "text": caption})
    assert utters(answer) == ["utter_retake_came"] and fair.row().version == 3


def test_a_neighbours_photo_needs_her_yes(fair: Retaking) -> None:
    """As for a listing made by SMS: a proposal, and with her yes it takes the place of the old one."""
    before = fair.photos
    fair.ask(0)
    fair.hears()
    neighbour = fair.neighbour()
    came = neighbour.say({"photos": [picture("brick.jpg")], "text": f"सामान नंबर {fair.number}"})
    assert utters(came) == ["utter_offer_received"]
    assert [each["id"] for each in fair.photos] == [each["id"] for each in before]
    neighbour.say({"wait": MARKET})
    assert fair.last_said() == "utter_ask_confirm_photos"
    assert utters(fair.her.say({"text": "हाँ, मेरे हैं"}))[0] == "utter_offer_taken"
    after = fair.photos
    assert after[0]["id"] != before[0]["id"] and after[0]["role"] == "front" and len(after) == 3
    assert fair.open() == 0


def test_her_no_leaves_the_old_photo(plain: Retaking) -> None:
    """Nothing changes, and she is still waited for."""
    plain.ask(0)
    neighbour = plain.neighbour()
    neighbour.say({"photos": [picture("brick.jpg")], "text": f"सामान नंबर {plain.number}"})
    neighbour.say({"wait": MARKET})
    plain.hears()
    assert utters(plain.her.say({"text": "नहीं"}))[0] == "utter_offer_refused"
    assert (plain.row().version, plain.open()) == (1, 1)


def test_a_stranger_does_not_learn_whether_a_number_exists(plain: Retaking) -> None:
    """Asked for or not, hers or nobody's: the same words."""
    plain.ask(0)
    one, two = plain.neighbour(), plain.neighbour()
    for line in ({}, {"photos": [picture("brick.jpg")]}):
        right = one.say(line | {"text": f"सामान नंबर {plain.number}"})
        wrong = two.say(line | {"text": "सामान नंबर 88888"})
        assert [each["text"] for each in right["replies"]] == [each["text"] for each in wrong["replies"]]


def test_a_listing_that_waits_for_nothing_is_told_honestly(fair: Retaking) -> None:
    """Its own seller hears that it has its photos and what she may do; a stranger hears what all hear."""
    for line in ({}, {"photos": [picture("brick.jpg")]}):
        answer = fair.her.say(line | {"text": f"सामान नंबर {fair.number}"})
        assert utters(answer) == ["utter_offer_has_photos"]
        assert "3 फोटो" in answer["replies"][0]["text"] and "“मदद”" in answer["replies"][0]["text"]
    assert utters(fair.neighbour().say({"text": f"सामान नंबर {fair.number}"})) == ["utter_offer_waits"]
    fair.her.say({"wait": MARKET})
    assert fair.versions() == ["listing.completed"]


def test_after_that_a_photo_is_of_a_new_product(plain: Retaking) -> None:
    """What she was told is over: it does not swallow what she sends next."""
    plain.her.say({"photos": [picture("brick.jpg")], "text": f"सामान नंबर {plain.number}"})
    assert plain.her.say({"photos": [picture("grass.jpg")]})["flow"] == "list_product"


def test_a_draft_that_waits_for_photos_keeps_them(fair: Retaking) -> None:
    """The photo is the draft's; once the draft has its photos, one right after the request is for it."""
    fair.her.say({"text": "नया सामान"})
    fair.ask(0)
    answer = fair.her.say({"photos": [picture("dogs.jpg")]})
    assert len(answer["slots"]["photos"]) == 1 and fair.open() == 1
    fair.her.say({"text": "बस"})
    answer = fair.her.say({"photos": [picture("brick.jpg")]})
    assert utters(answer) == ["utter_retake_came"]
    assert len(answer["slots"]["photos"]) == 1 and answer["asks"] == "product_name" and fair.open() == 0


def test_days_later_a_bare_photo_begins_a_new_product(plain: Retaking) -> None:
    """The number still counts then, until the request's own days are over."""
    plain.ask(0)
    plain.her.say({"wait": "2d"})
    assert plain.her.say({"photos": [picture("dogs.jpg")]})["flow"] == "list_product"
    said = {"text": f"सामान नंबर {plain.number}"}
    assert utters(plain.her.say({"photos": [picture("brick.jpg")]} | said)) == ["utter_retake_came"]
    plain.ask(1)
    plain.her.say({"wait": f"{retakes.LASTS.days + 1}d"})
    assert "utter_offer_has_photos" in utters(plain.her.say(said))


def test_a_rep_who_arranges_at_the_same_moment(fair: Retaking) -> None:
    """Whoever comes second works on what the first has left: neither the order nor the photo is lost."""
    fair.ask(0)
    fair.hears()
    db, ids = fair.her.shop.db, [each["id"] for each in fair.photos]
    sends = threading.Thread(target=lambda: fair.her.say({"photos": [picture("brick.jpg")]}))
    with writing(db) as conn:
        row = conn.execute(select(Listing.__table__).with_for_update()).one()
        sends.start()
        time.sleep(2)
        turned = row.slots | {"photos": row.slots["photos"][::-1]}
        conn.execute(update(Listing).values(slots=turned))
    sends.join()
    after = [each["id"] for each in fair.photos]
    assert after[:2] == [ids[2], ids[1]] and after[2] not in ids and len(after) == 3


def test_a_rep_arranges_meanwhile(plain: Retaking) -> None:
    """What a rep moved stays moved; a photo that was taken out leaves its request to a photo more."""
    plain.ask(0)
    ids = [each["id"] for each in plain.photos]
    page = f"/console/listings/{plain.id}"
    places = {f"place-{ids[0]}": "3", f"place-{ids[1]}": "1", f"place-{ids[2]}": "2"}
    plain.desk.enter(1).post(f"{page}/photos", page, version="1", **places)
    plain.her.say({"photos": [picture("brick.jpg")]})
    after = [each["id"] for each in plain.photos]
    assert after[:2] == ids[1:] and after[2] not in ids
    plain.ask(0)
    plain.desk.enter(1).post(f"{page}/photos", page, version="3", **{f"place-{ids[2]}": "1"})
    plain.her.say({"photos": [picture("grass.jpg")]})
    assert [each["id"] for each in plain.photos][0] == ids[2] and len(plain.photos) == 2
