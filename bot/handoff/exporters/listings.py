"""Listing messages as rows: one table of all that a person may want, one shaped like a catalogue's upload.

Pure: a message goes in, a row comes out. What is not known is an empty cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.messages import Json

Get = Callable[[Json], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A shape of file: the names of its columns and how each is read from a message."""

    columns: Mapping[str, Get]

    @property
    def head(self) -> list[str]:
        return list(self.columns)

    def row(self, message: Json) -> list[Any]:
        return [read(message) for read in self.columns.values()]


def at(*path: str) -> Get:
    """The value at this place of the message; None where a part of the way is missing."""

    def read(message: Json) -> Any:
        found: Any = message
        for name in path:
            found = found.get(name) if isinstance(found, dict) else None
        return found

    return read


def _joined(*path: str) -> Get:
    def read(message: Json) -> str:
        return ", ".join(str(each) for each in at(*path)(message) or ())

    return read


def _photo(place: int) -> Get:
    def read(message: Json) -> str | None:
        photos = message.get("photos") or []
        return str(photos[place]["url"]) if place < len(photos) else None

    return read


def _selling(message: Json) -> Any:
    """What was agreed, else what she asks: never above the MRP, and nobody's suggestion."""
    return at("price", "agreed", "amount")(message) or at("price", "asked", "amount")(message)


def _hsn(message: Json) -> Any:
    """Only what a person stands for."""
    found = at("compliance", "hsn")(message) or {}
    return found.get("suggested") if found.get("confirmed_by") else None


def _gst(message: Json) -> Any:
    found = at("compliance", "gst_rate")(message) or {}
    return found.get("suggested") if found.get("confirmed_by") else None


def _sku(message: Json) -> str:
    return f"SANG-{message['number']}"


CSV = Table(
    {
        "number": at("number"),
        "version": at("version"),
        "event": at("event"),
        "occurred_at": at("occurred_at"),
        "category": at("product", "category"),
        "title_hi": at("product", "title", "hi"),
        "title_en": at("product", "title", "en"),
        "seller": at("seller", "name"),
        "group": at("seller", "group"),
        "village": at("seller", "village"),
        "block": at("seller", "block"),
        "district": at("seller", "district"),
        "asked": at("price", "asked", "amount"),
        "per": at("price", "asked", "per"),
        "suggested": at("price", "suggested", "amount"),
        "agreed": at("price", "agreed", "amount"),
        "stock": at("product", "stock"),
        "materials": _joined("product", "materials"),
        "colours": _joined("product", "colours"),
        "length_cm": at("product", "dimensions", "length_cm"),
        "width_cm": at("product", "dimensions", "width_cm"),
        "height_cm": at("product", "dimensions", "height_cm"),
        "weight_g": at("product", "weight_g"),
        "making_days": at("product", "making_days"),
        "hsn_suggested": at("compliance", "hsn", "suggested"),
        "hsn_confirmed_by": at("compliance", "hsn", "confirmed_by"),
        "gst_rate_suggested": at("compliance", "gst_rate", "suggested"),
        "gst_rate_confirmed_by": at("compliance", "gst_rate", "confirmed_by"),
        "gi_claim": at("compliance", "gi", "claim"),
        "photos_pending": at("photos_pending"),
        "photos": lambda message: len(message.get("photos") or ()),
    }
)
"""Everything, for people."""

FLIPKART = Table(
    {
        "Seller SKU ID": _sku,
        "Listing Status": lambda message: "INACTIVE" if message["event"] == "listing.withdrawn" else "ACTIVE",
        "MRP": at("price", "mrp", "amount"),
        "Your selling price": _selling,
        "Stock": at("product", "stock"),
        "Procurement SLA": at("product", "making_days"),
        "Country Of Origin": at("compliance", "country_of_origin"),
        "Manufacturer Details": at("compliance", "manufacturer", "address"),
        "HSN": _hsn,
        "Tax rate": _gst,
        "Brand": lambda message: "",
        "Title": at("product", "title", "en"),
        "Description": at("product", "description", "en"),
        "Category": at("product", "category"),
        "Material": _joined("product", "materials"),
        "Colour": _joined("product", "colours"),
        "Length (cm)": at("product", "dimensions", "length_cm"),
        "Width (cm)": at("product", "dimensions", "width_cm"),
        "Height (cm)": at("product", "dimensions", "height_cm"),
        "Weight (g)": at("product", "weight_g"),
        "Net quantity": at("product", "net_quantity", "value"),
        "Main Image URL": _photo(0),
        "Other Image URL 1": _photo(1),
        "Other Image URL 2": _photo(2),
        "Other Image URL 3": _photo(3),
    }
)
"""As rows of a Flipkart catalogue are: a row for its QC first, the listing after it has an FSN."""

TABLES = {"csv": CSV, "flipkart": FLIPKART}


def ondc_item(message: Json) -> Json:
    """One ONDC retail item; amounts and measures are text, as its schema wants them."""
    product, photos = message["product"], message.get("photos") or []
    amount = str(_selling(message) or "")
    weight = product.get("weight_g")
    measure = {"unit": "gram", "value": str(weight)} if weight else {"unit": "unit", "value": "1"}
    hsn = _hsn(message)
    return {
        "id": _sku(message),
        "descriptor": {
            "name": at("product", "title", "en")(message),
            "short_desc": at("product", "title", "en")(message),
            "long_desc": at("product", "description", "en")(message),
            "images": [photo["url"] for photo in photos],
            **({"code": f"4:{hsn}"} if hsn else {}),
        },
        "quantity": {"unitized": {"measure": measure}},
        "price": {
            "currency": "INR",
            "value": amount,
            "maximum_value": str(at("price", "mrp", "amount")(message) or amount),
        },
        "category_id": product.get("category"),
        "tags": [{"code": "origin", "list": [{"code": "country", "value": "IND"}]}],
    }
