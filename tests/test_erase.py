"""Who is erased leaves no word, no number and no picture; what the law needs stays."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from bot import jobs, person_commands, shared_phones, tombstones
from bot.handoff.schema import problems
from bot.messages import Inbound
from bot.people.erase import erase
from bot.people.export import export
from bot.receive import receive
from bot.tasks import erase_person
from models import (
    Address,
    Base,
    Consent,
    JobRow,
    Listing,
    ListingEvent,
    Media,
    Message,
    Rendition,
    Seller,
    SmsPart,
    Start,
    StartRow,
    Tombstone,
)
from models.database import reading, writing
from tests.conftest import Clock
from tests.open_rooms import attachment, writes
from tests.town import SELLER, TALK, Town, address

OTHER = 78
HERS = ("सुकमती", "बाजावंड", "हाथी 8", "पीतल का हाथी, आठ इंच, पंद्रह सौ", "9199999")


@pytest.fixture
def town(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    return Town(tmp_path, db, clock)


def listed(town: Town, number: int = SELLER) -> int:
    """A whole listing of one seller; her id."""
    for text in TALK:
        received = town.say(number, text)
        town.wait(minutes=1)
    assert town.listings(number) == 1
    assert received.seller_id
    return received.seller_id


def picture(town: Town, seller_id: int, data: bytes) -> str:
    """A photo that is kept, with a shop picture made of it; the name of its bytes."""
    name, made = town.shop.store.put(data), town.shop.store.put(b"made of " + data)
    with writing(town.db) as conn:
        kept: Any = {"sha256": name, "status": "ready", "address": None}
        kept.pop("address")
        attachment(conn, seller_id, "https://x.example/1", **kept)
        if conn.scalar(select(func.count()).where(Rendition.source == name)) == 0:
            row = {"source": name, "kind": "shop", "sha256": made, "created_at": town.clock.now}
            conn.execute(insert(Rendition).values(row))
    return name


def everything(db: Engine) -> str:
    """Every value of every table: a row itself shows only the ends of what is long."""
    with reading(db) as conn:
        return "\n".join(
            f"{table.name}: {tuple(row)!r}"
            for table in Base.metadata.sorted_tables
            for row in conn.execute(select(table))
        )


def ask(town: Town, *texts: str) -> None:
    for text in texts:
        town.say(SELLER, text)
        town.wait(minutes=1)


def test_after_her_yes_nothing_of_hers_is_left(town: Town) -> None:
    """One answer goes out; then no table holds her number, her name, her words; her bytes are gone."""
    seller_id = listed(town)
    name = picture(town, seller_id, b"a photo")
    ask(town, "मेरा सब मिटा दो", "हाँ")
    town.wait(minutes=5)
    kept = everything(town.db)
    assert [word for word in HERS if word in kept] == []
    assert not town.shop.store.exists(name)
    with reading(town.db) as conn:
        assert conn.scalar(select(func.count()).select_from(Address)) == 0
        assert conn.scalar(select(func.count()).select_from(Media)) == 0
        assert conn.scalar(select(func.count()).select_from(Rendition)) == 0
        [consent] = conn.execute(select(Consent.__table__)).all()
        assert (consent.given, consent.message_id) == (True, "")
        assert consent.at
        assert consent.version
        assert consent.withdrawn_at
        left = set(conn.scalars(select(JobRow.kind)))
    assert left <= {"reconcile", "sweep_media", "photos_pending"}


def test_no_table_that_names_a_seller_is_forgotten(town: Town) -> None:
    """A new table with a column for a seller must be erased too, or be in this list with its reason."""
    hers = listed(town)
    picture(town, hers, b"a photo")
    ask(town, "मेरा सब मिटा दो", "हाँ")
    town.wait(minutes=5)
    kept = {"consent", "message", "listing", "audit"}
    with reading(town.db) as conn:
        for table in Base.metadata.sorted_tables:
            for name in {"seller_id", "sender_id"} & set(table.columns.keys()):
                left = conn.scalar(select(func.count()).where(table.c[name] == hers))
                assert left == 0 or table.name in kept, table.name


def test_her_listings_are_withdrawn_without_her_name(town: Town) -> None:
    """The backend hears of it in a message that fits the schema; earlier versions name nobody either."""
    listed(town)
    ask(town, "मेरा सब मिटा दो", "हाँ")
    town.wait(minutes=5)
    with reading(town.db) as conn:
        [row] = conn.execute(select(Listing.__table__)).all()
        versions = conn.execute(select(ListingEvent.__table__).order_by(ListingEvent.version)).all()
    assert row.status == "withdrawn"
    assert [version.event for version in versions] == ["listing.completed", "listing.withdrawn"]
    assert [problems(version.body) for version in versions] == [[], []]
    assert row.message == versions[-1].body
    assert row.message["price"]["asked"]["amount"] == "1500"
    assert row.message["seller"]["name"] is None


def test_her_story_and_her_place_go_wherever_they_stand(town: Town) -> None:
    """The story is told in the description too; a pickup place and a registered user's number are hers."""
    seller_id = listed(town)
    with writing(town.db) as conn:
        for table, column in ((Listing.__table__, "message"), (ListingEvent.__table__, "body")):
            message = conn.scalar(select(table.c[column]))
            product, compliance = dict(message["product"]), dict(message["compliance"])
            product["story"] = "फुलमती की दादी ने सिखाया"
            product["description"] = {"hi": "हाथी। फुलमती की दादी ने सिखाया।", "en": "Elephant."}
            product["attributes"] = product["attributes"] | {"pickup_place": "फुलमती का घर", "care": "सूखा"}
            compliance["gi"] = {"claim": "bastar_dhokra", "authorised_user": "AU/12"}
            conn.execute(
                update(table).values({column: message | {"product": product, "compliance": compliance}})
            )
        erase(conn, seller_id, "seller", town.clock.now, secret_key="s", publish=False)
    kept = everything(town.db)
    assert [word for word in ("फुलमती", "AU/12") if word in kept] == []
    assert "सूखा" in kept
    with reading(town.db) as conn:
        assert [problems(body) for body in conn.scalars(select(ListingEvent.body))] == [[], []]


def test_a_no_keeps_everything(town: Town) -> None:
    """And so does an unclear answer."""
    seller_id = listed(town)
    ask(town, "मेरा सब मिटा दो", "नहीं")
    town.wait(minutes=5)
    with reading(town.db) as conn:
        assert conn.scalar(select(Address.seller_id)) == seller_id


def test_bytes_that_another_seller_has_too_stay(town: Town) -> None:
    """The same picture of two people is kept once, and goes with the last of them."""
    hers, others = listed(town), listed(town, OTHER)
    name = picture(town, hers, b"the same")
    assert picture(town, others, b"the same") == name
    ask(town, "मेरा सब मिटा दो", "हाँ")
    town.wait(minutes=5)
    assert town.shop.store.exists(name)
    assert town.listings(OTHER) == 1
    with reading(town.db) as conn:
        assert conn.scalar(select(func.count()).where(Rendition.source == name)) == 1


def test_killed_half_way_it_ends_complete(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are one transaction: broken in it, all are there; the job comes again and ends."""
    seller_id = listed(town)
    name = picture(town, seller_id, b"a photo")
    before = everything(town.db)

    def dies(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("bot.people.erase._who", dies)
        with pytest.raises(KeyboardInterrupt), writing(town.db) as conn:
            erase(conn, seller_id, "seller", town.clock.now, secret_key="s", publish=False)
    assert everything(town.db) == before
    with writing(town.db) as conn:
        jobs.put(conn, "erase_person", {"seller_id": seller_id}, now=town.clock.now)
    [job] = jobs.claim(town.db, town.clock.now, kinds=["erase_person"])
    erase_person.run(town.shop, job)
    assert town.shop.store.exists(name), "bytes go after rows"
    town.wait(minutes=1)
    assert not town.shop.store.exists(name)
    with writing(town.db) as conn:
        assert not erase(conn, seller_id, "seller", town.clock.now, secret_key="s", publish=False)


def test_a_message_of_hers_that_the_provider_sends_again_is_a_repeat(town: Town) -> None:
    """Its id is all that is known of it; it makes no new seller."""
    listed(town)
    with reading(town.db) as conn:
        sid = conn.scalar(select(Message.provider_id).where(Message.direction == "in"))
    ask(town, "मेरा सब मिटा दो", "हाँ")
    town.wait(minutes=5)
    again = Inbound("whatsapp", address(SELLER), str(sid), "text", town.clock.now, "नमस्ते")
    assert receive(town.db, town.shop.talk, again, town.clock.now).repeat
    with reading(town.db) as conn:
        assert conn.scalar(select(func.count()).select_from(Seller)) == 1


def test_a_stop_is_remembered_without_her_number(town: Town) -> None:
    """What she says is not answered before a start word, and a rep's start does not reach her."""
    seller_id = listed(town)
    ask(town, "बंद करो")
    secret = town.shop.settings.secret_key
    with writing(town.db) as conn:
        assert erase(conn, seller_id, "rep:1", town.clock.now, secret_key=secret, publish=False)
    begun = Inbound("whatsapp", address(SELLER), "start:1:1", "start", town.clock.now)
    assert receive(town.db, town.shop.talk, begun, town.clock.now).seller_id is None
    ask(town, "नमस्ते")
    assert town.said(SELLER) == []
    ask(town, "शुरू करो")
    assert town.said(SELLER) != []
    with reading(town.db) as conn:
        assert conn.scalar(select(func.count()).select_from(Tombstone)) == 0


def test_a_sheet_goes_on_past_somebody_who_was_erased(town: Town) -> None:
    """Her line has no number any more; whoever stands below it is begun all the same."""
    seller_id = listed(town)
    now = town.clock.now
    with writing(town.db) as conn:
        start = {"key": "k", "digest": "d", "flow": "list_product", "by": "api", "people": 2}
        conn.execute(insert(Start).values(**start, id=1, created_at=now, ready_at=now))
        for line, number in enumerate((SELLER, OTHER), start=1):
            row = {"start_id": 1, "line": line, "channel": "whatsapp", "address": address(number)}
            conn.execute(insert(StartRow).values(**row, result="started"))
        erase(conn, seller_id, "seller", now, secret_key="s", publish=False)
        jobs.put(conn, "start_people", {}, now=now, unique_key="start_people")
    town.wait(minutes=2)
    assert town.said(OTHER) != []


def test_who_was_erased_is_not_written_to_unasked_but_may_come_back(town: Town) -> None:
    """Her own word makes her a new seller who is asked everything anew."""
    listed(town)
    ask(town, "मेरा सब मिटा दो", "हाँ")
    town.wait(minutes=5)
    begun = Inbound("whatsapp", address(SELLER), "start:1:1", "start", town.clock.now)
    assert receive(town.db, town.shop.talk, begun, town.clock.now).seller_id is None
    ask(town, "नमस्ते")
    assert town.state(SELLER)["asks"] == "language"


@pytest.mark.parametrize("kind", ["media_ready", "nudge"])
def test_a_late_job_of_ours_begins_no_talk_with_who_was_erased(town: Town, kind: Any) -> None:
    """It had read her rows before they went, and comes to the door after."""
    listed(town)
    ask(town, "मेरा सब मिटा दो", "हाँ, सब मिटाइए")
    late = Inbound("whatsapp", address(SELLER), f"late:{kind}", kind, town.clock.now)
    assert receive(town.db, town.shop.talk, late, town.clock.now).seller_id is None
    with reading(town.db) as conn:
        assert conn.scalar(select(func.count(Seller.id))) == 1
        assert conn.scalar(select(func.count(Address.id))) == 0


def test_the_hash_is_the_same_on_every_channel_and_nothing_without_the_key() -> None:
    """So a stop by SMS holds for WhatsApp too."""
    by_sms, by_whatsapp = "+919999900001", "whatsapp:+919999900001"
    assert tombstones.hashed("k", by_sms) == tombstones.hashed("k", by_whatsapp)
    assert tombstones.hashed("k", by_sms) != tombstones.hashed("other", by_sms)


def test_what_is_exported_is_everything_and_only_hers(town: Town) -> None:
    """Every table that names a seller is in it; nothing of another seller; JSON all through."""
    hers, others = listed(town), listed(town, OTHER)
    picture(town, hers, b"hers")
    with reading(town.db) as conn:
        found = export(conn, hers)
        key = conn.scalar(select(Seller.key).where(Seller.id == others))
    assert json.loads(json.dumps(found)) == found
    assert address(SELLER) in json.dumps(found)
    assert address(OTHER) not in json.dumps(found)
    assert str(key) not in json.dumps(found)
    for part in ("addresses", "consents", "messages", "media", "listings", "listing_versions", "tasks"):
        assert found[part], part


def test_no_provider_s_address_is_exported_not_even_of_what_waits(town: Town) -> None:
    """Whoever knows it may fetch the bytes, from wherever it stands: her copy names them by SHA-256."""
    mine, place = listed(town), "https://provider.example/photo"
    picture(town, mine, b"hers")
    kept = [{"kind": "photo", "url": place, "content_type": "image/jpeg"}]
    with writing(town.db) as conn:
        writes(conn, mine, kind="photo", body={"attachments": kept}, status="held")
        conn.execute(update(Media).values(url=place))
    with reading(town.db) as conn:
        found = export(conn, mine)
    assert place not in json.dumps(found) and found["media"]
    assert [row["body"]["attachments"][0]["kind"] for row in found["messages"] if row["status"] == "held"]


def test_who_shares_another_phone_still_has_what_was_begun_for_her_own(town: Town) -> None:
    """Under a number that several share it is nobody's for sure; under hers alone it is hers."""
    mine, others = listed(town), listed(town, OTHER)
    with writing(town.db) as conn:
        assert shared_phones.share_with(conn, shared_phones.number_of(address(OTHER)), others, mine)
        for number in (SELLER, OTHER):
            row = {"gateway": "any", "address": address(number), "ref": "1", "number": 1, "total": 2}
            more = {"text": "एक", "provider_id": str(number), "received_at": town.clock.now}
            conn.execute(insert(SmsPart).values(**row, **more))
    with reading(town.db) as conn:
        found = export(conn, mine)["sms_parts"], export(conn, others)["sms_parts"]
    assert [[row["address"] for row in rows] for rows in found] == [[address(SELLER)], []]


@pytest.mark.parametrize("typed", ["erase", "yes", ""])
def test_the_command_erases_only_after_the_typed_word(
    tmp_path: Path, sqlite_db: Engine, clock: Clock, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By number or key; anything but the word leaves all as it was."""
    town = Town(tmp_path, sqlite_db, clock)
    seller_id = listed(town)
    name = picture(town, seller_id, b"a photo")
    given = argparse.ArgumentParser()
    person_commands.arguments(given)
    phone = address(SELLER).removeprefix("whatsapp:+91")
    told = person_commands.run(
        town.shop.settings, given.parse_args(["export", phone, "--media", str(tmp_path / "out")])
    )
    assert told["seller"]["id"] == seller_id
    assert (tmp_path / "out" / name).read_bytes() == b"a photo"
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    if typed == "erase":
        assert person_commands.run(town.shop.settings, given.parse_args(["erase", phone]))["erased"]
        with pytest.raises(person_commands.Refused):
            person_commands.run(town.shop.settings, given.parse_args(["export", phone]))
    else:
        with pytest.raises(person_commands.Refused):
            person_commands.run(town.shop.settings, given.parse_args(["erase", phone]))
        assert town.listings(SELLER) == 1
