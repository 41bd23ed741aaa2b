"""Connections to addresses that strangers name, judged before they are made.

Names are resolved here, every address is judged, and the connection goes to the very address that
was judged: a name that changes its mind in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_HANDED_OUT = ipaddress.ip_network("2000::/3")
"""Of IPv6, what is given to anybody; all else means something to some network only."""
_SPECIAL = (
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("192.88.99.0/24"),
    ipaddress.ip_network("3fff::/20"),
)
"""What older versions of the library below take for addresses like any other."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Judge = Callable[[str, int, Sequence[Address]], None]
"""Raises what is to be said where a host, a port and all its addresses are not to be reached."""


def resolve(host: str, port: int) -> list[Address]:
    """Addresses of a host, in the system's order of preference.

    Raises:
        httpcore.ConnectError: There is no such host.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} is not known: {error}") from None
    return [ipaddress.ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet, looking into IPv6 that carries IPv4."""
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if address.teredo:
            carried = address.teredo[1]
        if address in _NAT64:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(carried)
        if address not in _HANDED_OUT:
            return False
    is_special = address.is_multicast or any(address in network for network in _SPECIAL)
    return address.is_global and not is_special


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects only where the judge lets it.

    Args:
        deadline: Of everything, as `time.monotonic` counts; later reads time out.
        judge: Says what may not be reached.
        resolver: From a host and a port to addresses.
    """

    def __init__(
        self,
        deadline: float,
        judge: Judge,
        resolver: Callable[[str, int], Sequence[Address]] = resolve,
    ) -> None:
        self._deadline = deadline
        self._judge = judge
        self._resolve = resolver
        self._inner = httpcore.SyncBackend()

    def _left(self) -> float:
        return _left_until(self._deadline, httpcore.ConnectTimeout)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 (the deadline rules)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._resolve(host, port)
        self._judge(host, port, addresses)
        for place, address in enumerate(addresses, start=1):
            try:
                stream = self._inner.connect_tcp(
                    str(address), port, self._left(), local_address, socket_options
                )
            except httpcore.ConnectError:
                # a host with an IPv6 address is often reached by its IPv4 one only
                if place == len(addresses):
                    raise
            else:
                return _BoundedStream(stream, self._deadline)
        raise httpcore.ConnectError(f"{host} has no address")


class _BoundedStream(httpcore.NetworkStream):
    """A stream that ends at the deadline, however little a slow sender sends at a time."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 (the deadline rules)
        return self._inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 (the deadline rules)
        self._inner.write(buffer, self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 (the deadline rules)
    ) -> httpcore.NetworkStream:
        secured = self._inner.start_tls(ssl_context, server_hostname, self._left())
        return _BoundedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    def _left(self) -> float:
        return _left_until(self._deadline, httpcore.ReadTimeout)


def _left_until(deadline: float, error: type[httpcore.TimeoutException]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise error("it takes too long")
    return left
