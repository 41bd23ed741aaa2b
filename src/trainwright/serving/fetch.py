"""Fetching an image by URL without becoming a way into private networks.

Names are resolved here, every address is judged, and the connection goes to the very address that
was judged: a name that changes its mind in between gains nothing. Redirects pass the same gate.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

from trainwright.serving.inputs import MAX_BYTES, save_stream
from trainwright.spec.errors import ForbiddenError, InputError, InvalidRequestError

MAX_REDIRECTS = 3

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS = frozenset((301, 302, 303, 307, 308))

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def fetch_image(
    url: str,
    folder: Path,
    *,
    allow_private: bool = False,
    max_bytes: int = MAX_BYTES,
    timeout: float = 20.0,
) -> Path:
    """Download an image to a new file.

    Args:
        url: `http` or `https`, without a user name.
        folder: As `save_image`.
        allow_private: Also fetch from loopback, private and link-local addresses.
        max_bytes: Largest size taken.
        timeout: Seconds for everything together.

    Raises:
        InvalidRequestError: Not such a URL, or too many redirects.
        ForbiddenError: It leads into a private network.
        InputError: It cannot be fetched in time, or is not an image.
        TooLargeError: More than `max_bytes`.
    """
    deadline = time.monotonic() + timeout
    with httpcore.ConnectionPool(network_backend=GuardedNetwork(deadline, allow_private)) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            with _response(pool, url) as response:
                if response.status in _REDIRECTS:
                    url = urljoin(url, _location(response))
                    continue
                if response.status != 200:
                    raise _failed(f"the server answered {response.status}")
                return save_stream(response.iter_stream(), folder, max_bytes=max_bytes)
    raise InvalidRequestError("the URL redirects too often", field="inputs")


class GuardedNetwork(httpcore.NetworkBackend):
    """Connects only to addresses of the public internet, unless told otherwise.

    Args:
        deadline: Of everything, as `time.monotonic` counts; later reads time out.
        allow_private: Connect to any address.
    """

    def __init__(self, deadline: float, allow_private: bool = False) -> None:
        self._deadline = deadline
        self._allow_private = allow_private
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
        addresses = resolve(host, port)
        if not self._allow_private and not all(map(is_public, addresses)):
            raise ForbiddenError(
                f"{host} is in a private network", field="inputs", expected="a public address"
            )
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


def resolve(host: str, port: int) -> list[Address]:
    """Addresses of a host, in the system's order of preference.

    Raises:
        InputError: There is no such host.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _failed(f"{host} is not known: {error}") from None
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
    return address.is_global and not address.is_multicast


@contextmanager
def _response(pool: httpcore.ConnectionPool, url: str) -> Iterator[httpcore.Response]:
    _check_url(url)
    headers = [
        ("Accept", "image/*"),
        ("Accept-Encoding", "identity"),
        ("User-Agent", "trainwright"),
    ]
    try:
        with pool.stream("GET", url, headers=headers) as response:
            yield response
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
        raise _failed(str(error) or type(error).__name__) from None


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
        parts = urlsplit("")
    if not sound or parts.username is not None or not url.isascii() or not url.isprintable():
        raise InvalidRequestError(
            "it is not a URL that can be fetched",
            field="inputs",
            expected="http:// or https:// with a host and no user name",
        )


def _location(response: httpcore.Response) -> str:
    for name, value in response.headers:
        if name.lower() == b"location":
            return value.decode("ascii", errors="replace")
    raise _failed("the server redirects to nowhere")


def _failed(why: str) -> InputError:
    return InputError(f"it cannot be fetched: {why}", field="inputs", mend="upload the file")
