"""Numbers as gateways write them, made into one form: `+` and digits, as E.164 has it."""

from __future__ import annotations

import re

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
WRITTEN = re.compile(r"[+0-9 ().\-]{7,25}")
HOME = "IN"


def e164(text: str) -> str | None:
    """`+9199999…` of `09999…`, `9199999…`, `99999 …` or `0091…`; None for what is no phone number."""
    if E164.fullmatch(text):  # what Twilio sends: nothing to be found out
        return text
    if not WRITTEN.fullmatch(text):  # a user id may have digits too, but it is nobody's number
        return None
    import phonenumbers  # only here: it is large, and most numbers come as they should

    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
