"""Passwords of reps: hashed with Argon2id, checked one at a time."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 128
# 19 MiB and two passes: the least that OWASP recommends, so that a sign-in fits into the memory of the web.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
_ONE_AT_A_TIME = threading.Lock()
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$OlRhQO/hPkD6xE8PfnkjTg$6cCO7euz5qGcaI/ediDzn7sJYUl1m9xin3yklo4PiBc"
"""A hash of no password, to be as busy with where there is none."""
_EASY = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and figures that nobody mistakes for each other when one reads them out."""


def one_time() -> str:
    """A password to be given to a rep and changed at once: three groups of four."""
    return "-".join("".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(3))


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _ONE_AT_A_TIME:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Is it this one? It takes the same time if there is none (None), which is never matched."""
    with _ONE_AT_A_TIME:
        try:
            return _HASHER.verify(kept or _NOBODY, password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def wrong_with(password: str, phone: str, kept: str | None) -> str | None:
    """Why it cannot be the new password: `short`, `long`, `phone`, `same`, `simple`; None if it can."""
    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    digits = "".join(letter for letter in password if letter.isdigit())
    if digits and digits == "".join(password.split()).lstrip("+") and phone.endswith(digits[-10:]):
        return "phone"
    if len(set(password)) < 4:
        return "simple"
    if kept is not None and matches(kept, password):
        return "same"
    return None
