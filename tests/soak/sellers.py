"""What a seller of the soak does: reads the question that stands open for her and answers as people do.

She answers when a bubble has come, sees no more of the service than the question, mumbles sometimes, and asks
again when nobody answers. What she wants is drawn once: a channel, a language, whether she will say stop.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Way = Literal["whatsapp", "sms", "call"]
WORDS = {
    "whatsapp": {
        None: "नमस्ते",
        "language": "हिंदी",
        "consent": "हाँ, राज़ी",
        "photos": "बस",
        "product_name": "पीतल का हाथी, आठ इंच, पंद्रह सौ रुपया, पाँच नग",
        "seller_name": "सुकमती, गाँव बाजावंड, जिला बस्तर",
        "price": "डेढ़ हजार रुपया",
        "price_per": "एक नग का",
        "stock": "पाँच",
        "size": "आठ इंच",
        "category": "ढोकरा",
        "confirm_heard": "हाँ",
        "confirm_listing": "हाँ",
    },
    "sms": {
        None: "namaste",
        "language": "1",
        "consent": "1",
        "photos": "0",
        "product_name": "bans ki tokri",
        "seller_name": "sita bai, sirpur, mahasamund",
        "price": "250",
        "price_per": "1",
        "stock": "12",
        "size": "ek hath",
        "category": "bans",
        "confirm_heard": "1",
        "confirm_listing": "1",
    },
    "call": {
        None: "1",
        "language": "2",
        "consent": "1",
        "product_name": "0",
        "category": "5",
        "price": "250",
        "price_per": "1",
        "stock": "12",
        "size": "0",
        "seller_name": "0",
        "confirm_heard": "1",
        "confirm_listing": "1",
    },
}
ELSE = {"whatsapp": "पता नहीं", "sms": "0", "call": "0"}
MUMBLE = {"whatsapp": "अच्छा वो वाला", "sms": "kya hua", "call": "9"}
STOP = {"whatsapp": ("बंद करो", "STOP"), "sms": ("STOP", "band karo")}
PHONE = "+919999{:06d}"


@dataclass
class Seller:
    """One person. `stops_at`: the answer at which she says stop instead; `read` are the bubbles she got.

    `said` counts her messages, `waits` is true between what she said and the next bubble. `done`: her listing
    was handed over and she knows it; `stopped`: she said stop, and the service heard it then.
    """

    number: int
    way: Way
    chance: random.Random
    stops_at: int | None = None
    read: int = 0
    said: int = 0
    waits: bool = False
    again: int = 0
    done: bool = False
    stopped: datetime | None = None
    answering: bool = False
    lost: list[str] = field(default_factory=list)

    @property
    def phone(self) -> str:
        return PHONE.format(self.number)

    @property
    def addresses(self) -> tuple[str, str]:
        """Where she may be written to: WhatsApp and SMS of one number."""
        return f"whatsapp:{self.phone}", self.phone

    @property
    def stops_now(self) -> bool:
        return self.stops_at is not None and self.said >= self.stops_at

    def thinks_s(self) -> float:
        """Seconds before she answers: mostly a moment, sometimes hours."""
        if self.chance.random() < 0.01:
            return self.chance.uniform(3600, 20_000)
        return self.chance.uniform(4, 90)

    def answer(self, asks: str | None, way: Way) -> str:
        """Her words to the open question, on the phone's side that she holds."""
        if self.chance.random() < 0.03:
            return MUMBLE[way]
        return WORDS[way].get(asks, ELSE[way])


def seller(number: int, seed: int) -> Seller:
    """The seller of this number, the same for the same seed: half on WhatsApp, every twentieth by calls."""
    chance = random.Random(f"{seed}-{number}")
    way: Way = chance.choices(("whatsapp", "sms", "call"), (55, 40, 5))[0]
    stops = chance.randint(2, 7) if way != "call" and chance.random() < 0.06 else None
    return Seller(number, way, chance, stops)
