"""The trainer's output, read once: metrics, progress, reports and the log itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainwright.job.parsers import ParsedMetric, Points, Progress, Report, StreamParser
from trainwright.job.tail import Tail, log_events
from trainwright.spec.events import Log, MetricPoint, Metrics

NAME_LENGTH = 200

POINTS = 1000
"""Metric points in one event, at most."""


@dataclass
class Read:
    """What one read brought."""

    points: list[ParsedMetric] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)

    def metrics(self) -> Iterator[Metrics]:
        """The points as events, of a bounded size each."""
        for start in range(0, len(self.points), POINTS):
            yield Metrics(points=[_point(p) for p in self.points[start : start + POINTS]])


def _point(p: ParsedMetric) -> MetricPoint:
    name = encodable(p.name)[:NAME_LENGTH] or "unnamed"
    return MetricPoint(name=name, value=p.value, step=countable(p.step), epoch=p.epoch)


def countable(number: int | None) -> int | None:
    """The number if every database can hold it as a count, else `None`."""
    return number if number is not None and 0 <= number < 2**63 else None


def encodable(text: str) -> str:
    """The text without what UTF-8 cannot say: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode()


class Output:
    """Reads an attempt's share of the log; its cursor carries the state to another process."""

    def __init__(self, path: Path, base: int, patterns: Sequence[str] = ()) -> None:
        """Begin an attempt.

        Args:
            path: The log.
            base: Where in the log the attempt begins.
            patterns: The user's own regexes.
        """
        self._base = base
        self._tail = Tail(path, base)
        self._parser = StreamParser(patterns)

    @classmethod
    def resumed(cls, path: Path, cursor: dict[str, Any], patterns: Sequence[str] = ()) -> Output:
        """Go on from a cursor."""
        output = cls(path, cursor["base"], patterns)
        output._parser.restore(cursor["parser"])
        # a line longer than one read was given out in part: show the parser its beginning again
        output._tail.offset = output._base + output._parser.consumed
        while output._tail.offset < cursor["log"]:
            beginning = output._tail.read(until=cursor["log"], at_end=True)
            if not beginning:
                break
            output._parser.feed(beginning)
        output._tail.offset = cursor["log"]
        return output

    @property
    def offset(self) -> int:
        """Byte of the log up to which it was read."""
        return self._tail.offset

    def cursor(self) -> dict[str, Any]:
        """The state from which `resumed` goes on."""
        return {
            "log": self._tail.offset,
            "base": self._base,
            "parser": self._parser.snapshot(),
        }

    def read(self, *, until: int | None = None, at_end: bool = False) -> Read | None:
        """The next complete lines, or `None` when there are none.

        Args:
            until: Look no further than this byte.
            at_end: The log has ended, so a last line without an end is complete.
        """
        start = self._tail.offset
        data = self._tail.read(until=until, at_end=at_end)
        if not data:
            return None
        found = Read(logs=list(log_events(data, start)))
        for item in self._parser.feed(data):
            if isinstance(item, Points):
                found.points += item.points
            elif isinstance(item, Progress):
                found.progress.append(item)
            else:
                found.reports.append(item)
        return found

    def flush(self) -> Read | None:
        """Parse a last line without an end, after the last `read`."""
        items = self._parser.flush()
        if not items:
            return None
        return Read(
            points=[p for i in items if isinstance(i, Points) for p in i.points],
            progress=[i for i in items if isinstance(i, Progress)],
            reports=[i for i in items if isinstance(i, Report)],
        )
