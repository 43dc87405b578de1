"""What a letter that did not arrive says by its next way: as a template, or by SMS.

No price, sale or income is in what is sent outside of an answer's own turn: the phone may be a shared one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from bot.channels.sms_text import as_sent, most_parts, segments
from bot.channels.ways import OPENERS
from bot.engine.keypad import KEYPAD
from bot.engine.wording import Said
from bot.messages import Button, Json
from bot.nudges import names_money
from bot.settings import Settings
from bot.talk import Talk
from bot.tasks.outbox import Letter
from bot.tasks.workshop import Workshop
from models import ContentTemplate

GO_ON = "utter_go_on_by_sms"
_template = ContentTemplate.__table__


def template(conn: Connection, shop: Workshop, letter: Letter, opener: str) -> Json | None:
    """The body of this letter as an approved template; None when there is none in her language."""
    language, slots = letter.body["language"], _slots(shop, letter)
    wording = shop.talk.library.wording(language)
    said = wording.say(opener, slots, _args(shop.settings))
    row = _approved(conn, opener, said, wording.language)
    if row is None:
        return None
    filling = [wording.value(name, slots.get(name), slots) for name in row.variables]
    return _body(opener, said, language) | {"template": row.content_sid, "filling": filling}


def can_open(conn: Connection, talk: Talk, language: str | None) -> bool:
    """May WhatsApp's window be opened by us for who speaks this language, or one that nobody knows yet?"""
    wording, opener = talk.library.wording(language), OPENERS["opening"]
    said = wording.say(opener, {}, _args(talk.settings))
    return _approved(conn, opener, said, wording.language) is not None


def _approved(conn: Connection, opener: str, said: Said, language: str) -> Row[*tuple[Any, ...]] | None:
    return conn.execute(
        select(_template.c.content_sid, _template.c.variables).where(
            _template.c.response == opener,
            _template.c.language == language,
            _template.c.channel == "whatsapp",
            _template.c.form == f"opener-{said.variation + 1}",
            _template.c.approval == "approved",
        )
    ).first()


def by_sms(shop: Workshop, letter: Letter, opener: str | None, last: bool) -> Json:
    """The body of this letter by SMS: its own words if they fit, else a line that leads back to the talk."""
    body = letter.body
    if opener is None and not _names_money(body) and _registered(shop, body):
        buttons = body.get("buttons") or [] if last else []
        choices = [Button(each["title"], each["payload"]) for each in buttons]
        whole = as_sent(body["utter"], body["text"], choices, body["language"])
        if body["text"] and segments(whole) <= most_parts(body["utter"]):
            return {name: body[name] for name in ("utter", "text", "language")} | {"buttons": buttons}
    utter = opener or GO_ON
    said = shop.talk.library.wording(body["language"]).say(
        utter, _slots(shop, letter), _args(shop.settings), KEYPAD
    )
    return _body(utter, said, body["language"])


def _registered(shop: Workshop, body: Json) -> bool:
    """Under DLT only registered texts pass: not those of a response that has words of its own for SMS.

    What is no response of ours are a rep's own words: nobody knows what they name, so they never pass.
    """
    known = shop.talk.library.wording(body["language"]).responses.get(body["utter"])
    if known is None:
        return False
    own = any(variation.channel == KEYPAD for variation in known)
    return not (shop.settings.sms_entity and (own or body.get("parts")))


def _names_money(body: Json) -> bool:
    said = {"event": "bot", "text": body["text"], "buttons": body.get("buttons") or ()}
    return names_money([said])


def _body(utter: str, said: Said, language: str) -> Json:
    buttons = [{"title": title, "payload": payload} for title, payload in said.buttons]
    return {"utter": utter, "text": said.text, "language": language, "buttons": buttons}


def _slots(shop: Workshop, letter: Letter) -> Json:
    args: Json = letter.body.get("args") or {}
    return shop.talk.facts() | args


def _args(settings: Settings) -> Json:
    return {"org": settings.org_name, "helpline": settings.helpline}
