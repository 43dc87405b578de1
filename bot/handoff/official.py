"""Official numbers: only one of the right form is passed on, for a wrong one is worse than none."""

from __future__ import annotations

import re

PINCODE = re.compile(r"[1-9][0-9]{5}")
GSTIN = re.compile(r"[0-9A-Z]{15}")
FSSAI = re.compile(r"[0-9]{14}")


def official(value: object, form: re.Pattern[str]) -> str | None:
    """The number without spaces and hyphens, in capitals; None when it has not that form."""
    text = re.sub(r"[\s-]", "", value).upper() if isinstance(value, str) else ""
    return text if form.fullmatch(text) else None
