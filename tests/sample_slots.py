"""Every wording of a language with ordinary values in its places, as a talk would say it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.engine.wording import PART_LISTS
from tests.open_rooms import loaded_talk

FACTS = ["photos", "product_name", "price", "stock", "size", "weight", "seller_name", "village", "district"]
SLOTS: dict[str, Any] = {
    "org": "बिहान",
    "helpline": "1800-000-0000",
    "rep": "रीना",
    "photos": ["a", "b", "c"],
    "product_name": "बांस की टोकरी",
    "category": "bamboo",
    "price": "1250",
    "price_per": "kori",
    "stock": 12,
    "size": "8x4 इंच",
    "net_weight": "250 ग्राम",
    "length": "5.5 मीटर",
    "bangle_size": "2.4",
    "pieces_in_set": 6,
    "seller_name": "सुनीता नेताम",
    "village": "भेलवापदर",
    "district": "kondagaon",
    "material": ["brass"],
    "colour": ["red"],
    "weight": "1.5 kg",
    "making_days": 10,
    "new_price": "99.5",
    "new_stock": 3,
    "low": "200",
    "high": "300",
    "low_count": 12,
    "high_count": 15,
    "number": "2741",
    "status": "live",
    "listings": "2741: टोकरी · ₹250 (ढाई सौ रुपये) · 5 नग\n2742: सूपा · ₹80 (अस्सी रुपये) · 2 नग",
    **dict.fromkeys(PART_LISTS, FACTS),
}


def rendered(language: str) -> Iterator[tuple[str, int, str]]:
    """(response, place of the wording, text) of everything that the language says."""
    wording = loaded_talk().library.wordings[language]
    for utter, variations in sorted(wording.responses.items()):
        for place in range(len(variations)):
            yield utter, place, wording.say(utter, SLOTS, attempt=place).text
