"""Reps and programs begin flows for people: once each, at a set rate, never after a stop."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select, update

from bot.messages import Json
from bot.starts import request as requests
from bot.tasks import next_step
from models import JobRow, Listing, Message, Rep, Seller, Start, StartRow
from models.database import reading, writing
from tests.conftest import Clock
from tests.starts_service import HEAD, HER, PHONE, Service


@pytest.fixture
def service(db: Engine, clock: Clock, tmp_path: Path) -> Service:
    return Service(db, clock, tmp_path)


def rows(answer: Json) -> list[tuple[int, str, str | None]]:
    return [(row["line"], row["result"], row.get("reason")) for row in answer["rows"]]


def test_whoever_never_wrote_is_greeted_and_asked_for_her_consent(service: Service) -> None:
    """A start sends one opening of hello; nothing counts as her word, and consent stays hers."""
    assert service.person(name="सुकमती") == (200, {"result": "started"})
    service.run()
    [body] = service.sent()
    assert body["class"] == "opening"
    stands = service.stands()
    assert (stands["flow"], stands["asks"]) == ("hello", "language")
    assert stands["slots"]["seller_name"] == "सुकमती"
    assert "consent" not in stands["slots"]


def test_what_she_answers_is_no_opening(service: Service) -> None:
    """Only what speaks to her first is marked; the talk goes on as any other."""
    service.person()
    service.run()
    service.says("हिंदी")
    service.run(2)
    assert ["class" in body for body in service.sent()] == [True, False, False]
    assert service.stands()["asks"] == "consent"


@pytest.mark.parametrize("text", ["नमस्ते", "हिंदी", "बेचना है", "1"])
def test_whom_the_greeting_never_reached_is_greeted_at_her_first_word(service: Service, text: str) -> None:
    """She never heard of us: "let us go on" would go on from nothing. What the rep said of her stays."""
    service.person(name="सुकमती")
    service.run()
    with writing(service.db) as conn:
        letter = conn.execute(select(Message.id, Message.seller_id).where(Message.direction == "out")).one()
        next_step.put(conn, letter.id, letter.seller_id, "63013", service.clock())
    service.run(2)
    service.says(text)
    service.run(2)
    said = [part["utter"] for body in service.sent()[1:] for part in body.get("parts", ())]
    assert said == ["utter_greet", "utter_ask_language"]
    assert (service.stands()["flow"], service.stands()["asks"]) == ("hello", "language")
    assert service.stands()["slots"]["seller_name"] == "सुकमती"
    service.says("हिंदी")
    assert service.stands()["asks"] == "consent"


def test_the_same_key_begins_nothing_twice(service: Service) -> None:
    """Same key and body: the same answer, also when much has happened since; another body: 409."""
    first = service.person()
    service.run()
    assert service.person() == first
    service.run()
    assert len(service.sent()) == 1
    assert service.person(name="रमा")[0] == 409


def test_a_flow_that_runs_is_not_begun_again(service: Service) -> None:
    """She is asked once: another key finds her under way."""
    service.person()
    service.run()
    assert service.person(key="two") == (200, {"result": "already"})
    service.run()
    assert len(service.sent()) == 1


@pytest.mark.parametrize("address", [HER, PHONE])
def test_who_said_stop_is_left_alone(service: Service, address: str) -> None:
    """Stop on any channel of a number refuses a start on every one."""
    service.says("हिंदी", address)
    service.says("बंद करो", address)
    service.says("STOP", address)
    service.run(2)
    before = len(service.sent())
    assert service.person() == (200, {"result": "refused", "reason": "stopped"})
    service.run()
    assert len(service.sent()) == before


def test_a_stop_that_comes_in_between_counts(service: Service) -> None:
    """Who says stop while the request waits is not written to."""
    service.person()
    service.says("STOP")
    before = len(service.sent())
    service.run()
    assert len(service.sent()) == before
    assert service.count(Start) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"address": "whatsapp:+14155550100"}, "not an Indian number"),
        ({"address": "011 23456789"}, "landline"),
        ({"address": "whatsapp:IN.abc"}, "not a phone number"),
        ({"by": "rep:77"}, "no rep 77"),
        ({"by": "रमा"}, "by:"),
        ({"key": ""}, "key:"),
        ({"language": "xx"}, "language:"),
        ({"slots": {"consent": True}}, "'consent' cannot be given"),
        ({"slots": {"confirm_listing": True}}, "'confirm_listing' cannot be given"),
        ({"slots": {"price": "-5"}}, "price:"),
        ({"slots": {"price": "NaN"}}, "price:"),
        ({"slots": {"stock": True}}, "stock:"),
        ({"slots": []}, "slots:"),
        ({"name": "अ" * 61}, "seller_name:"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_reason(service: Service, changes: Json, says: str) -> None:
    """A bad request names what is wrong, and nothing is begun."""
    status, answer = service.person(**changes)
    assert status == 400
    assert says in answer["reason"]
    assert service.count(Start) == 0


@pytest.mark.parametrize("flow", ["stop", "privacy", "hello", "nothing", "pattern_heard"])
def test_only_flows_that_may_be_begun_for_her(service: Service, flow: str) -> None:
    """To stop or to be erased is for her alone to say; what is no flow is unknown."""
    assert service.post({"address": HER, "by": "spring", "key": "one"}, flow)[0] == 404


def test_without_the_token_nothing_is_begun(service: Service) -> None:
    """Nobody gets in without it."""
    answer = service.client.post("/api/v1/flows/list_product/start", json={})
    assert answer.status_code == 401


def test_what_a_rep_knows_is_hers_to_confirm(service: Service) -> None:
    """Facts given for her carry the rep's id; she hears them, and only her yes makes them count."""
    with writing(service.db) as conn:
        row = {
            "phone": "+919999900009",
            "name": "रमा",
            "districts": ["bastar"],
            "created_at": service.clock(),
        }
        rep = conn.execute(insert(Rep).values(**row).returning(Rep.id)).scalar_one()
    slots = {"product_name": "टोकरी", "price": "250", "stock": 5, "village": "कोंडागांव", "district": "बस्तर"}
    sent = {"name": "सुकमती", "language": "hi", "by": f"rep:{rep}", "slots": slots | {"size": "बड़ी"}}
    assert service.person(**sent)[0] == 200
    service.run()
    assert service.stands()["asks"] == "consent"
    service.says("हाँ")
    service.says("बाद में भेजूँगी, फोटो नहीं है")
    with reading(service.db) as conn:
        assert service.count(Start) == 1
        facts = conn.scalars(select(StartRow.facts)).all()
    assert facts == [None]
    for _ in range(6):
        if service.stands()["asks"] == "confirm_listing":
            break
        service.says("पता नहीं")
    service.run(2)
    assert service.stands()["asks"] == "confirm_listing"
    told = service.sent()[-1]["text"]
    assert "टोकरी" in told and "250" in told and "सुकमती" in told
    assert service.stands()["listings"] == []
    service.says("हाँ, सही है")
    assert len(service.stands()["listings"]) == 1
    provenance = _message(service)["provenance"]
    assert provenance["price"]["by"] == f"rep:{rep}"
    assert provenance["price"]["confirmed"] is True


def _message(service: Service) -> Json:
    with reading(service.db) as conn:
        found: Json = conn.scalar(select(Listing.message))
    return found


def test_every_line_of_a_sheet_is_answered(service: Service) -> None:
    """People are independent of each other: each line has its own result, with the reason of a refusal."""
    sheet = HEAD + (
        "9999900001,सुकमती,कोंडागांव,बस्तर,hne,whatsapp\r\n"
        "=9999900002,a,,,,\r\n"
        "+14155550100,b,,,,\r\n"
        "011 23456789,c,,,,\r\n"
        "\r\n"
        "+91 99999 00001,again,,,,sms\r\n"
        "9.1999E+11,d,,,,\r\n"
        "9999900003,=HYPERLINK(1),,,,\r\n"
        "9999900004,e,,,,fax\r\n"
        "9999900005,,,,,sms\r\n"
    )
    for dry in ("1", ""):
        status, answer = service.post("\ufeff" + sheet, dry_run=dry)
        assert status == 200
        assert rows(answer) == [
            (2, "started", None),
            (3, "refused", "phone: a formula, not a number"),
            (4, "refused", "phone: not an Indian number"),
            (5, "refused", "phone: a landline or a service number"),
            (7, "refused", "phone: the same as in line 2"),
            (8, "refused", "phone: a spreadsheet has rounded it; format the column as text"),
            (9, "started", None),
            (10, "refused", "channel: one of whatsapp, sms"),
            (11, "started", None),
        ]
        assert answer["counts"] == {"started": 3, "refused": 6}
        assert service.count(StartRow) == (0 if dry else 9)
    service.run()
    assert service.stands("whatsapp:+919999900003")["slots"]["seller_name"] == "=HYPERLINK(1)"
    assert service.stands("+919999900005")["flow"] == "hello"


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        ("name,village\nअ,ब\n", "line 1: columns are phone"),
        ("phone,aadhaar\n9999900001,1\n", "unknown: aadhaar"),
        ("phone,phone\n9999900001,1\n", "line 1"),
        ("phone\n", "nobody"),
        ("", "line 1"),
        ("phone,name\n9999900001,a\n9999900002\n", "line 3: 1 cells where the head has 2"),
        ('phone,name\n9999900001,"a\n', "line"),
        ("phone,name\n9999900001,\x00\n", "line"),
        ("phone,name\n9999900001,अ\n".encode("utf-16"), "not UTF-8"),
        ("phone,name\n9999900001,é\n".encode("latin-1"), "not UTF-8"),
    ],
)
def test_what_is_no_sheet_is_refused_as_a_whole(service: Service, sheet: str | bytes, says: str) -> None:
    """Nobody of it is written to, whatever stood in its first lines; the reason names the line."""
    status, answer = service.post(sheet)
    if "\x00" in str(sheet) and status == 200:
        assert answer["rows"][0]["result"] == "refused"
        return
    assert (status, answer["error"]) == (400, "bad_sheet")
    assert says in answer["reason"]
    assert service.count(Start) == 0


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_sheets_as_spreadsheets_write_them(service: Service, delimiter: str, end: str) -> None:
    """Commas, semicolons or tabs, with either end of line, with or without a byte order mark."""
    sheet = delimiter.join(("Phone", "Name")) + end + delimiter.join((PHONE, "सुकमती")) + end
    assert rows(service.post(sheet)[1]) == [(2, "started", None)]


def test_a_request_cut_off_half_way_goes_on(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while its people come in, nobody is written to; asked again, everybody is, once."""
    sheet = HEAD + "".join(f"99999{number:05d},,,,,\n" for number in range(25))
    monkeypatch.setattr(requests, "AT_A_TIME", 10)
    whole, written = requests.write_people, []

    def dies(*given: Any) -> None:
        if len(written) == 2:
            raise SystemExit("killed")
        written.append(given)
        whole(*given)

    monkeypatch.setattr(requests, "write_people", dies)
    with pytest.raises(SystemExit):
        service.post(sheet)
    assert service.count(StartRow) == 20
    service.run(5)
    assert service.count(Seller) == 0
    monkeypatch.setattr(requests, "write_people", whole)
    assert service.post(sheet)[1]["counts"] == {"started": 25}
    service.run(10)
    assert service.count(Seller) == 25


def test_a_worker_that_dies_writes_to_nobody_twice(service: Service) -> None:
    """Its people were reached, but not marked so: the next worker finds that they were."""
    sheet = HEAD + "".join(f"99999{number:05d},,,,,\n" for number in range(8))
    service.post(sheet)
    service.run(3)
    with writing(service.db) as conn:
        conn.execute(update(Start).values(reached=0, done_at=None))
        requests.make_ready(conn, 1, service.clock())
    service.run(3)
    assert service.count(Seller) == 8
    with reading(service.db) as conn:
        assert conn.scalar(select(func.count()).where(Message.direction == "out")) == 8


def test_people_are_reached_at_the_set_rate(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """At 60 a minute one hears of it each second, and one person waits for no crowd."""
    service = Service(db, clock, tmp_path, rate=60)
    service.post(HEAD + "".join(f"99998{number:05d},,,,,\n" for number in range(30)))
    service.run(5)
    assert 4 <= service.count(Seller) <= 6
    service.person()
    service.run(2)
    assert len(service.sent()) == 1


def test_openings_wait_while_letters_wait(service: Service) -> None:
    """While a handful of messages have not left, nobody new is written to."""
    service.says("नमस्ते", "whatsapp:+919999900777")
    with writing(service.db) as conn:
        for number in range(5):
            row = {
                "kind": "send_message",
                "payload": {"message_id": 10_000 + number},
                "run_at": service.clock(),
            }
            held = {"lease_until": service.clock.now.replace(year=2030), "lease_token": "x"}
            conn.execute(insert(JobRow).values(**row, **held, created_at=service.clock()))
    service.person()
    service.run(5)
    assert service.sent() == []
    with writing(service.db) as conn:
        conn.execute(JobRow.__table__.delete().where(JobRow.lease_token == "x"))
    service.run(3)
    assert len(service.sent()) == 1


@pytest.fixture
def fresh(sqlite_db: Engine, tmp_path: Path) -> Iterator[Callable[[], Service]]:
    yield lambda: Service(sqlite_db, Clock(), tmp_path)


@given(
    st.lists(
        st.sampled_from(["9999900001", "+919999900001", "9999900002", "=1", "x", "011 23456789"]), max_size=8
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_asked_any_number_of_times_the_answer_is_one(fresh: Callable[[], Service], phones: list[str]) -> None:
    """For any sheet: asked again it answers the same, and each number is begun at most once."""
    service = fresh()
    sheet = "phone\n" + "\n".join(["9999900003", *phones]) + "\n"
    key = uuid4().hex
    first = service.post(sheet, key=key)
    service.run(2)
    assert service.post(sheet, key=key) == first
    service.run(2)
    assert len(service.sent("whatsapp:+919999900003")) == 1
    assert len(service.sent("whatsapp:+919999900001")) <= 1
    assert json.dumps(first[1])


def test_two_at_once_write_one_request(service: Service) -> None:
    """The same call made again while the first still writes adds nothing."""
    sheet = HEAD + "9999900001,,,,,\n"
    assert service.post(sheet) == service.post(sheet)
    assert (service.count(Start), service.count(StartRow)) == (1, 1)
