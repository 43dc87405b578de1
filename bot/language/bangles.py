"""Bangle sizes: whole inches and sixteenths, said `दो चार` and written `2.4`."""

from __future__ import annotations

from bot.language.atoms import Number
from bot.language.found import Found
from bot.language.line import Line

_INCHES = frozenset({1, 2, 3})
_PARTS = frozenset({0, 2, 4, 6, 8, 10, 12, 14})


def bangle_size(line: Line, number: Number) -> Found | None:
    """`दो चार`, `2.4`, `2-4`: inches and sixteenths, written `2.4`."""
    if line.asks != "size_bangle" and not any("bangle" in word.marks for word in line.words):
        return None
    first, second, end = line.at(number.start), line.at(number.start + 1), number.start + 2
    text = line.tokens[number.start].word
    dotted = text.replace(",", ".")
    if "by" in second.marks:
        second, end = line.at(number.start + 2), number.start + 3
    if "." in dotted and dotted.replace(".", "", 1).isdecimal():
        whole, part = dotted.split(".")
        end = number.start + 1
    elif first.value is not None and second.value is not None and second.kind in ("c", "d"):
        whole, part = str(first.value), str(second.value)
    else:
        return None
    if not (whole.isdecimal() and part.isdecimal() and int(whole) in _INCHES and int(part) in _PARTS):
        return None
    after = line.at(end)
    if line.near(end) and (
        after.kind or after.money or after.unit or ("of" in after.marks and line.asks != "size_bangle")
    ):
        return None
    size = Number(number.start, end, digits=True)
    return Found(
        "number", number.start, end, size, extra={"value": f"{int(whole)}.{int(part)}", "bangle": True}
    )
