"""A run's log for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trainwright.job.report import PREFIX


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
