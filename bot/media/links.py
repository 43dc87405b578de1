"""Public addresses of stored bytes: signed, good for a while only. The provider's own URLs never leave us."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.settings import Settings

MAX_AGE_S = 7 * 24 * 3600
"""How long an address works; who needs the bytes later asks for the listing again."""


def link(settings: Settings, sha256: str) -> str:
    """The address of these bytes, below PUBLIC_URL."""
    return f"{settings.public_url.rstrip('/')}/media/{_signer(settings).dumps(sha256)}"


def sha256_of(settings: Settings, token: str) -> str | None:
    """What a token stands for; None for a wrong one and for an old one."""
    try:
        named = _signer(settings).loads(token, max_age=MAX_AGE_S)
    except BadSignature:
        return None
    return named if isinstance(named, str) else None


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    # `serve` and `work` start without SECRET_KEY only as a simulator, which has nothing to hide.
    return URLSafeTimedSerializer(settings.secret_key or "simulator", salt="media")
