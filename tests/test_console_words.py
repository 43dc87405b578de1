"""The words of the console: both languages, and every word that a page or a template names."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.web.console.words import problems, words

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
