"""DLT: our texts as Indian operators register them, and the id that a message must carry to pass.

A text goes through only if it fits a registered one, so a template's name ends in a mark of its text: after a
change of wording the old id no longer belongs to it, and `app.py check` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from bot.channels.sms_forms import SmsForm
from bot.channels.sms_text import MADE, numbered, plain
from bot.engine.checked import Checked
from bot.engine.documents import Problem, read_yaml
from bot.engine.keypad import MOST_VALUE, SKIP
from bot.engine.wording import PART_LISTS
from bot.language.languages import in_latin_letters
from bot.messages import Button

FILE = "dlt.yml"
NUMERIC = {"number", "photos", "making_days"}
_VARIABLE = re.compile(r"(\{#[a-z]+#\})")
_RUN = re.compile(r"((?:\{#[a-z]+#\})+)")
_LETTERS = {"{#numeric#}": r"[\d,.]", "{#cbn#}": r"[\d +-]", "{#alphanumeric#}": r"[^\n]"}
_ID = re.compile(r"\d{8,32}")


def texts(form: SmsForm) -> list[str]:
    """The form with typed variables for its values; a second one if long values spell it in plain letters."""
    parts = form.variation.parts
    body = "".join(_variables(part, form) if place % 2 else part for place, part in enumerate(parts))
    made = form.response in MADE
    buttons = [_as_variable(button) if made else button for button in form.buttons]
    text = numbered(form.response, body, buttons)
    spelled = "".join(piece if _VARIABLE.match(piece) else plain(piece) for piece in _VARIABLE.split(text))
    if in_latin_letters(form.language):
        return [spelled]
    return [text, spelled] if form.encoding == "GSM-7" and spelled != text else [text]


def _variables(name: str, form: SmsForm) -> str:
    """A list of values takes as many variables as its longest needs: none may hold more than 30 letters."""
    if name == "org":
        return form.values[name]
    if name in ("helpline", "whatsapp_number"):
        return "{#cbn#}"
    count = -(-len(form.values[name]) // MOST_VALUE) if name in PART_LISTS else 1
    return ("{#numeric#}" if name in NUMERIC else "{#alphanumeric#}") * count


def _as_variable(button: Button) -> Button:
    return button if button.payload == SKIP else Button("{#alphanumeric#}", button.payload)


def names(form: SmsForm) -> list[tuple[str, str]]:
    """(name, text) of each template of the form."""
    choices = f"x{form.choices}" if form.choices else ""
    plain_name = (
        f"{form.response.removeprefix('utter_')}_{form.language.replace('-', '')}_{form.number}{choices}"
    )
    return [(f"{plain_name}_{sha256(text.encode()).hexdigest()[:4]}", text) for text in texts(form)]


def read(file: Path) -> tuple[list[str], dict[str, str]]:
    """(responses of the category service explicit, template ids by name)."""
    body = read_yaml(file)
    return list(body["explicit"]), dict(body["templates"] or {})


def problems(file: Path, forms: Sequence[SmsForm]) -> Iterator[Problem]:
    """Ids of texts that are no longer said, and entries that are none."""
    checked = Checked(file)
    body = checked.keys(read_yaml(file), (), ("explicit", "templates"))
    if body is not None:
        checked.texts(body["explicit"], ("explicit",), {form.response for form in forms})
        known = {name for form in forms for name, _ in names(form)}
        for name, given in (body["templates"] or {}).items():
            if name not in known:
                checked.wrong(
                    ("templates", name), "is registered for a text that was changed: export it again"
                )
            elif not _ID.fullmatch(str(given)) or not isinstance(given, str):
                checked.wrong(("templates", name), "must be the id in quotes, digits only")
    yield from checked.problems


def id_of(text: str, forms: Iterable[SmsForm], ids: dict[str, str]) -> str | None:
    """The id of the registered template that this text fits, or None."""
    for form in forms:
        for name, template in names(form):
            if name in ids and _pattern(template).fullmatch(text):
                return ids[name]
    return None


def _pattern(template: str) -> re.Pattern[str]:
    """Variables that stand together are one stretch of letters: each by itself would take ages to fail."""
    return re.compile("".join(_matching(piece) for piece in _RUN.split(template)))


def _matching(piece: str) -> str:
    together = _VARIABLE.findall(piece)
    if not together:
        return re.escape(piece)
    return f"{_LETTERS[together[0]]}{{1,{MOST_VALUE * len(together)}}}"
