"""DLT: what operators register fits what is sent, and an id never outlives its text."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels import dlt
from bot.channels.dlt_export import HEAD, export
from bot.channels.sms_check import all_forms
from bot.channels.sms_forms import SmsForm
from bot.chat import Chat
from bot.engine.responses import Variation, split
from bot.engine.wording import PART_LISTS
from bot.settings import ROOT, Settings

FORMS = all_forms(ROOT, Settings())
NAMES = [name for form in FORMS for name, _ in dlt.names(form)]
IDS = {name: f"{number:019d}" for number, name in enumerate(NAMES)}
LISTING = ("BECHNA", "{language}", "1", "0", "bans ki tokri 250 rupaye 12 nag", "1", "8 inch")
MAKER = ("Sita Bai, Sirpur, Mahasamund", "0", "1", "2")


def of(response: str) -> list[SmsForm]:
    return [form for form in FORMS if form.response == response]


def test_each_form_fits_its_own_template() -> None:
    """Also with the longest values: what is sent is what was registered."""
    lost = [(form.response, form.language) for form in FORMS if dlt.id_of(form.text, [form], IDS) is None]
    assert lost == []


def test_names_are_plain_and_differ() -> None:
    """A portal takes letters, digits and underscores; no two templates share a name."""
    assert len(set(NAMES)) == len(NAMES) > 700
    assert all(name.replace("_", "").isalnum() and name.isascii() and len(name) < 60 for name in NAMES)


def test_no_value_is_longer_than_its_variable() -> None:
    """30 letters at most; a list of values has as many variables as it needs, our own name is no variable."""
    for form in FORMS:
        for name, value in form.values.items():
            assert len(value) <= 30 or name in PART_LISTS, (form.response, name, value)
    [text, *_] = dlt.texts(of("utter_ask_confirm_listing")[0])
    assert text.startswith("{#alphanumeric#}" * 5)
    [greeting] = dlt.texts(of("utter_greet")[0])
    assert "{#" not in greeting and Settings().org_name in greeting


@pytest.mark.parametrize(
    ("response", "typed"),
    [
        ("utter_handed_over", "{#numeric#}"),
        ("utter_call_me", "{#cbn#}"),
        ("utter_ask_change_what", "\n1 {#alphanumeric#}\n2 {#alphanumeric#}\n0 "),
    ],
)
def test_variables_have_types(response: str, typed: str) -> None:
    """A number, a number to call, or any letters."""
    assert all(typed in dlt.texts(form)[0] for form in of(response)[:1])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Chat:
    folder = tmp_path_factory.mktemp("dlt")
    return Chat(Settings(database_url=f"sqlite:///{folder}/a.db", media_url=f"file://{folder}/media"), "sms")


@pytest.mark.parametrize("language", ["1", "2", "3"])
def test_a_whole_talk_is_registered(house: Chat, language: str) -> None:
    """Every message of a listing by SMS fits one registered template of its response."""
    chat = Chat(house.shop.settings, "sms", beside=house)
    said = []
    for line in (*LISTING, *MAKER):
        said += chat.say({"text": line.format(language=language)})["replies"]
    assert len(said) > 12
    for reply in said:
        assert dlt.id_of(reply["text"], of(reply["utter"]), IDS), reply["text"]


def test_another_text_has_no_id() -> None:
    """A message is never sent under an id that is not its own."""
    forms = of("utter_ask_stock")
    assert dlt.id_of(forms[0].text, forms, IDS) == IDS[dlt.names(forms[0])[0][0]]
    assert dlt.id_of(forms[0].text + " Jaldi!", forms, IDS) is None
    assert dlt.id_of(forms[0].text, forms, {}) is None


def exported(forms: list[SmsForm], explicit: list[str]) -> list[list[str]]:
    out = io.StringIO()
    export(forms, explicit, "BIHANX", out)
    return list(csv.reader(io.StringIO(out.getvalue())))


def test_the_table_that_is_registered() -> None:
    """A row a template: name, text, category, language, our header, and whether it needs Unicode."""
    head, *rows = exported(FORMS, ["utter_draft_so_far"])
    assert head == list(HEAD)
    assert [row[0] for row in rows] == NAMES
    stock = next(row for row in rows if row[0].startswith("ask_stock_hiLatn_1"))
    assert stock[1:] == [
        "Abhi kitne taiyar hain? Ginti likhiye, jaise: 12\n0 pata nahi",
        *("service implicit", "hi-Latn", "BIHANX", "text"),
    ]
    assert {row[2] for row in rows if row[0].startswith("draft_so_far")} == {"service explicit"}
    assert {row[5] for row in rows if row[0].startswith("ask_stock_hi_1")} == {"unicode"}


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t"])
def test_cells_are_texts_for_a_spreadsheet(first: str) -> None:
    """What a spreadsheet would compute gets an apostrophe before it."""
    form = replace(FORMS[0], variation=Variation(split(first + "cmd")), buttons=(), values={})
    [_, row] = exported([form], [])
    assert row[1] == f"'{first}cmd"


def test_an_id_of_a_changed_text_is_named(tmp_path: Path) -> None:
    """The file and the line of the id, and what to do."""
    shutil.copy(ROOT / "locales" / "dlt.yml", tmp_path / "dlt.yml")
    file = tmp_path / "dlt.yml"
    lines = f'templates:\n  {NAMES[3]}: "1107160000000000001"\n  {NAMES[4]}: 12\n  ask_stock_hi_1_0000: "1"\n'
    file.write_text(file.read_text(encoding="utf-8").replace("templates: {}\n", lines), encoding="utf-8")
    found = [str(problem).removeprefix(f"{tmp_path}/") for problem in dlt.problems(file, FORMS)]
    assert [problem.partition(" ")[2] for problem in found] == [
        f"templates.{NAMES[4]} must be the id in quotes, digits only",
        "templates.ask_stock_hi_1_0000 is registered for a text that was changed: export it again",
    ]
    assert dlt.read(file)[1][NAMES[3]] == "1107160000000000001"


@pytest.mark.slow
def test_the_command_writes_the_table() -> None:
    """`app.py dlt-export`: CSV on standard output and nothing else."""
    told = subprocess.run(
        [sys.executable, "app.py", "dlt-export"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    rows = list(csv.reader(io.StringIO(told.stdout)))
    assert rows[0] == list(HEAD) and len(rows) == len(NAMES) + 1
