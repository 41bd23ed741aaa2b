"""A run's log for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from trainwright.job.report import PREFIX

if TYPE_CHECKING:
    from trainwright.spec.api import LogChunk

_MOST = 100_000
# all but colours (SGR), tabs and line ends: a log may not steer the terminal it is shown on
_STEERING = re.compile(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")


def harmless(text: str) -> str:
    """Text without control characters, colours excepted."""
    return _STEERING.sub("", text)


def last_lines(fetch: Callable[[int], LogChunk], wanted: int) -> tuple[str, int]:
    """The last lines a person sees, and the offset behind them.

    Args:
        fetch: Gets the last so many lines of the log, report lines among them.
        wanted: Lines to show.
    """
    asked = wanted
    while True:
        chunk = fetch(min(asked, _MOST))
        seen = "".join(without_reports([chunk.text])).splitlines(keepends=True)
        if len(seen) >= wanted or chunk.offset == 0 or asked >= _MOST:
            return "".join(seen[-wanted:]), chunk.next_offset
        asked *= 4


def without_reports(pieces: Iterable[str]) -> Iterator[str]:
    """The log without the lines that speak to the agent, however it was cut into pieces."""
    rest, at_start = "", True
    for piece in pieces:
        *lines, rest = (rest + piece).split("\n")
        for line in lines:
            if not (at_start and line.startswith(PREFIX)):
                yield line + "\n"
            at_start = True
        # a prompt or progress bar without a line end is shown at once
        if rest and not (at_start and PREFIX.startswith(rest[: len(PREFIX)])):
            yield rest
            rest, at_start = "", False
    if rest and not rest.startswith(PREFIX):
        yield rest
