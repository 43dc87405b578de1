"""The listing message says what she said, keeps the contract, and invents nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as example_of
from hypothesis import settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.engine.catalogue import BASES
from bot.handoff.given import SellerFacts
from bot.handoff.links import with_fresh_links
from bot.handoff.listing import build
from bot.handoff.schema import problems, schema
from bot.messages import Json
from tests.listing_inputs import BASKET, NOTE, NOW, SHA, catalogue, given, next_version, said

KEYS = sorted(catalogue().categories)


def built(slots: Json, **changes: Any) -> Json:
    """A message that keeps the contract."""
    message = build(given(slots, **changes))
    assert problems(message) == []
    return message


def test_the_schema_is_a_schema() -> None:
    """The public contract is itself valid JSON Schema 2020-12 and names its version."""
    Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["schema"] == {"const": "sangwari.listing/1"}


def test_the_categories_of_the_contract_are_those_of_the_catalogue() -> None:
    """A category that is added to one must be added to the other."""
    known = schema()["properties"]["product"]["properties"]["category"]["enum"]
    assert sorted(key for key in known if key) == KEYS and None in known


def test_what_she_said_stands_in_the_message() -> None:
    """Her words, her price, her count; the English text is made from the catalogue and the lexicon."""
    message = built(BASKET)
    product = message["product"]
    assert product["title"] == {"hi": "बांस के टुकनी", "en": "Bamboo basket"}
    assert product["stock"] == 40
    assert product["attributes"]["size"] == "एक हाथ"
    assert message["price"]["asked"] == {"amount": "250", "currency": "INR", "per": "piece"}
    assert message["seller"]["name"] == "फूलबासन नेताम"
    assert "Made by hand." in product["description"]["en"]
    assert "From Kondagaon district" in product["description"]["en"]
    assert "एक हाथ" in product["description"]["hi"]


def test_what_she_did_not_say_is_null() -> None:
    """No size, weight, maker or time is made up."""
    message = built({"category": "wood", "product_name": "कुछ", "price": "99.50"}, photos=())
    product = message["product"]
    assert product["title"]["en"] == "Wood craft"
    assert set(product["dimensions"].values()) == {None}
    assert product["weight_g"] is product["stock"] is product["making_days"] is product["story"] is None
    assert product["made_to_order"] is None
    assert message["seller"]["name"] is message["seller"]["gstin"] is None
    assert message["photos_pending"] is True
    assert message["price"]["asked"]["amount"] == "99.50"


@pytest.mark.parametrize(
    ("size", "length", "width", "height"),
    [
        ("8 इंच ऊँचा 4 चौड़ा", None, 10.2, 20.3),
        ("8x4 inch", 20.3, 10.2, None),
        ("30 सेमी", None, None, None),
        ("एक हाथ", None, None, None),
        ("बड़ा सा", None, None, None),
    ],
)
def test_sizes_become_figures_only_when_they_are_exact(
    size: str, length: float | None, width: float | None, height: float | None
) -> None:
    """Inches are centimetres; a forearm is not, and stays in her words."""
    product = built({**BASKET, "size": size})["product"]
    assert product["dimensions"] == {"length_cm": length, "width_cm": width, "height_cm": height}
    assert product["attributes"]["size"] == size


@pytest.mark.parametrize(
    ("slots", "quantity", "label"),
    [
        ({"category": "food", "price_per": "packet", "net_weight": "आधा किलो"}, ("500", "gram"), "500 g"),
        ({"category": "rice", "price_per": "packet", "net_weight": "5 kg"}, ("5", "kg"), "5 kg"),
        ({"category": "food", "price_per": "kg"}, ("1", "kg"), "1 kg"),
        ({"category": "lac"}, ("2", "piece"), "2 pieces"),
        ({"category": "utility", "price_per": "packet", "pieces_in_set": 10}, ("10", "piece"), "10 pieces"),
        ({"category": "kosa", "price_per": "metre"}, ("1", "metre"), "1 m"),
        ({"category": "food", "price_per": "packet"}, None, None),
    ],
)
def test_the_net_quantity_is_what_a_buyer_gets(
    slots: Json, quantity: tuple[str, str] | None, label: str | None
) -> None:
    """By weight where she said it, else by the basis of the price; unknown stays unknown."""
    message = built({"product_name": "चीज", "price": "100", **slots})
    expected = {"value": quantity[0], "unit": quantity[1]} if quantity else None
    assert message["product"]["net_quantity"] == expected
    assert message["compliance"]["net_quantity"] == label


def test_law_and_tax_are_suggestions() -> None:
    """Nobody has confirmed anything, and no geographical indication is claimed."""
    compliance = built({**BASKET, "category": "dhokra"})["compliance"]
    assert compliance["hsn"] == {"suggested": "8306", "confirmed_by": None}
    assert compliance["gst_rate"] == {"suggested": "5", "confirmed_by": None}
    assert compliance["gi"] == {"claim": None, "authorised_user": None}
    assert compliance["country_of_origin"] == "IND"


def test_an_indication_needs_the_right_craft_and_a_number() -> None:
    """An authorised user of Bastar Dhokra claims it for dhokra, not for her baskets."""
    maker = SellerFacts("0f" * 16, "hi", ("bastar_dhokra", "AU/1234"))
    claimed = built({**BASKET, "category": "dhokra"}, seller=maker)["compliance"]["gi"]
    assert claimed == {"claim": "bastar_dhokra", "authorised_user": "AU/1234"}
    assert built(BASKET, seller=maker)["compliance"]["gi"]["claim"] is None


@pytest.mark.parametrize(
    ("slot", "text", "place"),
    [
        ("fssai", "1234", ("compliance", "fssai")),
        ("pincode", "012345", ("seller", "pincode")),
        ("gstin", "none", ("seller", "gstin")),
        ("seller_kind", "friend", ("seller", "kind")),
    ],
)
def test_a_wrong_official_number_is_left_out(slot: str, text: str, place: tuple[str, str]) -> None:
    """A label with a wrong number is worse than one without."""
    assert built({**BASKET, slot: text})[place[0]][place[1]] is None


def test_official_numbers_lose_their_spaces() -> None:
    """She may group the digits as she likes."""
    message = built({**BASKET, "fssai": "1234 5678 9012 34", "pincode": "494 226"})
    assert message["compliance"]["fssai"] == "12345678901234"
    assert message["seller"]["pincode"] == "494226"
    assert message["compliance"]["manufacturer"]["address"].endswith("494226, Chhattisgarh, India")


def test_each_price_she_ever_asked_stays_in_the_history() -> None:
    """A new price of hers is a new line; a change of the stock is none; what others said is kept."""
    first = given(provenance={"price": said("ढाई सौ")})
    one = build(first)
    one["price"]["suggested"] = {"amount": "220", "currency": "INR", "per": "piece"}
    later = NOW + timedelta(days=2)
    dearer = {**BASKET, "price": "300"}
    second = next_version(first, one, slots=dearer, now=later, provenance={"price": said("300", "rep:rina")})
    two = build(second)
    three = build(next_version(second, two, slots={**dearer, "stock": 3}))
    assert problems(three) == []
    assert [(line["amount"], line["by"]) for line in three["price"]["history"]] == [
        ("250", "seller"),
        ("300", "rep:rina"),
    ]
    assert three["price"]["history"][1]["at"] == "2026-01-07T09:00:00Z"
    assert three["price"]["asked"]["amount"] == "300"
    assert three["price"]["suggested"]["amount"] == "220"
    assert [one["version"], two["version"], three["version"]] == [1, 2, 3]


@pytest.mark.parametrize("price", [None, "", "many", "-5", "NaN", 250, "9" * 15])
def test_no_listing_without_a_price(price: object) -> None:
    """A price that is no amount is a fault of ours, not something to send on."""
    with pytest.raises(ValueError, match="not a price"):
        build(given({**BASKET, "price": price}))


def test_a_product_that_nobody_could_place_has_no_category() -> None:
    """She could not say, nothing is guessed: the listing goes on and a person places it."""
    message = built({**BASKET, "category": None, "material": None})
    assert message["product"]["category"] is None
    assert message["compliance"]["hsn"]["suggested"] is None and message["product"]["materials"] == []


def test_provenance_is_kept_for_what_is_known() -> None:
    """Who said it, where and in which words; nothing for a slot without a value."""
    sources = {"price": said("ढाई सौ"), "story": said("…")}
    message = built(BASKET, provenance=sources)
    assert message["provenance"] == {"price": said("ढाई सौ")}


def test_the_same_input_makes_the_same_message() -> None:
    """Nothing but the arguments goes in: no clock, no chance."""
    one = given(voice_notes=(NOTE,))
    assert json.dumps(build(one)) == json.dumps(build(replace(one)))


def test_photos_and_notes_get_fresh_addresses() -> None:
    """Whoever reads an old message still gets addresses that work; nothing else changes."""
    message = built(BASKET, voice_notes=(NOTE,))
    fresh = with_fresh_links(message, lambda sha256: f"https://new.example/{sha256}")
    assert fresh["photos"][0]["url"] == fresh["voice_notes"][0]["url"] == f"https://new.example/{SHA}"
    assert problems(fresh) == []
    assert message["photos"][0]["url"].startswith("https://sangwari.example/")
    assert fresh["photos"][0] | {"url": ""} == message["photos"][0] | {"url": ""}


ODD = st.text(max_size=60) | st.sampled_from(
    ["\x00", "[{}]", "{price}", "अ" * 5000, " ", "\ud800", "१२ किलो"]
)
PRICES = st.decimals(0, 10**9, places=2).map(str) | st.integers(1, 10**6).map(str)
TEXTS = (
    *("size", "length", "weight", "net_weight", "bangle_size", "care", "story", "pickup_place"),
    *("ingredients", "wood", "purity", "finish", "food_safe", "made_on", "best_before", "fssai"),
    *("seller_name", "village", "district", "block", "group_name", "seller_kind", "pincode", "gstin"),
)
SLOTS = st.fixed_dictionaries(
    {"category": st.sampled_from(KEYS), "product_name": ODD, "price": PRICES},
    optional={
        **dict.fromkeys(TEXTS, ODD),
        **{slot: st.booleans() for slot in ("veg", "hollow", "blouse_piece", "made_to_order")},
        **{slot: st.integers(0, 10**6) for slot in ("stock", "pieces_in_set", "making_days")},
        **{slot: st.lists(ODD | st.sampled_from(["red", "brass"])) for slot in ("material", "colour")},
        "price_per": st.sampled_from(BASES),
    },
)
SOURCES = st.dictionaries(st.sampled_from(["price", "stock", "size", "story"]), ODD.map(said))


@settings(max_examples=150, deadline=None)
@example_of(SLOTS, SOURCES)
def test_a_finished_listing_always_keeps_the_contract(slots: Json, provenance: Json) -> None:
    """Whatever she said and left out, the backend can read it, as UTF-8 too."""
    message = build(given(slots, provenance=provenance))
    assert problems(message) == []
    assert json.loads(json.dumps(message, ensure_ascii=False).encode()) == message


@settings(max_examples=50, deadline=None)
@example_of(SLOTS, SLOTS, st.sampled_from(["listing.updated", "listing.withdrawn"]))
def test_a_changed_listing_keeps_it_too(before: Json, after: Json, event: str) -> None:
    """The next version, whatever was changed, counts on and never loses a line of the history."""
    first = given(before)
    message = build(first)
    changed = build(next_version(first, message, slots=after, event=event))
    assert problems(changed) == []
    assert changed["version"] == 2
    assert changed["price"]["history"][:1] == message["price"]["history"]
