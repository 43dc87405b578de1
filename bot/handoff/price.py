"""The price block: what she asks, and every amount that ever stood there."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from bot.engine.catalogue import BASES, Category
from bot.handoff.given import ListingInput
from bot.messages import Json


def price(given: ListingInput, category: Category, at: str) -> Json:
    """`asked` follows her own word only; the history keeps each amount. Raises ValueError without a price.

    What the marketplace suggests, agrees and prints on the label is carried over from the version before.
    """
    asked = {
        "amount": amount(given.slots.get("price")),
        "currency": "INR",
        "per": _per(given.slots.get("price_per"), category),
    }
    before: Json = given.previous["price"] if given.previous else {}
    history = list(before.get("history", ()))
    if before.get("asked") != asked:
        by = given.provenance.get("price", {}).get("by") or "seller"
        history.append({"what": "asked", "amount": asked["amount"], "by": by, "at": at})
    return {
        "asked": asked,
        "suggested": before.get("suggested"),
        "agreed": before.get("agreed"),
        "mrp": before.get("mrp"),
        "history": history,
    }


def amount(value: object) -> str:
    """Rupees as a plain decimal text with no or two decimals. Raises ValueError for anything else."""
    try:
        rupees = Decimal(value if isinstance(value, str) else "NaN")
    except InvalidOperation:
        rupees = Decimal("NaN")
    if not rupees.is_finite() or rupees < 0 or rupees.adjusted() > 12:
        raise ValueError(f"not a price: {value!r}")
    exact = rupees.quantize(Decimal("0.01"))
    return f"{exact:.0f}" if exact == exact.to_integral_value() else f"{exact:.2f}"


def _per(value: object, category: Category) -> str | None:
    """The basis she named, else the one that is assumed for the craft; None where it must be asked."""
    if value in BASES:
        return str(value)
    return None if category.ask_price_per else category.price_per[0]
