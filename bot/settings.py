"""The environment, read once: every setting of the service with its default.

Secrets have no default: `Settings.require_secrets` names those that are missing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECRETS = (
    "SECRET_KEY",
    "API_TOKEN",
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_WHATSAPP_FROM",
    "PUBLIC_URL",
)


CHOICES = {"voice": ("espeak", "none"), "transcriber": ("desk", "sherpa", "http")}
"""Settings that are one word of a few."""


MOST = 10**12
"""No number among the settings is as large."""


class MissingSetting(Exception):
    """A secret that this command needs is not in the environment; the message names all that are missing."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per environment variable, same name in lower case. Paths and URLs are text."""

    database_url: str = ""
    queue_url: str = ""
    media_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    secret_key: str = ""
    api_token: str = ""
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_whatsapp_from: str = ""
    twilio_sms_from: str = ""
    twilio_base_url: str = ""
    org_name: str = "बिहान"
    helpline: str = "1800-000-0000"
    rep_name: str = ""
    sms_gateway: str = ""
    sms_url: str = ""
    sms_user: str = ""
    sms_token: str = ""
    sms_account: str = ""
    sms_sender: str = ""
    sms_entity: str = ""
    sms_keyword: str = ""
    sms_webhook_key: str = ""
    sms_addresses: str = ""
    call_provider: str = ""
    call_number: str = ""
    call_account: str = ""
    call_user: str = ""
    call_token: str = ""
    call_flow: str = ""
    call_webhook_key: str = ""
    call_addresses: str = ""
    call_media_hosts: str = ""
    transcriber: str = "desk"
    transcriber_model: str = ""
    transcriber_url: str = ""
    transcriber_token: str = ""
    transcriber_at_once: int = 1
    voice: str = "espeak"
    simulator: bool = False
    album_settle_s: float = 4.0
    voice_days: int = 180
    pace_s: float = 6.0
    limit_messages_minute: int = 60
    limit_messages_day: int = 500
    limit_media_mb_day: int = 100
    limit_sent_day: int = 600
    limit_spend_day: Decimal = Decimal("300")
    limit_spend_day_all: Decimal = Decimal("5000")
    price_whatsapp: Decimal = Decimal("0.45")
    price_sms: Decimal = Decimal("0.25")
    start_rate: float = 60.0
    var_dir: str = str(ROOT / "var")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; an unset or empty variable keeps its default."""
        environ = os.environ if environ is None else environ
        given: dict[str, object] = {}
        for spec in fields(cls):
            raw = environ.get(spec.name.upper(), "")
            if raw == "":
                continue
            if raw not in CHOICES.get(spec.name, (raw,)):
                known = ", ".join(CHOICES[spec.name])
                raise MissingSetting(f"{spec.name.upper()} must be one of {known}, not {raw!r}")
            given[spec.name] = _convert(spec.name.upper(), raw, spec.default)
        settings = cls(**given)._with_paths()  # type: ignore[arg-type]
        _check_transcriber(settings)
        if settings.start_rate <= 0:
            raise MissingSetting("START_RATE must be above 0")
        return settings

    def _with_paths(self) -> Settings:
        """Fill the two addresses that default to files below `var_dir`."""
        changes = {
            "database_url": self.database_url or f"sqlite:///{self.var_dir}/sangwari.db",
            "media_url": self.media_url or f"file://{self.var_dir}/media",
        }
        return Settings(**{spec.name: getattr(self, spec.name) for spec in fields(self)} | changes)

    @property
    def sends_sms(self) -> bool:
        """Is there anybody who carries an SMS of ours?"""
        return bool(self.twilio_sms_from) or self.sms_gateway not in ("", "twilio")

    def require_secrets(self) -> None:
        """Refuse to start without a secret, naming every missing one. The simulator needs none."""
        if self.simulator:
            return
        missing = [name for name in SECRETS if name not in os.environ or not os.environ[name]]
        if missing:
            raise MissingSetting("missing in the environment: " + ", ".join(missing))


def _convert(name: str, raw: str, default: object) -> object:
    if isinstance(default, bool):
        return raw.strip().lower() in {"1", "true", "yes", "on"}
    if isinstance(default, int | float | Decimal):
        try:
            number = type(default)(raw)
            if 0 <= number < MOST:
                return number
        except (ValueError, InvalidOperation):
            pass
        raise MissingSetting(f"{name} must be a number from 0, not {raw!r}")
    return raw


def _check_transcriber(settings: Settings) -> None:
    """Who writes down voice notes is known, and what it needs is named, before the first note comes."""
    who = settings.transcriber
    if who == "sherpa" and not settings.transcriber_model:
        raise MissingSetting("TRANSCRIBER=sherpa needs TRANSCRIBER_MODEL, the folder of the model")
    if who == "http" and not settings.transcriber_url.startswith(("https://", "http://")):
        raise MissingSetting("TRANSCRIBER=http needs TRANSCRIBER_URL, an https:// address")
    if settings.transcriber_at_once < 1:
        raise MissingSetting("TRANSCRIBER_AT_ONCE must be at least 1")
