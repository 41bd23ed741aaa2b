"""Where webhooks may lead: the public internet, and what an admin allows besides."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from trainwright.network import Address, is_public
from trainwright.spec.errors import ForbiddenError, InvalidRequestError

ALLOWED_HOSTS = "webhook_hosts"
"""The platform setting that holds names, addresses and networks, each perhaps with a port."""


class Gate:
    """Judges addresses at the moment of the connection.

    Args:
        allowed: Entries such as `hooks.internal`, `10.0.0.7:8080` or `10.1.0.0/16`.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = [entry.strip().lower() for entry in allowed]

    def judge(self, host: str, port: int, addresses: Sequence[Address]) -> None:
        """Let public addresses and allowed ones pass.

        Raises:
            ForbiddenError: One of the host's addresses is in a private network.
        """
        if self._is_named(host, port):
            return
        for address in addresses:
            if not is_public(address) and not self._is_listed(address, port):
                raise ForbiddenError(
                    f"{host} is in a private network",
                    field="url",
                    expected="a public address, or one that an admin allows",
                    mend=f"trainwright webhooks allow {host}:{port}",
                )

    def _is_named(self, host: str, port: int) -> bool:
        name = host.lower().strip("[]")
        return any(entry in (name, f"{name}:{port}") for entry in self._allowed)

    def _is_listed(self, address: Address, port: int) -> bool:
        return any(_covers(entry, address, port) for entry in self._allowed)


def _covers(entry: str, address: Address, port: int) -> bool:
    if entry == f"{address}:{port}":
        return True
    try:
        return address in ipaddress.ip_network(entry)
    except ValueError:
        return False


def check_url(url: str) -> None:
    """Refuse what is no address of a receiver.

    Raises:
        InvalidRequestError: Not `http` or `https`, no host, or with a user name.
    """
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        is_sound &= parts.username is None and url.isascii() and url.isprintable()
    except ValueError:
        is_sound = False
    if not is_sound or " " in url:
        raise InvalidRequestError(
            "it is not an address that can be posted to",
            field="url",
            expected="http:// or https:// with a host and no user name",
        )
