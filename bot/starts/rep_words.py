"""What a rep writes from her own WhatsApp to help somebody else: begin her listing, or ask where she stands.

Anything else that she writes is her own talk: a rep may be a seller too. She hears nothing of prices or
income, and does nothing outside her districts; where a district is not known yet, that is told and allowed.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.engine.stack import LISTING
from bot.messages import Inbound, Json
from bot.practice import real
from bot.starts.person import CHANNELS, WHATSAPP, BadPerson, address_on, mobile
from bot.starts.request import under_way, with_a_rep
from bot.talk import Talk
from models import Address, Conversation, Listing, Rep, Seller

_NUMBER = r"[\s:,-]*(?P<number>\+?\d[\d\s().-]{6,20})\s*"
WORDS = {
    "new": re.compile(
        r"(?:नई|नयी|नया|new|nai|nayi|naya)\s+(?:लिस्टिंग|सामान|समान|listing|saman)" + _NUMBER, re.I
    ),
    "status": re.compile(r"(?:स्टेटस|स्थिति|status|sthiti)" + _NUMBER, re.I),
}
_address, _seller, _conversation = Address.__table__, Seller.__table__, Conversation.__table__
Found = Row[*tuple[Any, ...]] | None


def heard(conn: Connection, talk: Talk, inbound: Inbound, state: Json) -> list[Json] | None:
    """The events of a rep's word; None for everything else."""
    if inbound.kind != "text" or not inbound.address.startswith(WHATSAPP + "+"):
        return None
    text = "".join(str(unicodedata.digit(letter, letter)) for letter in inbound.text.strip())
    said = {deed: match for deed, pattern in WORDS.items() if (match := pattern.fullmatch(text))}
    if not said:
        return None
    rep = conn.execute(
        select(Rep.__table__).where(Rep.phone == inbound.address.removeprefix(WHATSAPP), Rep.active)
    ).first()
    if rep is None:
        return None
    [(deed, match)] = said.items()
    language = state["slots"].get("language") or ("hi-Latn" if text.isascii() else "hi")
    try:
        phone = mobile(match["number"])
    except BadPerson:
        return [_say(talk, language, "utter_rep_bad_number", {})]
    her = _find(conn, phone)
    last_digits: Json = {"number": phone[-4:]}
    home = her.state["slots"].get("district") if her else None
    if home and home not in rep.districts:
        return [_say(talk, language, "utter_rep_other_district", last_digits)]
    if deed == "status":
        return [_status(conn, talk, language, her, last_digits)]
    answer = _refusal(her) or ("utter_rep_started" if home else "utter_rep_started_unplaced")
    begun = {"event": "custom", "do": "start", "flow": LISTING, "phone": phone, "by": f"rep:{rep.id}"}
    begun["channel"] = her.channel if her else CHANNELS[0]
    events = [begun] if answer.startswith("utter_rep_started") else []
    return [*events, _say(talk, language, answer, last_digits)]


def _find(conn: Connection, phone: str) -> Found:
    """Her talk, on the channel where she wrote last."""
    query = (
        select(
            _address.c.channel,
            _seller.c.id,
            _seller.c.stopped_at,
            _address.c.stopped_at.label("address_stopped_at"),
            _conversation.c.state,
        )
        .select_from(_address.join(_seller).join(_conversation, _conversation.c.seller_id == _seller.c.id))
        .where(_address.c.address.in_([address_on(channel, phone) for channel in CHANNELS]))
        # A number that said stop anywhere is left alone everywhere.
        .order_by(_seller.c.stopped_at.is_(None), _conversation.c.last_inbound_at.desc())
    )
    return conn.execute(query.limit(1)).first()


def _refusal(her: Found) -> str | None:
    if her is None:
        return None
    if her.stopped_at or her.address_stopped_at:
        return "utter_rep_stopped"
    busy = with_a_rep(her.state) or under_way(her.state, LISTING)
    return "utter_rep_already" if busy else None


def _status(conn: Connection, talk: Talk, language: str, her: Found, told: Json) -> Json:
    if her is None:
        return _say(talk, language, "utter_rep_status_unknown", told)
    if her.stopped_at or her.address_stopped_at:
        return _say(talk, language, "utter_rep_stopped", told)
    if not her.state["slots"].get("consent"):
        return _say(talk, language, "utter_rep_status_hello", told)
    stands = real(her.state)
    asks = stands["asks"]
    if asks is not None and under_way(stands, LISTING):
        told["status"] = talk.library.wording(language).slot_name(asks)
        return _say(talk, language, "utter_rep_status_asked", told)
    listed = conn.scalar(select(func.count()).where(Listing.seller_id == her.id))
    return _say(talk, language, "utter_rep_status_done" if listed else "utter_rep_status_idle", told)


def _say(talk: Talk, language: str, utter: str, args: Json) -> Json:
    said = talk.library.wording(language).say(utter, {}, args)
    return {"event": "bot", "utter": utter, "text": said.text, "buttons": []}
