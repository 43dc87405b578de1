"""The API's own description, OpenAPI 3.1: the routes from `openapi.json`, the message from its schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from bot.handoff.schema import schema
from bot.messages import Json

PATH = Path(__file__).with_name("openapi.json")


@cache
def document() -> Json:
    """The document as it is served."""
    described: Json = json.loads(PATH.read_text(encoding="utf-8"))
    described["components"]["schemas"]["Listing"] = schema()
    return described
