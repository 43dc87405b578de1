"""The ten turns of the bench: one listing by text, as signed requests of Twilio's shape.

She skips the photos (a real answer: the listing says they are pending), so that no picture is fetched while
the clock runs, and corrects the price once.
"""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import uuid4

from twilio.request_validator import RequestValidator

PATH = "/webhooks/twilio/whatsapp"
PUBLIC_URL = "https://bench.example.org"
AUTH_TOKEN = "bench-token"
ACCOUNT_SID = "AC" + "0" * 32
OUR_NUMBER = "whatsapp:+919999900000"

SCRIPT = (
    "नमस्ते",
    "हिंदी",
    "हाँ, राज़ी हूँ",
    "पता नहीं",
    "ये पीतल का हाथी है, पाँच नग हैं, दाम पंद्रह सौ रुपया",
    "दाम सोलह सौ",
    "हाँ",
    "आठ इंच",
    "फूलबासन नेताम, भेलवापदर, कोंडागांव",
    "हाँ, भेज दो",
)

AGAIN = ("हाँ", "आगे", "ये पीतल का हाथी है, पाँच नग हैं, दाम सोलह सौ रुपया", "हाँ", "आठ इंच", "हाँ, भेज दो")
"""The next listing of a seller who has just handed one over."""


def sellers(first: int, count: int) -> list[str]:
    """Invented WhatsApp addresses, `count` of them from number `first` on."""
    return [f"whatsapp:+9199999{number:05d}" for number in range(first, first + count)]


def requests_of(seller: str, script: tuple[str, ...] = SCRIPT) -> list[str]:
    """One seller's talk as whole HTTP requests, signed as Twilio signs them."""
    validator = RequestValidator(AUTH_TOKEN)
    return [_request(validator, seller, text) for text in script]


def _request(validator: RequestValidator, seller: str, text: str) -> str:
    params = {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": ACCOUNT_SID,
        "From": seller,
        "To": OUR_NUMBER,
        "Body": text,
        "NumMedia": "0",
        "ProfileName": "फूलबासन",
        "WaId": seller.removeprefix("whatsapp:+"),
    }
    body = urlencode(params)
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: bench.example.org\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {validator.compute_signature(PUBLIC_URL + PATH, params)}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
