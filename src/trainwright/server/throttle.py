"""Slows down guessing of passwords and links."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import HTTPConnection

from trainwright.server.errors import TooManyRequestsError

SITE_BITS = 64
"""A host may choose any address within so long a prefix (RFC 4291, section 2.5.1)."""


class Throttle:
    """Refuses a key that has failed too often lately.

    Args:
        failures: How many failures are let pass.
        seconds: How long a failure counts.
        clock: Seconds that only rise.
    """

    def __init__(
        self,
        failures: int = 5,
        seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.failures = failures
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: dict[str, deque[float]] = {}

    def attempt(self, *keys: str) -> None:
        """Count an attempt as failed until `succeed` takes it back.

        Counted before its outcome is known, many at the same moment are as few as one by one.

        Raises:
            TooManyRequestsError: One of the keys has too many failures.
        """
        with self._lock:
            self._forget()
            for key in keys:
                if len(times := self._failed.get(key, deque())) >= self.failures:
                    wait = self.seconds - (self._clock() - times[0])
                    raise TooManyRequestsError(
                        f"too many failed attempts; try again in {wait:.0f} s",
                        details={"retry_after_seconds": round(wait, 1)},
                    )
            for key in keys:
                self._failed.setdefault(key, deque()).append(self._clock())

    def succeed(self, *keys: str) -> None:
        """Take the last attempt back.

        Those before it still count: one's own account must not buy guesses at other people's.
        """
        with self._lock:
            for key in keys:
                if times := self._failed.get(key):
                    times.pop()

    def _forget(self) -> None:
        oldest = self._clock() - self.seconds
        for key, times in list(self._failed.items()):
            while times and times[0] <= oldest:
                times.popleft()
            if not times:
                del self._failed[key]


def client_of(connection: HTTPConnection) -> str:
    """The address whose guesses are counted together: of IPv6 the network one site is given."""
    host = connection.client.host if connection.client else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ip_network((int(address), SITE_BITS), strict=False))
    return host
