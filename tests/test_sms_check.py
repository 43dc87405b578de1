"""`app.py check` counts every SMS at its longest, and names the wording that costs too much."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.channels.sms_check import all_forms, sms_problems, table
from bot.channels.sms_forms import SmsForm
from bot.channels.sms_text import segments
from bot.engine.keypad import SKIP
from bot.settings import ROOT, Settings

FORMS = all_forms(ROOT, Settings())


def form(response: str, language: str = "hi-Latn", number: int = 1) -> SmsForm:
    return next(f for f in FORMS if (f.response, f.language, f.number) == (response, language, number))


def test_every_text_is_within_its_budget() -> None:
    """A question takes two parts at most, its numbered choices and the longest values included."""
    assert sms_problems(ROOT, FORMS) == []
    asked = [each for each in FORMS if each.response.startswith("utter_ask_")]
    assert len(asked) > 300 and max(segments(each.text) for each in asked) == 2


def test_all_three_languages_have_all_forms() -> None:
    """The same responses and askings in each language that is complete."""
    by_language = {
        code: [(each.response, each.number, each.choices) for each in FORMS if each.language == code]
        for code in ("hi-Latn", "hi", "hne")
    }
    assert by_language["hi"] == by_language["hne"] == by_language["hi-Latn"] != []


def test_plain_letters_are_the_rule_of_latin_texts() -> None:
    """No text of hi-Latn needs UCS-2, whatever she said."""
    assert {each.encoding for each in FORMS if each.language == "hi-Latn"} == {"GSM-7"}


@pytest.mark.parametrize(
    ("response", "printed"),
    [
        ("utter_ask_stock", True),
        ("utter_ask_category", True),
        ("utter_ask_change_what", True),
        ("utter_count_range", True),
        ("utter_ask_price", False),
        ("utter_ask_new_price", False),
        ("utter_ask_new_stock", False),
        ("utter_ask_confirm_listing", False),
        ("utter_ask_sell_more", False),
        ("utter_corrected", False),
    ],
)
def test_nought_is_counted_where_it_is_printed(response: str, printed: bool) -> None:
    """The budget counts the line that the talk adds."""
    found = form(response)
    assert any(button.payload == SKIP for button in found.buttons) is printed
    assert ("\n0 " in found.text or " 0 " in found.text) is printed


def test_nothing_by_sms_asks_for_a_voice_or_a_button() -> None:
    """Who has only keys is not told to speak, to press a button or to send a picture."""
    wrong = ("बोलकर", "बोल के", "बोलिए", "दबाइए", "दबाव", "bolkar", "boliye", "photo bhejiye", "फोटो भेजिए")
    spoken = ("utter_voice", "utter_photo", "utter_ask_photos_done")
    found = {
        each.response: word
        for each in FORMS
        if not each.response.startswith(spoken)
        for word in wrong
        if word in "".join(each.variation.parts)
    }
    assert found == {}


def test_a_wording_over_its_budget_is_named(tmp_path: Path) -> None:
    """File, line, response and what it costs."""
    for name in ("flows", "locales", "bot/channels"):
        shutil.copytree(ROOT / name, tmp_path / name)
    file = tmp_path / "locales" / "hi-Latn" / "responses.yml"
    text = file.read_text(encoding="utf-8")
    short = "Abhi kitne taiyar hain? Ginti likhiye, jaise: 12"
    line = text[: text.index(short)].count("\n") + 1
    file.write_text(text.replace(short, "Abhi kitne taiyar hain? " * 13), encoding="utf-8")
    [problem] = sms_problems(tmp_path, all_forms(tmp_path, Settings()))
    assert problem.startswith(f"locales/hi-Latn/responses.yml:{line - 1}: utter_ask_stock: by SMS ")
    assert "take 3 parts, at most 2 are allowed" in problem


def test_the_table_has_a_line_for_each_form() -> None:
    """Response, language, which asking, encoding, units and parts."""
    head, *rows = table(FORMS)
    assert head.split() == ["response", "language", "asking", "encoding", "units", "parts"]
    assert len(rows) == len(FORMS)
    assert any(row.split() == ["utter_ask_stock", "hi-Latn", "1", "GSM-7", "60", "1"] for row in rows)


def test_a_gateway_s_entry_is_checked_with_the_rest(tmp_path: Path) -> None:
    """`app.py check` names the line of an entry that lacks something."""
    for name in ("locales", "bot/channels"):
        shutil.copytree(ROOT / name, tmp_path / name)
    file = tmp_path / "bot" / "channels" / "gateways.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("    number: e164\n", ""), encoding="utf-8")
    [problem] = sms_problems(tmp_path, FORMS)
    assert problem.startswith("bot/channels/gateways.yml:") and problem.endswith(
        "send.number: Field required"
    )


@pytest.mark.slow
def test_check_prints_the_table() -> None:
    """`app.py check --sms` on standard output, and 0 for texts that are within their budgets."""
    command = [sys.executable, "app.py", "check", "--sms"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert told.startswith("response ") and told.endswith("flows, locales and catalogue are complete\n")
