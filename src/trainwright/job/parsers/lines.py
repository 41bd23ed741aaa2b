"""Cut a byte stream into log lines, wherever the reads happen to end."""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_LINE = 32_768
"""Bytes of one line that are looked at; what follows in it is counted and dropped."""

_ENDS = re.compile(rb"[\r\n]")
# CSI and OSC sequences, and the two-byte escapes; bounded so that a stray ESC costs nothing
_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,512}(?:\x07|\x1b\\)|[@-_])"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")


class LineSplitter:
    r"""Gives `(text, end)` for each complete line; `\r`, `\n` and `\r\n` all end one.

    Attributes:
        consumed: Byte offset just after the last complete line.
        after_return: The last line ended in `\r`, so a `\n` that follows belongs to it.
    """

    def __init__(self, consumed: int = 0, *, after_return: bool = False) -> None:
        self.consumed = consumed
        self.after_return = after_return
        self._kept = bytearray()
        self._dropped = 0

    def feed(self, data: bytes) -> Iterator[tuple[str, int]]:
        start = 0
        for match in _ENDS.finditer(data):
            at = match.start()
            pending = len(self._kept) + self._dropped
            is_pair = self.after_return and not pending and at == start and data[at] == 0x0A
            self._keep(data[start:at])
            start = at + 1
            yield from self._complete(1, data[at] == 0x0D, silent=is_pair)
        self._keep(data[start:])

    def flush(self) -> Iterator[tuple[str, int]]:
        """The last line of a stream that has ended without a line end."""
        if self._kept:
            yield from self._complete(0, after_return=False)

    def _complete(
        self, ending: int, after_return: bool, *, silent: bool = False
    ) -> Iterator[tuple[str, int]]:
        raw, dropped = bytes(self._kept), self._dropped
        self._kept.clear()
        self._dropped = 0
        self.consumed += len(raw) + dropped + ending
        self.after_return = after_return
        if not silent:
            yield clean(raw, cut=dropped > 0), self.consumed

    def _keep(self, data: bytes) -> None:
        room = MAX_LINE - len(self._kept)
        self._kept += data[:room]
        self._dropped += max(0, len(data) - room)


def clean(raw: bytes, *, cut: bool = False) -> str:
    """A line as text without terminal control; a cut line loses its torn last word."""
    text = raw.decode("utf-8", "replace")
    if cut:
        text = text.rpartition(" ")[0]
    if "\x1b" in text:
        text = _ESCAPES.sub("", text)
    if "\x08" in text:  # redrawn in place: what was written last stands
        text = next((part for part in reversed(text.split("\x08")) if part.strip()), "")
    if not text.isprintable():
        text = _CONTROLS.sub(" ", text)
    return text
