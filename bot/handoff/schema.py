"""The public contract of the listing message, compiled once."""

from __future__ import annotations

import json
from functools import cache

from jsonschema import Draft202012Validator, FormatChecker

from bot.handoff.listing import SCHEMA_FILE
from bot.messages import Json


@cache
def schema() -> Json:
    """The JSON Schema (2020-12) of a listing message."""
    read: Json = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return read


def problems(message: object) -> list[str]:
    """Where the message breaks the contract, one line each; empty for a good one."""
    errors = sorted(_validator().iter_errors(message), key=lambda error: error.json_path)
    return [f"{error.json_path}: {error.message}" for error in errors]


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=FormatChecker())
