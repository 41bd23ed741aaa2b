"""Whatever way an input of a model arrives — uploaded, as base64, by URL — it becomes a file."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from trainwright.serving.fetch import fetch_image
from trainwright.serving.inputs import MAX_BYTES, TooLargeError, save_base64, save_stream
from trainwright.spec.errors import InvalidRequestError

MAX_TOTAL = 256 * 1024 * 1024
"""Largest sum of the inputs of one request, in bytes."""

FETCH_SECONDS = 60.0
"""How long fetching all URLs of one request may take."""

_CHUNK = 1 << 20
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True)
class Upload:
    """A file as it was sent; its name is only ever a label."""

    name: str
    stream: BinaryIO


Given = Upload | str
"""An input as it was sent: a file, base64 (also as a `data:` URL), or a URL."""


@dataclass(frozen=True)
class Taken:
    """An input once it was looked at.

    Attributes:
        name: What the sender knows it by.
        source: The file, or why there is none.
    """

    name: str
    source: Path | InvalidRequestError


class Intake:
    """Takes the inputs of one request; one that cannot be taken is no harm to the others.

    Args:
        folder: Where files are written; the caller deletes it.
        allow_private: Also fetch URLs from loopback, private and link-local addresses.
        max_total: Bytes of all inputs together.
        fetch_seconds: For all URLs together.
    """

    def __init__(
        self,
        folder: Path,
        *,
        allow_private: bool = False,
        max_total: int = MAX_TOTAL,
        fetch_seconds: float = FETCH_SECONDS,
    ) -> None:
        self._folder = folder
        self._allow_private = allow_private
        self._left = max_total
        self._deadline = time.monotonic() + fetch_seconds

    def take(self, given: Given, place: int) -> Taken:
        """Write one input to a file.

        Args:
            given: The input.
            place: Its index in the request, by which one without a name is known.

        Raises:
            StorageError: Files cannot be written.
        """
        name = _name(given, place)
        try:
            path = self._written(given)
        except InvalidRequestError as error:
            return Taken(name, error)
        self._left -= path.stat().st_size
        return Taken(name, path)

    def _written(self, given: Given) -> Path:
        if self._left <= 0:
            raise TooLargeError(
                "the inputs before it are too large together",
                field="inputs",
                expected="fewer inputs a request",
            )
        limit = min(MAX_BYTES, self._left)
        if isinstance(given, Upload):
            return save_stream(_chunks(given.stream), self._folder, max_bytes=limit)
        if is_url(given):
            return fetch_image(
                given,
                self._folder,
                allow_private=self._allow_private,
                max_bytes=limit,
                timeout=min(20.0, max(0.0, self._deadline - time.monotonic())),
            )
        return save_base64(given, self._folder, max_bytes=limit)


def is_url(text: str) -> bool:
    """Whether a text says where an image is, rather than being one."""
    return _URL.match(text) is not None


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _name(given: Given, place: int) -> str:
    if isinstance(given, Upload) and given.name:
        return given.name
    if isinstance(given, str) and is_url(given):
        return given[:2048]
    return f"inputs.{place}"
