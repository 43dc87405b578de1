"""Listings in the console: filtered, looked at, checked, their photos arranged, and taken home as files."""

from __future__ import annotations

import csv
import json
import re
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import Engine, event, insert, select

from bot.handoff.exporters.cells import BOM
from bot.handoff.hand_over import hand_over
from bot.handoff.of_talk import Maker, change_listing
from bot.media.photos import examine
from bot.media.renditions import keep
from bot.messages import Json
from bot.worker import Worker
from models import Consent, JobRow, Listing, ListingEvent, Media, Message, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Browser, Console, console, with_reps
from tests.listing_inputs import BASKET, given, said
from tests.open_rooms import workshop

IMAGES = Path(__file__).parent / "images"
LIST = "/console/listings"
SIDES = ("left", "top", "right", "bottom")


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    return with_reps(console(db, clock, tmp_path))


def sells(desk: Console, number: int = 50, photos: int = 0, district: str = BASTAR, **slots: Any) -> str:
    """A person with one listing; its id."""
    lives = {"district": district, "village": "करनपुर", "block": slots.get("block")}
    key = desk.person(number, {"seller_name": "सुकमती"} | lives)
    with writing(desk.db) as conn:
        seller_id = conn.scalar(select(Seller.id).where(Seller.key == key)) or 0
        agreed = {"version": "2026-11", "given": True, "language": "hi", "channel": "whatsapp"}
        hers = {"seller_id": seller_id, "message_id": "SM1", "at": desk.clock()}
        conn.execute(insert(Consent).values(**agreed, **hers))
        taken = [photo_of(desk, conn, seller_id, place) for place in range(photos)]
        listing_id = str(uuid4())
        told = BASKET | {"listing_id": listing_id, "listing_number": 1000 + number, "photos": taken} | slots
        known = {slot: said("हाँ") for slot in BASKET}
        facts = given(told, listing_id=listing_id, number=1000 + number, provenance=known, photos=())
        hand_over(conn, seller_id, facts, publish=False)
    return listing_id


def photo_of(desk: Console, conn: Any, seller_id: int, place: int) -> Json:
    """A photo of hers in the store, judged, with its picture for the shop."""
    data = (IMAGES / ("bowl.jpg", "drum.jpg", "brushes.jpg")[place]).read_bytes()
    found, store = examine(data), desk.house.store
    assert found.shop and found.thumbnail
    now = desk.clock()
    made = {
        "shop": (store.put(found.shop.data), found.shop),
        "thumbnail": (store.put(found.thumbnail.data), found.thumbnail),
    }
    sha256 = store.put(data)
    keep(conn, sha256, made, now)
    row = {"seller_id": seller_id, "direction": "in", "channel": "whatsapp", "address": "", "kind": "photo"}
    row |= {"body": {}, "status": "received", "created_at": now, "provider_id": uuid4().hex}
    message = conn.execute(insert(Message).values(**row).returning(Message.id)).scalar_one()
    media = {"seller_id": seller_id, "message_id": message, "position": 0, "kind": "photo", "status": "ready"}
    new = insert(Media).values(**media, sha256=sha256, created_at=now).returning(Media.id)
    size = {"width": found.judgement.width, "height": found.judgement.height}
    return {"id": conn.execute(new).scalar_one(), "sha256": sha256, "role": None, "warnings": []} | size


def row_of(desk: Console, listing_id: str) -> Any:
    with reading(desk.db) as conn:
        return conn.execute(select(Listing.__table__).where(Listing.id == listing_id)).one()


def events_of(desk: Console, listing_id: str) -> list[str]:
    with reading(desk.db) as conn:
        hers = select(ListingEvent.event).where(ListingEvent.listing_id == listing_id)
        return list(conn.scalars(hers.order_by(ListingEvent.version)))


def numbers(text: str) -> list[str]:
    """The listings of a page, from its top."""
    return re.findall(r"नंबर (\d+)</small></h3>", text)


def arranged(browser: Browser, listing_id: str, version: int, places: dict[int, str], **roles: str) -> Any:
    form = {f"place-{photo}": place for photo, place in places.items()} | roles
    page = f"{LIST}/{listing_id}"
    return browser.post(f"{page}/photos", page, version=str(version), **form)


def test_a_list_of_ones_districts(desk: Console) -> None:
    """The newest first; those of other districts are not there, for the admin all are."""
    sells(desk, 50)
    sells(desk, 51)
    sells(desk, 52, district=DURG)
    assert numbers(desk.enter(1).get(LIST).text) == ["1051", "1050"]
    assert numbers(desk.enter(2).get(LIST).text) == ["1052"]
    assert numbers(desk.enter(3).get(LIST).text) == ["1052", "1051", "1050"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"craft": "dhokra"}, ["1051"]),
        ({"craft": "bamboo"}, ["1050"]),
        ({"state": "photos_pending"}, ["1051", "1050"]),
        ({"state": "withdrawn"}, []),
        ({"district": DURG}, []),
        ({"craft": "<script>", "state": "'; --", "after": "x~y"}, []),
    ],
)
def test_the_filter(desk: Console, query: dict[str, str], expected: list[str]) -> None:
    """By craft, by state; what is no filter finds nothing and breaks nothing."""
    sells(desk, 50)
    sells(desk, 51, category="dhokra")
    assert numbers(desk.enter(1).get(LIST, query_string=query).text) == expected


def test_pages_follow_each_other(desk: Console) -> None:
    """Each listing once, and as many statements for a long list as for a short one."""
    for number in range(30):
        sells(desk, 50 + number)
    browser, statements = desk.enter(1), []
    listen = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(desk.db, "before_cursor_execute", listen)
    first = browser.get(LIST).text
    event.remove(desk.db, "before_cursor_execute", listen)
    assert len([each for each in statements if "FROM listing" in each]) == 1
    after = re.search(r"after=([^&\"]+)", first)
    assert after
    second = browser.get(LIST, query_string={"after": after[1]}).text
    assert numbers(first) + numbers(second) == [str(1079 - at) for at in range(30)]


def test_the_page_of_one(desk: Console) -> None:
    """Her price, who said what, what is to be checked, its versions; no whole number, and it is small."""
    listing_id = sells(desk, 50, photos=2)
    page = desk.enter(1).get(f"{LIST}/{listing_id}").text
    for word in ("₹250", "उनका दाम", "HSN", "बनाने वाली", "सही है", "फोटो 2", "सब रूप"):
        assert word in page, word
    assert "+9199999" not in page and len(page.encode()) < 60 * 1024
    for number in (2, 1):
        answer = desk.enter(number).get(f"{LIST}/{listing_id}")
        assert answer.status_code == (404 if number == 2 else 200)


def test_what_came_of_a_tap_is_said_once(desk: Console) -> None:
    """Above the page, as on every page."""
    listing_id = sells(desk, 50)
    page = desk.enter(1).get(f"{LIST}/{listing_id}?said=saved").text
    assert page.count('class="notice"') == 1


def test_nobody_elses_listing_can_be_changed(desk: Console) -> None:
    """For a rep of another district it does not exist."""
    listing_id = sells(desk, 50, photos=1)
    stranger = desk.enter(2)
    for path in ("photos", "shape", "check"):
        form = {"version": "1", "field": "hsn", "photo": "1", "turn": "90"}
        sides = {f"cut-{side}": "0" for side in SIDES}
        answer = stranger.post(f"{LIST}/{listing_id}/{path}", **form | sides)
        assert answer.status_code == 404, path
    assert events_of(desk, listing_id) == ["listing.completed"]


def test_photos_are_put_in_order_and_named(desk: Console) -> None:
    """A new version with the same photos in the new order, marked with the rep, and written down."""
    listing_id = sells(desk, 50, photos=3)
    ids = [photo["id"] for photo in row_of(desk, listing_id).slots["photos"]]
    places = {ids[0]: "3", ids[1]: "1", ids[2]: "2"}
    roles = {f"role-{ids[1]}": "front"}
    assert arranged(desk.enter(1), listing_id, 1, places, **roles).status_code == 303
    row = row_of(desk, listing_id)
    assert [photo["id"] for photo in row.message["photos"]] == [ids[1], ids[2], ids[0]]
    assert row.message["photos"][0]["role"] == "front" and row.version == 2
    assert row.message["provenance"]["photos"]["by"] == "rep:1"
    assert events_of(desk, listing_id) == ["listing.completed", "listing.updated"]
    assert desk.deed_names()[-1] == "photos_arranged" and desk.deeds()[-1].listing_id == listing_id


def test_a_photo_left_without_a_place_is_taken_out(desk: Console) -> None:
    """With the last one the photos are pending again; her price stays what it was."""
    listing_id = sells(desk, 50, photos=2)
    ids = [photo["id"] for photo in row_of(desk, listing_id).slots["photos"]]
    arranged(desk.enter(1), listing_id, 1, {ids[0]: "", ids[1]: "1"})
    assert [photo["id"] for photo in row_of(desk, listing_id).message["photos"]] == [ids[1]]
    arranged(desk.enter(1), listing_id, 2, {ids[1]: ""})
    row = row_of(desk, listing_id)
    assert row.message["photos"] == [] and row.photos_pending
    assert row.message["price"]["asked"]["amount"] == "250" and len(row.message["price"]["history"]) == 1


def test_of_two_reps_at_once_the_second_is_told(desk: Console) -> None:
    """She sees the new version and does it again; nothing of the first is lost."""
    listing_id = sells(desk, 50, photos=2)
    ids = [photo["id"] for photo in row_of(desk, listing_id).slots["photos"]]
    first, second = desk.enter(1), desk.enter(3)
    arranged(first, listing_id, 1, {ids[0]: "2", ids[1]: "1"})
    answer = arranged(second, listing_id, 1, {ids[0]: "1", ids[1]: ""})
    assert answer.status_code == 409 and "इस बीच" in answer.text
    assert row_of(desk, listing_id).version == 2


@pytest.mark.parametrize(
    "form",
    [
        {"place-1": "1", "version": "x"},
        {"place-999999": "1", "version": "1"},
        {"place-1": "<b>", "version": "1"},
        {"place-1": "-1", "version": "1"},
        {"version": ""},
    ],
)
def test_a_form_that_is_not_ours(desk: Console, form: dict[str, str]) -> None:
    """It is refused, and nothing changes."""
    listing_id = sells(desk, 50, photos=1)
    answer = desk.enter(1).post(f"{LIST}/{listing_id}/photos", f"{LIST}/{listing_id}", **form)
    assert answer.status_code == 400 and row_of(desk, listing_id).version == 1


def test_a_role_that_does_not_exist(desk: Console) -> None:
    """It is refused too."""
    listing_id = sells(desk, 50, photos=1)
    photo = row_of(desk, listing_id).slots["photos"][0]["id"]
    answer = arranged(desk.enter(1), listing_id, 1, {photo: "1"}, **{f"role-{photo}": "price"})
    assert answer.status_code == 400 and row_of(desk, listing_id).version == 1


def test_a_person_stands_for_a_suggestion(desk: Console) -> None:
    """With her name; the same tap again changes nothing."""
    listing_id = sells(desk, 50, category="dhokra")
    page, rep = f"{LIST}/{listing_id}", desk.enter(1)
    assert rep.post(f"{page}/check", page, version="1", field="hsn").status_code == 303
    assert row_of(desk, listing_id).message["compliance"]["hsn"]["confirmed_by"] == "rep:1"
    assert "रमा 1 ने जाँचा" in rep.get(page).text
    rep.post(f"{page}/check", page, version="2", field="hsn")
    assert row_of(desk, listing_id).version == 2
    assert rep.post(f"{page}/check", page, version="2", field="price").status_code == 400


def test_an_indication_needs_the_users_number(desk: Console) -> None:
    """Without it, or for another craft, none is claimed."""
    listing_id = sells(desk, 50, category="dhokra")
    page, rep = f"{LIST}/{listing_id}", desk.enter(1)
    wrong = [{"claim": "bastar_dhokra", "user": ""}, {"claim": "champa_silk", "user": "AU/1"}]
    for form in wrong:
        assert rep.post(f"{page}/check", page, version="1", field="gi", **form).status_code == 400
    rep.post(f"{page}/check", page, version="1", field="gi", claim="bastar_dhokra", user="AU/12")
    claim = row_of(desk, listing_id).message["compliance"]["gi"]
    assert claim == {"claim": "bastar_dhokra", "authorised_user": "AU/12"}


def shaped(desk: Console, listing_id: str, photo: int, turn: int = 0, version: int = 1, **cut: int) -> Any:
    sides = {f"cut-{side}": str(cut.get(side, 0)) for side in SIDES}
    page = f"{LIST}/{listing_id}"
    form = {"version": str(version), "photo": str(photo), "turn": str(turn)} | sides
    return desk.enter(1).post(f"{page}/shape", page, **form)


def test_a_photo_is_turned_and_cut(desk: Console) -> None:
    """Another picture is shown, made of the original, which stays; the job says so in a new version."""
    listing_id = sells(desk, 50, photos=1)
    before = row_of(desk, listing_id)
    photo = before.slots["photos"][0]
    assert shaped(desk, listing_id, photo["id"], 90, left=20, right=20).status_code == 303
    shop = workshop(desk.settings, desk.db, desk.house.talk)
    Worker(shop, "test").drain()
    row = row_of(desk, listing_id)
    shown = row.message["photos"][0]
    assert shown["sha256"] not in (photo["sha256"], before.message["photos"]) and row.version == 2
    with Image.open(BytesIO(shop.store.read(shown["sha256"]))) as picture:
        assert picture.size == (shown["width"], shown["height"])
    assert shop.store.read(photo["sha256"]) == (IMAGES / "bowl.jpg").read_bytes()
    assert row.message["provenance"]["photos"]["by"] == "rep:1"


def test_two_quarter_turns_are_a_half(desk: Console) -> None:
    """Turns add up: she turns what she sees."""
    listing_id = sells(desk, 50, photos=1)
    photo = row_of(desk, listing_id).slots["photos"][0]["id"]
    worker = Worker(workshop(desk.settings, desk.db, desk.house.talk), "test")
    for version in (1, 2):
        shaped(desk, listing_id, photo, 90, version)
        worker.drain()
    assert row_of(desk, listing_id).slots["photos"][0]["shown"]["turn"] == 180


def test_the_same_turn_tapped_twice_is_one(desk: Console) -> None:
    """Before the job has run she still sees the old picture: the same wish again is no second turn."""
    listing_id = sells(desk, 50, photos=1)
    photo = row_of(desk, listing_id).slots["photos"][0]["id"]
    for _ in range(2):
        shaped(desk, listing_id, photo, 90)
    Worker(workshop(desk.settings, desk.db, desk.house.talk), "test").drain()
    row = row_of(desk, listing_id)
    assert row.slots["photos"][0]["shown"]["turn"] == 90 and row.version == 2


@pytest.mark.parametrize(("turn", "cut"), [(0, 0), (45, 0), (90, 60)])
def test_a_shape_that_makes_no_picture(desk: Console, turn: int, cut: int) -> None:
    """Nothing to do, a crooked turn, or nothing left: refused, and no job is put."""
    listing_id = sells(desk, 50, photos=1)
    photo = row_of(desk, listing_id).slots["photos"][0]["id"]
    assert shaped(desk, listing_id, photo, turn, left=cut).status_code == 400
    with reading(desk.db) as conn:
        assert conn.scalars(select(JobRow.id).where(JobRow.kind == "reshape_photo")).all() == []


def test_files_have_what_the_filter_shows(desk: Console) -> None:
    """Of my districts only; a hostile name is text; a suggestion that nobody checked is no HSN."""
    sells(desk, 50, product_name="=cmd|' /C calc'!A0")
    sells(desk, 51, category="dhokra")
    sells(desk, 52, district=DURG)
    rep = desk.enter(1)
    plain = rep.get(f"{LIST}.csv").text
    rows = list(csv.DictReader(StringIO(plain.removeprefix(BOM))))
    assert [row["number"] for row in rows] == ["1051", "1050"]
    assert rows[1]["asked"] == "250" and rows[0]["hsn_suggested"] and not rows[0]["hsn_confirmed_by"]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    shop = list(csv.DictReader(StringIO(rep.get(f"{LIST}.flipkart?craft=dhokra").text.removeprefix(BOM))))
    assert [(row["Seller SKU ID"], row["HSN"]) for row in shop] == [("SANG-1051", "")]
    items = [json.loads(line) for line in rep.get(f"{LIST}.ondc").text.splitlines()]
    assert items[0]["id"] == "SANG-1051" and items[0]["price"]["value"] == "250"


def withdraw(desk: Console, listing_id: str) -> None:
    """She takes it back, from her talk."""
    with writing(desk.db) as conn:
        joined = select(Listing.seller_id, Seller.key, Seller.language).join(Seller)
        row = conn.execute(joined.where(Listing.id == listing_id)).one()
        event = {"listing_id": listing_id, "change": "listing.withdrawn", "changes": {}, "provenance": {}}
        whose = Maker.of(desk.house.talk, row.seller_id, row.key, row.language)
        change_listing(conn, whose, event, desk.clock())


def test_what_she_took_back_stays_so(desk: Console) -> None:
    """No tap of a rep offers it again, not even one that was on its way; the page has no button for it."""
    listing_id = sells(desk, 50, photos=2, category="dhokra")
    page, rep = f"{LIST}/{listing_id}", desk.enter(1)
    ids = [photo["id"] for photo in row_of(desk, listing_id).slots["photos"]]
    shaped(desk, listing_id, ids[0], 90)
    withdraw(desk, listing_id)
    Worker(workshop(desk.settings, desk.db, desk.house.talk), "test").drain()
    places = {f"place-{ids[0]}": "2", f"place-{ids[1]}": "1"}
    turned = {"photo": str(ids[0]), "turn": "90"} | {f"cut-{side}": "0" for side in SIDES}
    for deed, form in (("photos", places), ("check", {"field": "hsn"}), ("shape", turned)):
        answer = rep.post(f"{page}/{deed}", version="2", **form)
        assert answer.status_code == 409 and "वापस ले लिया" in answer.text
    row = row_of(desk, listing_id)
    assert (row.status, row.version) == ("withdrawn", 2)
    assert f'action="{page}/' not in rep.get(page).text


def test_a_contact_sheet_is_drawn_when_it_is_wanted(desk: Console) -> None:
    """By a job; then the page links to it, by a signed address of ours."""
    listing_id = sells(desk, 50, photos=2)
    page, rep = f"{LIST}/{listing_id}", desk.enter(1)
    assert rep.post(f"{page}/sheet", page, version="1").status_code == 303
    Worker(workshop(desk.settings, desk.db, desk.house.talk), "test").drain()
    link = re.search(r'href="(/media/[^"]+)" target', rep.get(page).text)
    assert link
    answer = rep.get(link[1])
    assert answer.status_code == 200 and answer.mimetype == "image/jpeg"
    assert rep.post(f"{page}/sheet", page, version="9").status_code == 409
