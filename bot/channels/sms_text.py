"""What a text costs as SMS: plain letters (GSM-7) or any script (UCS-2), and how many parts it takes."""

from __future__ import annotations

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""These take two places in GSM-7."""
GSM_ONE, GSM_MANY = 160, 153
UCS_ONE, UCS_MANY = 70, 67


def is_gsm(text: str) -> bool:
    """Can it be sent with plain letters? `₹` and `।` cannot."""
    return all(letter in BASIC or letter in EXTENDED for letter in text)


def segments(text: str) -> int:
    """The number of SMS parts, at least 1."""
    if is_gsm(text):
        units = len(text) + sum(letter in EXTENDED for letter in text)
        one, many = GSM_ONE, GSM_MANY
    else:
        units = len(text.encode("utf-16-be")) // 2
        one, many = UCS_ONE, UCS_MANY
    return 1 if units <= one else -(-units // many)
