"""A long series read as a few spans: from roll-ups, and from points where those are too coarse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from trainwright.store.models import MetricPoint, MetricRollup, MetricSeries
from trainwright.store.repositories.rollups import LEVELS, Conditions, Rollups
from trainwright.store.repositories.spans import Span, fold_into

_POINTS = -1
"""The level of single points, as an index into `LEVELS`."""

_FINENESS = 2
"""Spans read for a bucket, at most; a level four times as coarse would have half a span for it."""

_SCANNED = 1024
_SEPARATE = 32

Window = tuple[int, int]


@dataclass(frozen=True)
class Steps:
    """A range of steps, both ends in it; a point without a step is in none that has an end."""

    first: int | None = None
    last: int | None = None

    @property
    def limited(self) -> bool:
        return self.first is not None or self.last is not None

    def conditions(self) -> list[ColumnElement[bool]]:
        found = []
        if self.first is not None:
            found.append(MetricPoint.step >= self.first)
        if self.last is not None:
            found.append(MetricPoint.step <= self.last)
        return found

    def touched(self) -> list[ColumnElement[bool]]:
        """Conditions of roll-ups that may hold a point of the range."""
        found = []
        if self.first is not None:
            found.append(MetricRollup.greatest_step >= self.first)
        if self.last is not None:
            found.append(MetricRollup.least_step <= self.last)
        return found

    def hold(self, span: Span) -> bool:
        """Whether every point of the span is in the range."""
        if span.stepless or span.least_step is None or span.greatest_step is None:
            return False
        return (self.first is None or span.least_step >= self.first) and (
            self.last is None or span.greatest_step <= self.last
        )


class LongCurve:
    """One series, to be read as spans.

    Args:
        session: The transaction.
        series: Which.
        counting: Which of its points count.
        steps: Which of those are wanted.
        start: Only places from here on.
    """

    def __init__(
        self,
        session: Session,
        series: MetricSeries,
        counting: Conditions,
        steps: Steps,
        start: int = 0,
    ) -> None:
        self._rollups = Rollups(session)
        self._series = series
        self._wanted = [*counting, *steps.conditions()]
        self._steps = steps
        self._start = start

    def read(self, buckets: int) -> list[Span]:
        """At most so many spans over all that is wanted; single points if those are no more."""
        windows = [(self._start, self._series.next_seq)]
        most = buckets * _FINENESS
        level = _level_for(self._series.next_seq - self._start, max(most, _SCANNED))
        while True:
            spans = self._over(windows, level)
            finer = _level_for(_count(spans), most)
            if finer >= level:
                exact = self._exact(spans)
                finer = _level_for(_count(exact), most)
                if finer >= level:
                    return exact if _count(exact) <= buckets else fold_into(exact, buckets)
            windows, level = _windows(spans), finer

    def _over(self, windows: Sequence[Window], level: int) -> list[Span]:
        """Spans of a level over some windows, those in which nothing can be wanted left out."""
        return [span for start, end in windows for span in self._cover(level, start, end)]

    def _cover(self, level: int, start: int, end: int) -> list[Span]:
        """Every place from `start` to `end` once: in spans of a level, finer ones at the ends."""
        if start >= end:
            return []
        if level == _POINTS:
            return self._rollups.points(self._series.id, start, end, self._wanted)
        shift = LEVELS[level]
        first, last = -(-start >> shift), min(end, self._series.rolled) >> shift
        if first >= last:
            return self._cover(level - 1, start, end)
        return [
            *self._cover(level - 1, start, first << shift),
            *self._rollups.spans(self._series.id, shift, first, last, self._steps.touched()),
            *self._cover(level - 1, last << shift, end),
        ]

    def _exact(self, spans: Sequence[Span]) -> list[Span]:
        """`spans`, with those that hold unwanted points, too, taken apart."""
        if not self._steps.limited:
            return [*spans]
        torn = _windows([span for span in spans if not self._steps.hold(span)])
        if not torn:
            return [*spans]
        if len(torn) > _SEPARATE:
            torn = [(spans[0].start, spans[-1].end)]
        whole = [s for s in spans if not any(start <= s.start < end for start, end in torn)]
        whole += self._over(torn, _POINTS)
        return sorted(whole, key=lambda span: span.start)


def _count(spans: Sequence[Span]) -> int:
    return sum(span.points for span in spans)


def _level_for(points: int, most: int) -> int:
    """The finest level that has no more than `most` spans over so many points."""
    if points <= most:
        return _POINTS
    for index, shift in enumerate(LEVELS):
        if points >> shift <= most:
            return index
    return len(LEVELS) - 1


def _windows(spans: Sequence[Span]) -> list[Window]:
    """Where the spans lie; neighbours as one, and far too many as a single one."""
    windows: list[Window] = []
    for span in spans:
        if windows and windows[-1][1] == span.start:
            windows[-1] = (windows[-1][0], span.end)
        else:
            windows.append((span.start, span.end))
    if len(windows) > _SEPARATE:
        return [(windows[0][0], windows[-1][1])]
    return windows
