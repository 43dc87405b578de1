"""A gateway's call → messages, parts of long messages, and reports, as its entry says.

Only a person with an Indian number can be answered: a header of six letters, a short code or a number of
another country is refused with its reason, and the other messages of the same call are taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bot.channels.base import FINAL, Status
from bot.channels.gateway_call import BadCall, Call, Fields, from_hex, items, mended, value_at
from bot.channels.gateway_entry import Receiving, Reporting
from bot.channels.phone import e164
from bot.channels.sms_parts import Part
from bot.channels.twilio_inbound import CONTROL, MAX_TEXT, clean
from bot.messages import Inbound, InboundKind

INDIAN = re.compile(r"\+91[1-9]\d{9}")
MOST_PARTS = 40
ID_LENGTH = 100


@dataclass(slots=True)
class Read:
    """What one call held; `refused` are the reasons for what was left."""

    messages: list[Inbound] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one message of ours. `again`: it failed for a reason that passes."""

    status: Status
    again: bool


def read_messages(gateway: str, receive: Receiving, call: Call, keyword: str, now: datetime) -> Read:
    """Every message of the call; raises BadCall when it holds none that could be read."""
    read = Read()
    for item in items(call, receive.format, receive.each):
        sender = _short(item, receive.sender)
        address, text = _person(sender), _text(item, receive)
        if not sender:
            read.refused.append(f"no sender: the field {receive.sender} is missing")
        elif address is None:
            read.refused.append("the sender is no person with an Indian number")
        else:
            numbered = _numbered(item, receive)
            own = _own_id(gateway, receive, item, address, numbered, now)
            if numbered:
                read.parts.append(Part(gateway, address, *numbered, text, own))
            else:
                read.messages.append(message(address, text, keyword, own, now))
    if read.refused and not read.messages and not read.parts and read.refused[0].startswith("no sender"):
        raise BadCall(read.refused[0])
    return read


def message(address: str, text: str, keyword: str, provider_id: str, now: datetime) -> Inbound:
    """One SMS of hers; an empty one is answered kindly, like anything that says nothing."""
    said = without_keyword(clean(text, MAX_TEXT), keyword)
    kind: InboundKind = "text" if said else "other"
    return Inbound("sms", address, provider_id, kind, now, said)


def without_keyword(text: str, keyword: str) -> str:
    """The text without the word that a shared number asks for; alone it may be all that she meant."""
    first, *rest = text.split(maxsplit=1) or [""]
    return rest[0] if keyword and rest and first.strip(".:,-").casefold() == keyword.casefold() else text


def read_reports(report: Reporting, call: Call) -> list[Report]:
    """Every report of the call that says something we keep; raises BadCall."""
    found = []
    for item in items(call, report.format, report.each):
        word = report.words.get(_short(item, report.status).lower())
        provider_id = _short(item, report.id)
        if word is None or not provider_id:
            continue
        code = _short(item, report.code) or None if word in FINAL else None
        found.append(Report(Status(provider_id, word, code), word in FINAL and code in report.retry))
    return found


def _short(item: Fields, path: str) -> str:
    return clean(value_at(item, path), ID_LENGTH)


def _person(sender: str) -> str | None:
    number = e164(sender)
    return number if number and INDIAN.fullmatch(number) else None


def _text(item: Fields, receive: Receiving) -> str:
    """Her words, with the blanks at their ends: a part may end in one."""
    text = value_at(item, receive.text)[:MAX_TEXT]
    if receive.hex and _short(item, receive.hex.field).lower() in receive.hex.words:
        text = from_hex(text)
    return CONTROL.sub("", mended(text))


def _numbered(item: Fields, receive: Receiving) -> tuple[str, int, int] | None:
    """(which message, which part, of how many); None for a whole message or numbers that make no sense."""
    if receive.parts is None:
        return None
    names = receive.parts
    ref, number, total = (_short(item, name) for name in (names.ref, names.number, names.total))
    if not (ref and number.isdecimal() and total.isdecimal()):
        return None
    if not (1 < int(total) <= MOST_PARTS and 1 <= int(number) <= int(total)):
        return None
    return ref[:32], int(number), int(total)


def _own_id(
    gateway: str,
    receive: Receiving,
    item: Fields,
    address: str,
    numbered: tuple[str, int, int] | None,
    now: datetime,
) -> str:
    """The gateway's id below its name, so that it is no other gateway's and none of a message of ours.

    Without one: made of what the same call would say again. A call that lacks the time too gets an id of its
    own: better answered twice than lost.
    """
    given = _short(item, receive.id)
    if given:
        return f"{gateway}:{given}"
    sent_at = _short(item, receive.sent_at) or now.isoformat()
    seed = repr((address, value_at(item, receive.text), sent_at, numbered))
    return f"{gateway}:made-{sha256(seed.encode(errors='replace')).hexdigest()[:32]}"
