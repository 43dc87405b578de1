"""What a caller of the API gave, or `BadRequest`, which says what is wrong with it."""

from __future__ import annotations

from typing import Any, TypeGuard

from flask import request

from bot.messages import Json

LONGEST_TEXT = 200


class BadRequest(Exception):
    """A parameter that cannot be used; the message says which and why."""


def body() -> Json:
    """The JSON object of the request; anything else counts as an empty one."""
    found: Any = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}


def in_query(name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query within its bounds."""
    raw = request.args.get(name, "")
    if raw == "":
        return default
    number = int(raw) if raw.isascii() and raw.isdigit() and len(raw) <= 9 else -1
    return _within(name, number, least, most)


def in_body(given: Json, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the body within its bounds."""
    number = given.get(name, default)
    whole = isinstance(number, int) and not isinstance(number, bool)
    return _within(name, number if whole else least - 1, least, most)


def is_plain(value: object) -> TypeGuard[str]:
    """Ids, tokens and addresses are short and of printable ASCII; a database may refuse anything else."""
    return (
        isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isascii() and value.isprintable()
    )


def _within(name: str, number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise BadRequest(f"{name}: a whole number from {least} to {most}")
    return number
