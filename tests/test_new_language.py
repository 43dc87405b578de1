"""A newcomer adds a language with one command and data files: it works as a draft from its first minute.

Everything runs in a copy of the project, by its command line.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.engine.check_languages import table_problems
from bot.language.languages import filled, gaps, load_languages, written, written_as
from bot.settings import ROOT

CODE = "qaa"
"""A code that ISO 639 leaves free for private use."""

PARTS = ("app.py", "bot", "flows", "locales", "models")
FILES = {"responses.yml", "words.yml", "categories.yml", "lexicon.yml", "intents.yml", "numbers.yml"}
PHOTO = str(ROOT / "tests" / "images" / "bowl.jpg")


def copy_to(folder: Path) -> Path:
    """The project without its tests and its data."""
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    return folder


def run(house: Path, *command: str, lines: list[Any] | None = None) -> subprocess.CompletedProcess[str]:
    given = "".join(json.dumps(line) + "\n" for line in lines or [])
    whole = [sys.executable, "app.py", *command]
    environment = {"PATH": "/usr/bin:/bin"}
    return subprocess.run(whole, cwd=house, input=given, capture_output=True, text=True, env=environment)


def answers(house: Path, *command: str, lines: list[Any]) -> list[Any]:
    done = run(house, *command, "--jsonl", lines=lines)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a new language in it."""
    house = copy_to(tmp_path_factory.mktemp("house"))
    done = run(house, "new-language", CODE, "--name", "कखगी")
    assert done.returncode == 0, done.stderr
    return house


@pytest.fixture
def change(house: Path) -> Iterator[Any]:
    """Replaces a text in a file of the new house for one test; the file must have it."""
    before: dict[Path, str] = {}

    def change(name: str, old: str, new: str) -> None:
        path = house / "locales" / name
        text = path.read_text(encoding="utf-8")
        before.setdefault(path, text)
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield change
    for path, text in before.items():
        path.write_text(text, encoding="utf-8")


def test_six_files_and_one_entry_are_written(house: Path) -> None:
    """The folder is whole, the entry is a draft that is not offered, and the list keeps its comments."""
    assert {path.name for path in (house / "locales" / CODE).iterdir()} == FILES
    entry = load_languages(house / "locales")[CODE]
    assert (entry.name, entry.like, entry.draft, entry.offered) == ("कखगी", "hi", True, False)
    assert entry.latin.isascii() and entry.latin.isalpha()
    before = (ROOT / "locales" / "languages.yml").read_text(encoding="utf-8")
    assert (house / "locales" / "languages.yml").read_text(encoding="utf-8").startswith(before)


def test_a_draft_passes_the_check_which_counts_what_it_lacks(house: Path) -> None:
    """What a draft lacks is told and is no mistake."""
    done = run(house, "check")
    assert done.returncode == 0, done.stdout
    (note,) = (line for line in done.stdout.splitlines() if line.startswith(f"{CODE} is a draft"))
    assert "still as in hi" in note


@pytest.mark.slow
def test_each_text_that_is_written_is_one_less_to_write(house: Path, change: Any) -> None:
    """The count of `check` goes down by one."""
    before = run(house, "check").stdout
    change(f"{CODE}/categories.yml", 'dhokra: ""', "dhokra: खगख")
    after = run(house, "check").stdout
    names = len(YAML(typ="safe").load((ROOT / "locales" / "hi" / "categories.yml").read_text())["categories"])
    line = next(line for line in before.splitlines() if line.startswith(CODE))
    assert f" {2 * names} categories" in line
    assert line.replace(f" {2 * names} categories", f" {2 * names - 1} categories") in after.splitlines()


def test_a_complete_language_must_lack_nothing(house: Path, change: Any) -> None:
    """A missing word of a language that is no draft is a mistake, with its file and line."""
    change("hne/words.yml", "  later:", "  later_on:")
    done = run(house, "check")
    assert done.returncode == 1
    assert any(
        line.startswith("locales/hne/words.yml:") and "wishes.later has no hne wording" in line
        for line in done.stdout.splitlines()
    )


def test_a_talk_in_a_draft_reaches_the_hand_over(house: Path, change: Any) -> None:
    """Empty slots are said as in the language it is like; a text that was written is said itself."""
    thanks = '  utter_consent_thanks:\n    # "शुक्रिया, आपकी इजाज़त लिख ली।"\n    - text: ""'
    change(f"{CODE}/responses.yml", thanks, thanks.replace('""', "गखक"))
    change(f"{CODE}/lexicon.yml", "  kondagaon: []", "  kondagaon: [खगकगख]")
    change(f"{CODE}/numbers.yml", '      piece: ""', "      piece: गकग gakag")
    lines: list[Any] = [{"text": "नमस्ते"}, {"text": "हाँ"}, {"photos": [PHOTO]}]
    said = "बस|बाँस की टोकरी|ढाई सौ|हाँ|दस|8 इंच|फूलबासन नेताम|भेलवापदर|खगकगख|हाँ"
    lines += [{"text": text} for text in said.split("|")]
    turns = answers(house, "chat", "--language", CODE, lines=lines)
    texts = "\n".join(reply["text"] for turn in turns for reply in turn["replies"])
    assert "गखक" in texts and "₹250 (ढाई सौ रुपये)" in texts
    assert "10 गकग" in texts and "खगकगख" in texts
    assert turns[-1]["slots"]["language"] == CODE
    assert len(turns[-1]["listings"]) == 1


def test_its_words_tell_the_language(house: Path, change: Any) -> None:
    """The evidence of a new language counts as that of the others."""
    change(f"{CODE}/intents.yml", "  strong: []", "  strong: [गखगी, खगखू]")
    (found,) = answers(house, "understand", lines=[{"text": "बाँस गखगी टोकरी खगखू"}])
    assert found["language"]["code"] == CODE


@pytest.mark.slow
def test_she_is_offered_only_what_is_marked_so(house: Path, change: Any) -> None:
    """`offered: true` gives the language its button and lets her ask for it by name; nothing else does."""
    ask = [{"text": "नमस्ते"}]
    named = [{"text": "कखगी", "asks": "language"}]
    (turn,) = answers(house, "chat", lines=ask)
    assert "कखगी" not in [button["title"] for button in turn["replies"][-1]["buttons"]]
    assert not any("value" in command for command in answers(house, "understand", lines=named)[0]["commands"])
    entry = f"{CODE}: {{name: कखगी"
    text = (house / "locales" / "languages.yml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith(entry))
    change("languages.yml", line, line.replace("offered: false", "offered: true"))
    (turn,) = answers(house, "chat", lines=ask)
    pressed = {button["title"]: button["payload"] for button in turn["replies"][-1]["buttons"]}
    assert pressed["कखगी"].startswith(f"/SetSlots(language={CODE})")
    assert {"command": "set_slot", "slot": "language", "value": CODE} in (
        answers(house, "understand", lines=named)[0]["commands"]
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((CODE,), "there already"),
        (("hi",), "there already"),
        (("Hindi",), "no code"),
        (("../x",), "no code"),
        (("q",), "no code"),
        (("qab-Deva",), "no code"),
        (("qab", "--like", "xx"), "like one of"),
        (("qab", "--like", CODE), "like one of"),
        (("qab-Latn", "--like", "hi"), "like one of: hi-Latn"),
    ],
)
def test_what_cannot_be_added_is_refused(house: Path, arguments: tuple[str, ...], reason: str) -> None:
    """A code that is taken or malformed, or nobody to be like: a reason, and nothing is written."""
    before = sorted(path for path in (house / "locales").rglob("*"))
    table = (house / "locales" / "languages.yml").read_bytes()
    done = run(house, "new-language", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert sorted(path for path in (house / "locales").rglob("*")) == before
    assert (house / "locales" / "languages.yml").read_bytes() == table


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("status: draft", "status: done", "not one of complete, draft"),
        ("like: hi, ", "", "must have `like`"),
        ("like: hi,", "like: qaa,", "not one of"),
        ("latin:", "letters:", "unknown key"),
        ("qaa:", "qab:", "has no qab/responses.yml"),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(
    house: Path, change: Any, old: str, new: str, reason: str
) -> None:
    """What `check` says first names the line of languages.yml."""
    text = (house / "locales" / "languages.yml").read_text(encoding="utf-8")
    number, line = next(
        (number, line) for number, line in enumerate(text.splitlines(), 1) if line.startswith("qaa")
    )
    change("languages.yml", line, line.replace(old, new))
    found = [str(problem) for problem in table_problems(house / "locales")]
    assert any(f"languages.yml:{number}: " in problem and reason in problem for problem in found), found


def test_chat_takes_the_languages_of_the_list_only(house: Path) -> None:
    """Another code is a wrong call, and the answer names those that there are."""
    done = run(house, "chat", "--language", "qab")
    assert done.returncode == 2
    assert CODE in done.stderr and "hne" in done.stderr


def test_gaps_are_filled_leaf_by_leaf() -> None:
    """Empty and missing leaves are borrowed, written ones stay, and a list keeps its own length."""
    like = {"a": "x", "b": [{"text": "y", "payload": "p"}, {"text": "z"}], "c": {"d": "w"}}
    own = {"a": "", "b": [{"text": "Y", "payload": ""}], "e": "own"}
    assert filled(own, like) == {"a": "x", "b": [{"text": "Y", "payload": "p"}], "c": {"d": "w"}, "e": "own"}
    assert list(gaps(own, like)) == [("a",), ("b", 0, "payload"), ("c", "d")]
    assert written(own) == {"b": [{"text": "Y"}], "e": "own"}


@pytest.mark.parametrize(
    ("code", "script", "fitting"),
    [
        ("hi", "Deva", "hi"),
        ("hne", "Deva", "hne"),
        ("hne", "Latn", "hi-Latn"),
        ("en", "Latn", "hi-Latn"),
        ("und", "Latn", "hi-Latn"),
        ("hi", "mixed", None),
        ("und", "Deva", None),
        ("hlb", "Deva", None),
    ],
)
def test_before_she_chooses_the_letters_decide(code: str, script: str, fitting: str | None) -> None:
    """Latin letters are answered in Latin letters; a language that is not offered is not spoken unasked."""
    assert written_as(load_languages(ROOT / "locales"), code, script) == fitting
