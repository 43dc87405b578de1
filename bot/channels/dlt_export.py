"""`app.py dlt-export`: every text that goes out by SMS, as the table that operators register."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from bot.channels.dlt import names
from bot.channels.sms_forms import SmsForm
from bot.channels.sms_text import is_gsm

HEAD = ("template name", "text", "category", "language", "header", "encoding")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(forms: Iterable[SmsForm], explicit: Sequence[str], header: str, out: TextIO) -> None:
    """The table that operators register, as CSV; a cell that a spreadsheet would compute is made a text."""
    table = csv.writer(out)
    table.writerow(HEAD)
    for form in forms:
        category = "service explicit" if form.response in explicit else "service implicit"
        for name, text in names(form):
            encoding = "text" if is_gsm(text) else "unicode"
            row = (name, text, category, form.language, header, encoding)
            table.writerow([_cell(each) for each in row])


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
