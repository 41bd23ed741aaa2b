"""Reading the trainer's log: complete lines only, from a given byte on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from trainwright.spec.events import Log

READ_BYTES = 256 * 1024
"""In one read, so that the agent is never busy with one for longer than about half a second."""
LOG_BYTES = 64 * 1024
"""Of the log's bytes, at most this many go into one event."""


class Tail:
    """Follows a growing file.

    Attributes:
        offset: Byte up to which lines have been given out.
    """

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset

    def read(self, *, until: int | None = None, at_end: bool = False) -> bytes:
        """The next complete lines, at most 256 KiB of them; empty when there are none.

        A line longer than that is given out in pieces.

        Args:
            until: Look no further than this byte.
            at_end: Nothing will follow, so a last line without an end counts as complete.
        """
        data = self._peek(until)
        if len(data) == READ_BYTES:
            data = data[: _last_line(data) or _last_character(data)]
        elif not at_end:
            data = data[: _last_line(data)]
        self.offset += len(data)
        return data

    def _peek(self, until: int | None) -> bytes:
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return b""
        try:
            size = READ_BYTES if until is None else min(READ_BYTES, until - self.offset)
            return os.pread(fd, max(0, size), self.offset)
        finally:
            os.close(fd)


def log_events(data: bytes, offset: int) -> Iterator[Log]:
    """Cut log bytes into events of at most 64 KiB, between lines where there are any.

    Args:
        data: Bytes of the log.
        offset: Where in the log they begin.
    """
    start = 0
    while start < len(data):
        end = _cut(data, start, min(len(data), start + LOG_BYTES))
        text = data[start:end].decode("utf-8", "replace")
        yield Log(text=text, offset=offset + start, size=end - start)
        start = end


def _cut(data: bytes, start: int, end: int) -> int:
    if end == len(data):
        return end
    piece = data[start:end]
    return start + (_last_line(piece) or _last_character(piece))


def _last_line(data: bytes) -> int:
    """Where the last complete line ends, 0 if there is none."""
    return max(data.rfind(b"\n"), data.rfind(b"\r")) + 1


def _last_character(data: bytes) -> int:
    """Where the last complete UTF-8 character ends, as far as that can be told."""
    for back in range(1, min(4, len(data)) + 1):
        byte = data[-back]
        if byte < 0x80:
            break
        if byte >= 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(data) - back if length > back else len(data)
    return len(data)
