"""The words of the console: both languages, and every word that a page or a template names."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.engine.documents import read_yaml
from bot.handoff.listing import SCHEMA_FILE
from bot.messages import Json
from bot.web.console import english
from bot.web.console.names import part_word
from bot.web.console.words import problems, words
from tests.conftest import Clock
from tests.console_house import console
from tests.listing_inputs import catalogue

ROOT = Path(__file__).resolve().parent.parent
CALL = re.compile(r"""\bt\(["'](\w+)["'][,)]""")


def test_every_word_in_both_languages() -> None:
    """A word that is missing in one language, or has other gaps there, is named."""
    assert [str(each) for each in problems(ROOT)] == []


@pytest.mark.parametrize(
    "line",
    ["a: {hi: क}", "a: {hi: क, en: ''}", "a: {hi: '{n} क', en: a}", "a: क", "a: {hi: क, en: a, fr: a}"],
)
def test_a_missing_word_is_named(tmp_path: Path, line: str) -> None:
    """What is wrong stands there with its file and line."""
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "console.yml").write_text(f"b: {{hi: ख, en: b}}\n{line}\n", encoding="utf-8")
    assert [str(each).partition("console.yml:")[2][:4] for each in problems(tmp_path)] == ["2: a"]


def test_every_word_that_is_used_is_there() -> None:
    """Templates and pages name no word that the file does not have."""
    used = set()
    for template in (ROOT / "bot/web/templates/console").glob("*.html"):
        used |= set(CALL.findall(template.read_text(encoding="utf-8")))
    for page in (ROOT / "bot/web/console").glob("*.py"):
        for node in ast.walk(ast.parse(page.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "t":
                used |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    assert used - set(words()) == set()


def test_every_name_and_value_in_english() -> None:
    """What the talk has a word for in Hindi has one in English."""
    assert [str(each) for each in english.problems(ROOT)] == []


@pytest.mark.parametrize("lost", [("slots", "size"), ("values", "purity", "pure"), ("values", "status")])
def test_a_missing_english_name_is_named(tmp_path: Path, lost: tuple[str, ...]) -> None:
    """With its place in the file."""
    whole: Json = read_yaml(ROOT / english.FILE)
    part = whole
    for name in lost[:-1]:
        part = part[name]
    del part[lost[-1]]
    (tmp_path / "locales" / "hi").mkdir(parents=True)
    (tmp_path / english.FILE).write_text(json.dumps(whole), encoding="utf-8")
    (tmp_path / english.LIKE).write_bytes((ROOT / english.LIKE).read_bytes())
    found = [str(each) for each in english.problems(tmp_path)]
    assert found and all(".".join(lost) in each for each in found)


def test_every_refusal_in_english() -> None:
    """Each response by which a check refuses a value that a rep may give."""
    checks = (ROOT / "bot/actions/values.py").read_text(encoding="utf-8")
    named = set(re.findall(r"utter_(?:count|price)_\w+", checks))
    named |= {f"utter_invalid_{slot}" for slot in re.findall(r'tracker, "(\w+)", r?["B]', checks)}
    named |= {"utter_invalid_gstin", "utter_invalid_bangle_size"}
    assert named and set(english.texts()["refusals"]) == named


def test_every_claim_has_a_name() -> None:
    """No geographical indication is shown by its id."""
    claims = {claim for category in catalogue().categories.values() for claim in category.gi}
    assert {f"gi_{claim}" for claim in claims} <= set(words())


def parts(schema: Json, prefix: str = "") -> list[str]:
    """Every field of a listing message that can differ between versions, as `product.stock`."""
    found = []
    for name, each in schema["properties"].items():
        inner = parts(each, f"{prefix}{name}.") if "properties" in each and not each.get("$ref") else []
        found += inner or [f"{prefix}{name}"]
    return found


def test_every_part_of_a_listing_has_a_word(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> None:
    """What changed between two versions is said in words, whatever it is."""
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    fixed = ("schema", "event", "event_id", "listing_id", "number", "version", "occurred_at", "provenance")
    changing = [part for part in parts(schema) if part not in (*fixed, "product.attributes")]
    with console(sqlite_db, clock, tmp_path).app.test_request_context("/console/"):
        assert [part for part in changing if part_word(part) == words()["part_other"]["hi"]] == []
        assert part_word("product.attributes.care") == "देखभाल" and part_word("price.asked") == "दाम"
