"""The desk over HTTP: a note is claimed, heard, written down or given back; nobody's number is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import Engine

from bot.tasks.workshop import Workshop
from bot.web import create_app
from bot.web.house import EXTENSION, House
from models.database import writing
from tests.conftest import Clock
from tests.desk_notes import QUESTION, VOICE, WAVEFORM, note, standing
from tests.open_rooms import house, media_row, settings_for, workshop

Ask = Callable[..., tuple[int, Any]]
PATHS = (
    "transcriptions/claim",
    *(f"transcriptions/1/{what}" for what in ("renew", "submit", "cannot-hear", "release")),
)


@pytest.fixture
def app(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Flask:
    settings = settings_for(tmp_path)
    opened = house(settings, sqlite_db)
    parts = (opened.db, opened.talk, settings, opened.channels, clock, opened.store)
    return create_app(settings, House(*parts))


@pytest.fixture
def shop(app: Flask, clock: Clock) -> Workshop:
    opened = app.extensions[EXTENSION]
    shop = workshop(opened.settings, opened.db)
    return Workshop(shop.db, shop.settings, shop.store, shop.channels, opened.talk, clock)


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Call the API with the token; the status and the JSON that came back."""
    client = app.test_client()

    def call(path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {'t' * 32}"}
        send = client.get if body is None and not more else client.post
        answer = send(f"/api/v1/{path}", headers=headers, **({} if body is None else {"json": body}), **more)
        return answer.status_code, answer.get_json()

    return call


def as_described(ask: Ask, schema: str, answer: Any) -> bool:
    """Is the answer what the description promises?"""
    described = {"$ref": f"#/components/schemas/{schema}", "components": ask("openapi.json")[1]["components"]}
    return [error.message for error in Draft202012Validator(described).iter_errors(answer)] == []


def test_a_note_from_the_list_to_her_words(app: Flask, shop: Workshop, ask: Ask, clock: Clock) -> None:
    """Look, claim, listen, submit, twice: it is off the list, with her words and who wrote them."""
    media_id = note(shop)
    clock.advance(42)
    status, listed = ask("transcriptions")
    [row] = listed["transcriptions"]
    assert status == 200 and as_described(ask, "Transcription", row)
    assert (row["id"], row["age_s"], row["language"], row["asks"], row["seconds"]) == (
        media_id,
        42,
        "hne",
        "price",
        5.5,
    )
    status, mine = ask("transcriptions/claim", {"by": "asha"})
    assert status == 200 and as_described(ask, "Note", mine)
    assert (mine["question"], mine["expects"], mine["waveform"]) == (QUESTION, ["price"], WAVEFORM)
    sound = app.test_client().get(mine["audio"].removeprefix(shop.settings.public_url))
    assert (sound.mimetype, sound.data) == ("audio/ogg", VOICE)
    for _ in range(2):
        answer = ask(f"transcriptions/{media_id}/submit", {"claim": mine["claim"], "text": "अढ़ाई सौ"})
        assert answer == (200, {"id": media_id, "status": "done"}) and as_described(
            ask, "Standing", answer[1]
        )
    assert media_row(shop.db, media_id).transcript == "अढ़ाई सौ"
    assert ask("transcriptions")[1] == {"transcriptions": []}
    [done] = ask("transcriptions?status=done")[1]["transcriptions"]
    assert (done["id"], done["claimed_by"]) == (media_id, "asha") and as_described(ask, "Transcription", done)


def test_nobody_is_named_by_number(shop: Workshop, ask: Ask) -> None:
    """No answer of the desk holds a phone number or an address of hers."""
    note(shop)
    answers = [ask("transcriptions"), ask("transcriptions/claim", {"by": "asha"})]
    assert "99999" not in str(answers) and "whatsapp" not in str(answers)


def test_when_nothing_waits_there_is_no_content(shop: Workshop, ask: Ask) -> None:
    """204: nothing at all, nothing in this language, nothing that is not another's already."""
    assert ask("transcriptions/claim", {"by": "asha"}) == (204, None)
    media_id = note(shop)
    assert ask("transcriptions/claim", {"by": "asha", "language": "hi"}) == (204, None)
    assert ask("transcriptions/claim", {"by": "asha", "language": "hne"})[0] == 200
    assert ask("transcriptions/claim", {"by": "rina", "id": media_id}) == (204, None)


def test_a_lease_is_asked_for_and_renewed(shop: Workshop, ask: Ask, clock: Clock) -> None:
    """The caller says for how long, and says so again."""
    note(shop)
    mine = ask("transcriptions/claim", {"by": "asha", "lease": 10})[1]
    assert mine["claimed_until"] == "2026-01-05T09:00:10+00:00"
    status, answer = ask(f"transcriptions/{mine['id']}/renew", {"claim": mine["claim"], "lease": 60})
    assert (status, answer["claimed_until"]) == (200, "2026-01-05T09:01:00+00:00")
    assert as_described(ask, "Standing", answer)
    clock.advance(59)
    assert ask("transcriptions/claim", {"by": "rina"})[0] == 204
    clock.advance(1)
    theirs = ask("transcriptions/claim", {"by": "rina"})[1]
    late = ask(f"transcriptions/{mine['id']}/submit", {"claim": mine["claim"], "text": "सौ"})
    assert late == (409, {"error": "wrong_claim", "reason": "claimed_again"})
    assert ask(f"transcriptions/{mine['id']}/submit", {"claim": theirs["claim"], "text": "सौ"})[0] == 200


def test_what_cannot_be_heard_and_what_is_given_back(shop: Workshop, ask: Ask) -> None:
    """Both may be said twice."""
    first, second = note(shop), note(shop)
    for media_id, what, becomes in ((first, "cannot-hear", "cannot_hear"), (second, "release", "waiting")):
        claim = ask("transcriptions/claim", {"by": "asha"})[1]["claim"]
        for _ in range(2):
            answer = ask(f"transcriptions/{media_id}/{what}", {"claim": claim})
            assert answer == (200, {"id": media_id, "status": becomes})
        assert standing(shop.db, media_id).status == becomes


@pytest.mark.parametrize("text", ["", "x" * 4001, "a\x00b", "a\x1b[2J", "\ud800", None, 5, ["a"]])
def test_a_text_that_cannot_be_used_is_the_callers_fault(shop: Workshop, ask: Ask, text: Any) -> None:
    """400 with the reason, and the note stays claimed."""
    media_id = note(shop)
    claim = ask("transcriptions/claim", {"by": "asha"})[1]["claim"]
    status, answer = ask(f"transcriptions/{media_id}/submit", {"claim": claim, "text": text})
    assert (status, answer["error"]) == (400, "bad_request") and answer["reason"].startswith("text: ")
    assert ask("transcriptions/claim", {"by": "rina"})[0] == 204


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"by": ""},
        {"by": 5},
        {"by": "x" * 41},
        {"by": "a\x00"},
        {"by": "asha", "lease": 9},
        {"by": "asha", "lease": 3601},
        {"by": "asha", "lease": "60"},
        {"by": "asha", "lease": True},
        {"by": "asha", "lease": None},
        {"by": "asha", "language": "\ud800"},
        {"by": "asha", "id": 2**63},
        {"by": "asha", "id": -1},
    ],
)
def test_a_claim_that_cannot_be_used_is_refused(shop: Workshop, ask: Ask, body: Any) -> None:
    """Wrong types and bounds are 400, and claim nothing."""
    note(shop)
    status, answer = ask("transcriptions/claim", body)
    assert (status, answer["error"]) == (400, "bad_request") and as_described(ask, "Error", answer)
    assert ask("transcriptions/claim", {"by": "asha"})[0] == 200


@pytest.mark.parametrize("query", ["status=all", "status=%00", "limit=0", "limit=1001", "limit=x"])
def test_a_look_that_cannot_be_had_is_refused(ask: Ask, query: str) -> None:
    """The reason begins with the parameter."""
    status, answer = ask(f"transcriptions?{query}")
    assert status == 400 and answer["reason"].startswith(query.split("=")[0])


@pytest.mark.parametrize("what", ["renew", "submit", "cannot-hear", "release"])
def test_a_wrong_claim_is_told_apart_from_an_unknown_note(shop: Workshop, ask: Ask, what: str) -> None:
    """404 where there is no such note, 409 where it is not the caller's, 400 without a claim."""
    media_id = note(shop)
    given = {"claim": "a" * 32, "text": "सौ"}
    assert ask(f"transcriptions/99/{what}", given) == (404, {"error": "unknown_transcription"})
    assert ask(f"transcriptions/{2**63}/{what}", given)[0] == 404
    assert ask(f"transcriptions/-1/{what}", given)[0] == 404
    wrong = {"error": "wrong_claim", "reason": "not_claimed"}
    assert ask(f"transcriptions/{media_id}/{what}", given) == (409, wrong)
    for claim in (None, "", 5, "\x00", "क"):
        assert ask(f"transcriptions/{media_id}/{what}", given | {"claim": claim})[0] == 400
    assert (
        ask(f"transcriptions/{media_id}/{what}", data=b"not JSON", content_type="application/json")[0] == 400
    )


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong"])
def test_nobody_comes_in_without_the_token(app: Flask, path: str, header: str) -> None:
    """Every door of the desk."""
    client = app.test_client()
    assert client.post(f"/api/v1/{path}", headers={"Authorization": header}, json={}).status_code == 401
    assert client.get("/api/v1/transcriptions", headers={"Authorization": header}).status_code == 401


def test_a_database_that_is_down_is_answered_with_503(app: Flask, shop: Workshop, ask: Ask) -> None:
    """The caller tries again, as everywhere."""
    with writing(shop.db) as conn:
        conn.exec_driver_sql("ALTER TABLE transcription RENAME TO away")
    assert ask("transcriptions/claim", {"by": "asha"})[0] == 503
