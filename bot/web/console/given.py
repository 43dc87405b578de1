"""What a form of the console gave: plain text within its bounds, or `Wrong`, which names the word to show."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


class Wrong(Exception):
    """A field that cannot be used; `field` is its name, `word` that of the text which says why."""

    def __init__(self, field: str, word: str) -> None:
        super().__init__(f"{field}: {word}")
        self.field = field
        self.word = word


def text(field: str, most: int, *, least: int = 0) -> str:
    """One line without control characters, trimmed; Wrong below `least` or above `most` letters."""
    given = " ".join(request.form.get(field, "").split())
    if len(given) > most:
        raise Wrong(field, "wrong_too_long")
    if not given.isprintable():
        raise Wrong(field, "wrong_letters")
    if len(given) < least:
        raise Wrong(field, "wrong_empty")
    return given


def sought(name: str, most: int = 80) -> str:
    """Words of the query: what cannot be looked for is left out."""
    given = request.args.get(name, "")
    return " ".join("".join(letter for letter in given if letter.isprintable()).split())[:most]


def whole(field: str, most: int) -> int:
    """A whole number from 0; Wrong for anything else."""
    given = request.form.get(field, "").strip()
    if not (given.isascii() and given.isdigit() and len(given) <= 19 and int(given) <= most):
        raise Wrong(field, "wrong_number")
    return int(given)


def form_key() -> str:
    """The key that the form was given when it was shown; Wrong for a form without one."""
    given = request.form.get("form", "")
    if not (0 < len(given) <= 32 and given.isascii() and given.isalnum()):
        raise Wrong("form", "wrong_form")
    return given


def way_back(wanted: str, otherwise: str) -> str:
    """A page of the console to go to; never another place."""
    parts = urlsplit(wanted)
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) <= 500
    inside = parts.path == "/console/" or parts.path.startswith("/console/")
    return wanted if plain and inside and not parts.scheme and not parts.netloc else otherwise
