"""The API's own description, OpenAPI 3.1: the routes from `openapi.json`, the message from its schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from bot.handoff.listing import SCHEMA_FILE
from bot.messages import Json

PATH = Path(__file__).with_name("openapi.json")


@cache
def document() -> Json:
    """The document as it is served."""
    described: Json = json.loads(PATH.read_text(encoding="utf-8"))
    # Many readers of OpenAPI find references only from the top of the document.
    text = SCHEMA_FILE.read_text(encoding="utf-8").replace("#/$defs/", "#/components/schemas/")
    listing: Json = json.loads(text)
    parts = listing.pop("$defs")
    del listing["$id"], listing["$schema"]
    described["components"]["schemas"] |= {"Listing": listing, **parts}
    return described
