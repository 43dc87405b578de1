"""One person to begin a flow for: her number, channel and known facts, checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from unicodedata import digit

from bot.channels.phone import e164
from bot.language.languages import Language
from bot.language.lexicon import Lexicon
from bot.language.understand import understand
from bot.messages import Json

CHANNELS = ("whatsapp", "sms")
WHATSAPP = "whatsapp:"
TEXTS = ("seller_name", "village", "product_name", "size", "length", "net_weight", "bangle_size")
COUNTS = ("stock", "pieces_in_set")
LONGEST = 60
HIGHEST_PRICE = Decimal(1_000_000)


class BadPerson(Exception):
    """She cannot be written to, or a fact about her cannot be right; the message says why, with no number."""


@dataclass(frozen=True, slots=True)
class Person:
    """Where she is reached and what is known of her, by slot; `phone` is E.164."""

    phone: str
    channel: str
    facts: Json = field(default_factory=dict)

    @property
    def address(self) -> str:
        return address_on(self.channel, self.phone)


def address_on(channel: str, phone: str) -> str:
    """The number as the channel writes it."""
    return f"{WHATSAPP}{phone}" if channel == "whatsapp" else phone


def mobile(written: str) -> str:
    """The number as E.164. BadPerson for what is no Indian mobile number."""
    text = "".join(str(digit(letter, letter)) for letter in written.strip())
    if not text:
        raise BadPerson("phone: there is none")
    if text[0] in "=@-":
        raise BadPerson("phone: a formula, not a number")
    if "E+" in text.upper():
        raise BadPerson("phone: a spreadsheet has rounded it; format the column as text")
    phone = e164(text)
    if phone is None:
        raise BadPerson("phone: not a phone number")
    # With the trunk 0 before it, a number that may be both is the landline of its town (0771: Raipur).
    return _checked(phone, trunk=text.startswith("0") and not text.startswith("00"))


def _checked(phone: str, trunk: bool) -> str:
    import phonenumbers  # only here: it is large

    number = phonenumbers.parse(phone)
    if number.country_code != 91:
        raise BadPerson("phone: not an Indian number")
    if not phonenumbers.is_valid_number(number):
        raise BadPerson("phone: no such Indian number can exist")
    kinds = phonenumbers.PhoneNumberType
    kind = phonenumbers.number_type(number)
    if kind != kinds.MOBILE and (trunk or kind != kinds.FIXED_LINE_OR_MOBILE):
        raise BadPerson("phone: a landline or a service number")
    return phone


def facts(given: Mapping[str, Any], lexicon: Lexicon) -> Json:
    """Known slots as the talk keeps them; BadPerson for one that is unknown or cannot be right.

    Consent and confirmations are no facts: they are hers to give.
    """
    return {slot: _fact(slot, value, lexicon) for slot, value in given.items() if value not in (None, "")}


def _fact(slot: str, value: Any, lexicon: Lexicon) -> Any:
    if slot == "language":
        return _language(str(value), lexicon.languages)
    if slot == "price":
        return _price(value)
    if slot in COUNTS:
        return _count(slot, value)
    if slot == "district":
        return district(_text(slot, value), lexicon)
    if slot in TEXTS:
        return _text(slot, value)
    raise BadPerson(f"slots: {slot[:LONGEST]!r} cannot be given for her")


def _text(slot: str, value: Any) -> str:
    text = " ".join(str(value).split()) if isinstance(value, str) else ""
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise BadPerson(f"{slot}: a text of at most {LONGEST} letters")
    return text


def _price(value: Any) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not 0 < amount <= HIGHEST_PRICE or amount != round(amount, 2):
        raise BadPerson("price: rupees as a decimal number")
    return format(amount, "f")


def _count(slot: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise BadPerson(f"{slot}: a whole number")
    return value


def _language(code: str, known: Mapping[str, Language]) -> str:
    if code not in known or known[code].draft:
        raise BadPerson("language: unknown; one of " + ", ".join(c for c in known if not known[c].draft))
    return code


_districts: dict[str, str] = {}
MOST_DISTRICTS = 1000


def district(text: str, lexicon: Lexicon) -> str:
    """The district's id where the lexicon knows it, else the text as written; an id is itself."""
    if text in lexicon.facts["district"]:
        return text
    if text not in _districts:
        if len(_districts) >= MOST_DISTRICTS:
            _districts.clear()
        found = understand(text, "district", "hi", lexicon).commands
        ids = [each["value"] for each in found if each.get("slot") == "district"]
        _districts[text] = str(ids[0]) if ids else text
    return _districts[text]
