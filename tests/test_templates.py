"""`app.py templates`: stored messages with buttons, and templates that WhatsApp approves."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot import template_commands
from bot.channels import SendError
from bot.channels.content import Form, content_problems, forms
from bot.channels.content_api import ContentApi
from bot.language.languages import load_languages
from bot.settings import ROOT, Settings
from bot.template_commands import push, status
from models import ContentTemplate
from models.database import reading
from tests.fake_twilio import FakeTwilio, Trouble
from tests.open_rooms import NOW, loaded_talk, settings_for

LANGUAGES = [code for code, each in load_languages(ROOT / "locales").items() if not each.draft]


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def settings(tmp_path: Path, twilio: FakeTwilio) -> Settings:
    return settings_for(tmp_path, twilio)


def pushed(db: Engine, settings: Settings) -> list[dict[str, Any]]:
    return list(push(db, ContentApi(settings), settings, NOW))


def every_form(settings: Settings) -> list[Form]:
    return list(forms(loaded_talk().library, settings, LANGUAGES))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Only some of the session forms, with all openers; how many."""

    def some(settings: Settings) -> list[Form]:
        whole = every_form(settings)
        return [form for place, form in enumerate(whole) if form.approvable or place % 20 == 0]

    monkeypatch.setattr(template_commands, "_forms", some)
    return len(some(Settings()))


def test_a_push_stores_everything_once(db: Engine, settings: Settings, twilio: FakeTwilio) -> None:
    """Every response with buttons in every language, by its own name; the second push has nothing to do."""
    lines = pushed(db, settings)
    names = Counter(each["friendly_name"] for each in twilio.content)
    assert len(lines) == len(twilio.content) == len(every_form(settings)) and set(names.values()) == {1}
    assert {line["approval"] for line in lines if line["form"].startswith("opener")} == {"received"}
    assert {line["approval"] for line in lines if line["form"].startswith("session")} == {None}
    calls = len(twilio.calls)
    assert pushed(db, settings) == [] and len(twilio.calls) == calls


@pytest.mark.usefixtures("few")
def test_a_changed_wording_is_pushed_anew(db: Engine, settings: Settings, twilio: FakeTwilio) -> None:
    """Another organisation stands in the opener: that one alone is stored again, and waits for approval."""
    pushed(db, settings)
    twilio.approvals = dict.fromkeys(twilio.approvals, "approved")
    list(status(db, ContentApi(settings), settings, NOW))
    lines = pushed(db, replace(settings, org_name="सहेली"))
    assert {line["response"] for line in lines} == {"utter_opening"} and len(lines) == len(LANGUAGES)
    with reading(db) as conn:
        table = ContentTemplate.__table__.c
        stands = select(table.response, table.approval).where(table.form.startswith("opener")).distinct()
        assert set(map(tuple, conn.execute(stands))) == {
            ("utter_opening", "received"),
            ("utter_nudge_alone", "approved"),
            ("utter_nudge_last", "approved"),
        }


@pytest.mark.parametrize("at", [0, 3, 20])
def test_cut_off_half_way(db: Engine, settings: Settings, twilio: FakeTwilio, few: int, at: int) -> None:
    """Twilio stored it and we never heard so: the next push finds it by its name and goes on."""
    twilio.trouble.extend([Trouble()] * at + [Trouble(drop=True, after=True)])
    with pytest.raises(SendError):
        pushed(db, settings)
    pushed(db, settings)
    names = Counter(each["friendly_name"] for each in twilio.content)
    assert len(names) == few and set(names.values()) == {1}


@pytest.mark.usefixtures("few")
def test_status_is_kept(db: Engine, settings: Settings, twilio: FakeTwilio) -> None:
    """What WhatsApp says of the openers, and of nothing else."""
    pushed(db, settings)
    sids = list(twilio.approvals)
    twilio.approvals |= {sids[0]: "approved", sids[1]: "rejected"}
    told = {line["content_sid"]: line["approval"] for line in status(db, ContentApi(settings), settings, NOW)}
    assert (told.keys(), told[sids[0]], told[sids[1]]) == (set(sids), "approved", "rejected")
    with reading(db) as conn:
        kept = conn.execute(select(ContentTemplate.content_sid, ContentTemplate.approval)).all()
    assert {sid: state for sid, state in kept if sid in told} == told


def test_openers_can_be_approved(settings: Settings) -> None:
    """No list, no variable first, last or adjacent, a sample for each, Hindi as WhatsApp's language."""
    openers = [form for form in every_form(settings) if form.approvable]
    assert {form.response for form in openers} == {"utter_nudge_alone", "utter_nudge_last", "utter_opening"}
    assert {form.language for form in openers} == set(LANGUAGES)
    for form in openers:
        reply = form.types["twilio/quick-reply"]
        assert not re.search(r"^\s*\{\{|\}\}\s*$|\}\}\s*\{\{", reply["body"])
        assert form.samples.keys() == set(re.findall(r"\{\{(\d+)\}\}", reply["body"]))
        assert form.body()["language"] == "hi" and re.fullmatch(r"[a-z0-9_]+", form.friendly_name)
        assert all(action["id"].startswith("/") for action in reply["actions"])


def test_more_than_three_choices_are_a_list(settings: Settings) -> None:
    """Three buttons, or a list of up to ten rows."""
    for form in every_form(settings):
        [kind] = form.types
        count = int(form.form.rpartition("-")[2])
        if form.form.startswith("session"):
            assert kind == ("twilio/quick-reply" if count <= 3 else "twilio/list-picker") and count <= 10
            assert len(form.variables) == 2 * count + 1


def test_what_whatsapp_would_refuse_is_named(tmp_path: Path) -> None:
    """As the wordings are shipped nothing; a variable at the edge and one on a button are."""
    assert content_problems(ROOT) == []
    (tmp_path / "flows").symlink_to(ROOT / "flows")
    shutil.copytree(ROOT / "locales", tmp_path / "locales", ignore=shutil.ignore_patterns("audio"))
    file = tmp_path / "locales" / "hi" / "responses.yml"
    text = file.read_text(encoding="utf-8")
    opening = text.index("  utter_nudge_alone:")
    spoilt = text[opening:].replace('"नमस्ते! आपका “{product_name}”', '"{product_name}', 1)
    spoilt = spoilt.replace('"आगे बढ़ें"', '"{product_name} पूरा"', 1)
    file.write_text(text[:opening] + spoilt, encoding="utf-8")
    found = "\n".join(content_problems(tmp_path))
    assert "locales/hi/responses.yml:" in found
    assert "may not begin or end with a variable" in found and "hold no variables" in found
