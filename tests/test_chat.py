"""`app.py chat --jsonl`, line by line: one JSON object in, one out, in order, and what each holds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.handoff.hand_over import latest_messages
from bot.messages import Json
from bot.settings import ROOT
from models.database import connect

IMAGES = ROOT / "tests" / "images"
VOICE = str(ROOT / "tests" / "audio" / "brass_elephant_hi.ogg")
KEYS = {"replies", "flow", "asks", "slots", "language", "listings"}
TO_PHOTOS: list[Json] = [{"text": "नमस्ते"}, {"text": "हिंदी"}, {"text": "हाँ"}]


def chat(folder: Path, lines: Sequence[Json | str | bytes], *arguments: str) -> list[Any]:
    """Run one chat over these lines; the objects it printed."""
    raw = b"\n".join(
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    )
    done = subprocess.run(
        [sys.executable, "app.py", "chat", "--jsonl", *arguments],
        input=raw + b"\n",
        capture_output=True,
        cwd=ROOT,
        env=_environment(folder),
        timeout=120,
    )
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.splitlines()]


def listed(folder: Path) -> list[Json]:
    """What the queue would hold now."""
    return latest_messages(connect(_environment(folder)["DATABASE_URL"]))


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        "DATABASE_URL": f"sqlite:///{folder}/chat.db",
        "MEDIA_URL": f"file://{folder}/media",
    }


def test_a_stranger_meets_hello_and_every_answer_has_its_six_keys(tmp_path: Path) -> None:
    """`chat` starts as an unknown seller; a reply names its response, its text and its choices."""
    first, second, third = chat(tmp_path, TO_PHOTOS)
    assert set(first) == set(second) == set(third) == KEYS
    assert (first["flow"], first["asks"], first["language"]) == ("hello", "language", None)
    assert [reply["utter"] for reply in first["replies"]] == ["utter_greet", "utter_ask_language"]
    reply = first["replies"][-1]
    assert set(reply) == {"utter", "text", "buttons", "audio", "segments"}
    assert {"title", "payload"} == set(reply["buttons"][0])
    assert (second["asks"], second["language"], second["slots"]) == ("consent", "hi", {"language": "hi"})
    assert (third["flow"], third["asks"], third["slots"]["consent"]) == ("list_product", "photos", True)
    assert third["listings"] == []


def test_a_listing_from_photos_a_note_and_a_transcript(tmp_path: Path) -> None:
    """Jobs are drained before the answer, so photos and transcripts are answered in their own line."""
    photos = [str(IMAGES / name) for name in ("bowl.jpg", "brushes.jpg", "drum.jpg")]
    said = "ये पीतल का हाथी है, आठ इंच ऊँचा, पाँच नग हैं, दाम पंद्रह सौ रुपया"
    lines = [*TO_PHOTOS, {"photos": photos, "text": ""}, {"voice": VOICE}, {"transcript": said}]
    lines += [
        {"text": "हाँ"},
        {"text": "सीता बाई, करनपुर, बस्तर"},
        {"button": "/SetSlots(confirm_listing=true)"},
    ]
    album, note, heard, name, whole, over = chat(tmp_path, lines)[3:]
    assert len(album["replies"]) == 1 and album["asks"] == "product_name"
    assert len(album["slots"]["photos"]) == 3
    assert (note["flow"], note["asks"]) == ("maker", "seller_name")
    assert [reply["utter"] for reply in note["replies"]] == ["utter_voice_kept", "utter_ask_seller_name"]
    assert heard["asks"] == "confirm_heard"
    assert heard["slots"]["price"] == "1500" and heard["slots"]["stock"] == 5
    assert (name["flow"], name["asks"]) == ("maker", "seller_name")
    assert whole["asks"] == "confirm_listing"
    assert over["replies"][0]["utter"] == "utter_handed_over"
    assert [message["listing_id"] for message in listed(tmp_path)] == over["listings"]
    assert listed(tmp_path)[0]["price"]["asked"]["amount"] == "1500"


BAD: list[Any] = [
    "this is no JSON",
    "[1, 2]",
    '"text"',
    b"\xff\xfe\x00",
    {},
    {"photos": ["/no/such/file.jpg"]},
    {"photos": []},
    {"photos": "bowl.jpg"},
    {"voice": "/no/such/note.ogg"},
    {"wait": "soon"},
    {"wait": "3 weeks"},
    {"location": "here"},
    {"location": [1]},
    {"transcript": "there is no note"},
    {"verdict": {"kind": "live"}},
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """One chat that gets every bad line, with a good one after each."""
    lines: list[Any] = [{"text": "नमस्ते"}]
    for wrong in BAD:
        lines += [wrong, {"text": "नमस्ते"}]
    return chat(tmp_path_factory.mktemp("chat"), lines)


@pytest.mark.parametrize("place", range(len(BAD)), ids=[str(line) for line in BAD])
def test_a_bad_line_is_an_error_line_and_the_talk_goes_on(place: int, house: list[Any]) -> None:
    """A line that cannot be done is answered by `{"error": …}` in its place; the next line works."""
    answer, following = house[1 + 2 * place], house[2 + 2 * place]
    assert set(answer) == {"error"} and answer["error"]
    assert following["replies"]


def test_each_answer_is_flushed_before_the_next_line(tmp_path: Path) -> None:
    """A program may write a line, read its answer, and only then write the next."""
    with subprocess.Popen(
        [sys.executable, "app.py", "chat", "--jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=_environment(tmp_path),
    ) as process:
        assert process.stdin and process.stdout
        for text, asks in (("नमस्ते", "language"), ("हिंदी", "consent")):
            process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["asks"] == asks
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_wait_moves_the_clock_and_a_seller_is_found_again_by_her_number(tmp_path: Path) -> None:
    """`wait` takes s, m, h or d and leaves the question; `--seller` goes on where she stopped."""
    waits: list[Json] = [{"wait": "3d"}, {"wait": "30s"}, {"wait": "5m"}, {"wait": "2h"}]
    answers = chat(tmp_path, [*TO_PHOTOS, *waits], "--seller", "+919999900017")[3:]
    assert [answer["asks"] for answer in answers] == ["photos"] * 4
    assert [answer["replies"] for answer in answers] == [[]] * 4
    assert chat(tmp_path, [{"wait": "1s"}], "--seller", "+919999900017")[0]["asks"] == "photos"


def test_a_known_language_is_not_asked_and_strangers_differ(tmp_path: Path) -> None:
    """`--language` begins in that language, consent being the first question; another is a stranger."""
    answers = chat(tmp_path, [{"text": "जोहार"}, "", "  ", {"text": "हव"}], "--language", "hne")
    assert [(answer["language"], answer["asks"]) for answer in answers] == [
        ("hne", "consent"),
        ("hne", "photos"),
    ]
    assert chat(tmp_path, [{"text": "नमस्ते"}])[0]["asks"] == "language"


def test_sms_counts_its_parts(tmp_path: Path) -> None:
    """By SMS plain letters count 160 a part (153 of several), and `segments` says how many were used."""
    lines = [{"text": "namaste"}, {"text": "haan"}, {"text": "pata nahi"}, {"text": "bans ki tokri"}]
    answers = chat(tmp_path, lines, "--channel", "sms", "--language", "hi-Latn")
    replies = [reply for answer in answers for reply in answer["replies"]]
    assert all(reply["text"].isascii() for reply in replies)
    assert all(reply["segments"] >= 1 for reply in replies)
    assert max(len(reply["text"]) for reply in replies if reply["segments"] == 1) <= 160
    assert answers[-1]["asks"] == "price"
