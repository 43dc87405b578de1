"""The telephone exchange of the settings: who carries our calls, and who may call our doors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from bot.settings import MissingSetting, Settings

if TYPE_CHECKING:
    from bot.channels.call_entry import Entry


@dataclass(frozen=True, slots=True)
class Exchange:
    """Who carries our calls. `rings` False: she cannot be rung and is answered by SMS."""

    name: str
    entry: Entry
    settings: Settings

    @property
    def rings(self) -> bool:
        return self.entry.ring is not None and not self.settings.simulator

    def admits(self, key: str, address: str) -> bool:
        """Has this call the secret, and the right origin? Every proof that is set must hold."""
        secret, known = self.settings.call_webhook_key, self.settings.call_addresses
        if not secret and not known:
            return False
        if secret and not compare_digest(key.encode(), secret.encode()):
            return False
        return not known or any(_within(address, network) for network in networks(known))


@cache
def exchange(settings: Settings) -> Exchange | None:
    """The exchange that CALL_PROVIDER names, None without one; MissingSetting names what it lacks."""
    name = settings.call_provider
    if not name:
        return None
    from bot.channels.call_entry import entries

    entry = entries().get(name)
    if entry is None:
        raise MissingSetting(f"CALL_PROVIDER must be one of {', '.join(entries())}, not {name!r}")
    missing = [need for need in entry.needs if not getattr(settings, need.lower())]
    if missing and not settings.simulator:
        raise MissingSetting(f"CALL_PROVIDER={name} needs {', '.join(missing)}")
    networks(settings.call_addresses)
    return Exchange(name, entry, settings)


def networks(listed: str) -> list[IPv4Network | IPv6Network]:
    """The addresses and networks of CALL_ADDRESSES; MissingSetting for what is none."""
    try:
        return [ip_network(each, strict=False) for each in listed.replace(",", " ").split()]
    except ValueError as error:
        raise MissingSetting(f"CALL_ADDRESSES: {error}") from None


def _within(address: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(address) in network
    except ValueError:
        return False
