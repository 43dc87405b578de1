"""What is wrong with our SMS, wordings over their budget above all; and what each costs, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.channels import dlt
from bot.channels.gateway_entry import FILE, load_entries
from bot.channels.sms_forms import SmsForm, sms_forms
from bot.engine.documents import BadDocuments, Problem
from bot.engine.library import load_library
from bot.language.languages import load_languages
from bot.language.lexicon import Lexicon
from bot.settings import Settings

HEAD = ("response", "language", "asking", "encoding", "units", "parts")


def all_forms(root: Path, settings: Settings) -> list[SmsForm]:
    """Every SMS of the languages that are complete, at its longest. The files must be without mistakes."""
    locales = root / "locales"
    library = load_library(root / "flows", locales, Lexicon.load(locales).name)
    complete = [code for code, language in load_languages(locales).items() if not language.draft]
    return list(sms_forms(library, settings, complete))


def sms_problems(root: Path, forms: Sequence[SmsForm]) -> list[str]:
    """Every problem as `file:line: what`."""
    locales = root / "locales"
    found: list[Problem | str] = [*budget_problems(locales, forms), *dlt.problems(locales / dlt.FILE, forms)]
    try:
        load_entries(root / "bot" / "channels" / FILE.name)
    except BadDocuments as error:
        found += error.problems
    return [str(problem).replace(f"{root}/", "") for problem in found]


def budget_problems(locales: Path, forms: Sequence[SmsForm]) -> Iterator[Problem]:
    """The forms over their budget, each at the line of its wording."""
    for form in forms:
        if form.parts > form.most:
            yield Problem(
                locales / form.language / "responses.yml",
                form.where,
                f"{form.response}: by SMS {form.units} units of {form.encoding} take {form.parts} parts, "
                f"at most {form.most} are allowed; give it a shorter wording with `channel: sms`",
            )


def table(forms: Sequence[SmsForm]) -> Iterator[str]:
    """One line a form, the head first."""
    rows = [HEAD, *(_row(form) for form in forms)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(form: SmsForm) -> tuple[str, ...]:
    asking = str(form.number) if form.choices is None else f"{form.number}, {form.choices} choices"
    return (form.response, form.language, asking, form.encoding, str(form.units), str(form.parts))
