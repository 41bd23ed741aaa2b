"""Fetching an image by URL without becoming a way into private networks.

Redirects pass the same gate as the first address.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpcore

from trainwright.network import Address, GuardedNetwork, is_public
from trainwright.serving.inputs import MAX_BYTES, save_stream
from trainwright.spec.errors import ForbiddenError, InputError, InvalidRequestError

MAX_REDIRECTS = 3

_REDIRECTS = frozenset((301, 302, 303, 307, 308))


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
    judge = _anywhere if allow_private else _public_only
    with httpcore.ConnectionPool(network_backend=GuardedNetwork(deadline, judge)) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            with _response(pool, url) as response:
                if response.status in _REDIRECTS:
                    url = urljoin(url, _location(response))
                    continue
                if response.status != 200:
                    raise _failed(f"the server answered {response.status}")
                return save_stream(response.iter_stream(), folder, max_bytes=max_bytes)
    raise InvalidRequestError("the URL redirects too often", field="inputs")


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


def _anywhere(host: str, port: int, addresses: Sequence[Address]) -> None:
    """Loopback and private networks, too."""


def _public_only(host: str, _port: int, addresses: Sequence[Address]) -> None:
    if not all(map(is_public, addresses)):
        raise ForbiddenError(
            f"{host} is in a private network", field="inputs", expected="a public address"
        )


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
