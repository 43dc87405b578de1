"""She asks for what we hold of her: by WhatsApp the address of it, signed, hers alone and good for an hour.

By SMS and on a call, where no page can be opened, a rep finds the task `own_copy`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.messages import Inbound, Json
from bot.settings import Settings
from bot.talk import Talk

FLOW = "own_copy"
PATH = "/own/"
_TOKEN = re.compile(rf"{PATH}[\w.-]+")
MAX_AGE_S = 3600
"""Shorter than other addresses: whoever holds the phone may press it."""


def link(settings: Settings, key: str) -> str:
    """Where she whose key this is finds what we hold of her."""
    return f"{settings.public_url.rstrip('/')}{PATH}{_signer(settings).dumps(key)}"


def key_of(settings: Settings, token: str) -> str | None:
    """Whose a token is; None for a wrong one and for an old one."""
    try:
        key = _signer(settings).loads(token, max_age=MAX_AGE_S)
    except BadSignature:
        return None
    return key if isinstance(key, str) else None


def told(talk: Talk, inbound: Inbound, state: Json, key: str, commands: Sequence[Json]) -> Json | None:
    """The address, never spoken aloud; None where a rep has to bring it."""
    wish = {"command": "start_flow", "flow": FLOW} in commands[:1]
    if not wish or inbound.channel != "whatsapp" or inbound.kind not in ("text", "button"):
        return None
    wording = talk.library.wording(state["slots"].get("language") or state.get("language_heard"))
    said = wording.say("utter_own_copy", {}, {"own_copy": link(talk.settings, key)}, inbound.channel)
    return {"event": "bot", "utter": "utter_own_copy", "text": said.text, "buttons": []}


def hidden(text: str) -> str:
    """A text as reps read it: the address is hers alone."""
    return _TOKEN.sub(rf"{PATH}•••", text)


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key or "simulator", salt="own-copy")
