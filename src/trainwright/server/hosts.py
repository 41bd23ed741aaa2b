"""Which `Host` and `Origin` headers are believed: the defence against DNS rebinding."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

WILDCARDS = ("0.0.0.0", "::", "")  # noqa: S104 (compared with, not bound to)


@dataclass(frozen=True)
class Hosts:
    """Names this server answers to.

    Args:
        names: Host names besides the loopback ones, without a port.
        any_address: Answer to any IP address. A rebinding page needs a name, so that is safe;
            a server bound to every interface cannot know its own addresses.
    """

    names: frozenset[str] = frozenset()
    any_address: bool = False

    @classmethod
    def bound_to(cls, host: str, more: Iterable[str] = ()) -> Hosts:
        names = frozenset(name.lower() for name in (host, *more) if name not in WILDCARDS)
        return cls(names, any_address=host in WILDCARDS)

    def allows(self, header: str | None) -> bool:
        """Whether a `Host` header (`name`, `name:port`, `[address]:port`) is ours."""
        if not header:
            return False
        try:
            parts = urlsplit(f"//{header}")
            name, _ = parts.hostname, parts.port
        except ValueError:
            return False
        if not name or parts.username is not None or parts.path or parts.query or parts.fragment:
            return False
        return name == "localhost" or name in self.names or self._allows_address(name)

    def allows_origin(self, origin: str | None, host: str | None) -> bool:
        """Whether a page of this origin may act for its visitor here: only our own pages may.

        A request without an `Origin` comes from no page.
        """
        if origin is None:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        same = parts.netloc.lower() == (host or "").lower()
        return parts.scheme in ("http", "https") and same

    def _allows_address(self, name: str) -> bool:
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self.any_address
