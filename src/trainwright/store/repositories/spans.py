"""Points of a series summed up: single ones, and spans of any length folded out of shorter ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

_SPECIAL = {1: math.nan, 2: math.inf, 3: -math.inf}


class Span(NamedTuple):
    """Points that arrived one after another, as one.

    Attributes:
        start: Place of the first in the series.
        end: The place after the last.
        points: Points that count, special ones included.
        attempt: The attempt the last comes from.
        least_step: Least step; None where no point has one.
        greatest_step: Greatest step.
        stepless: Points without a step.
        epoch: Epoch of the last point that has one.
        mean: Mean of the finite values; None where there is none.
        minimum: Least finite value.
        maximum: Greatest finite value.
        nans: Points that are NaN.
        infinities: Points that are infinite.
        minus_infinities: Points that are minus infinity.
        first: The first value, whatever it is.
        last: The last value, whatever it is.
        timestamp_us: When the last was measured, microseconds since the epoch.
    """

    start: int
    end: int
    points: int
    attempt: int
    least_step: int | None
    greatest_step: int | None
    stepless: int
    epoch: float | None
    mean: float | None
    minimum: float | None
    maximum: float | None
    nans: int
    infinities: int
    minus_infinities: int
    first: float
    last: float
    timestamp_us: int

    @property
    def finite(self) -> int:
        return self.points - self.nans - self.infinities - self.minus_infinities


def read_value(value: float | None, special: int) -> float:
    """A value as the columns keep it: NULL where `special` says what it is."""
    return _SPECIAL.get(special, math.nan) if value is None else value


def special_of(value: float) -> int:
    """How the columns name a value: 0 a number, 1 NaN, 2 infinity, 3 minus infinity."""
    if math.isfinite(value):
        return 0
    if math.isnan(value):
        return 1
    return 2 if value > 0 else 3


def single(row: Sequence[Any]) -> Span:
    """A point, from its columns `seq, attempt, step, epoch, value, special, timestamp_us`."""
    seq, attempt, step, epoch, kept, special, at = row
    value = read_value(kept, special)
    return Span(
        seq, seq + 1, 1, attempt, step, step, int(step is None), epoch, kept, kept, kept,
        int(special == 1), int(special == 2), int(special == 3), value, value, at,
    )  # fmt: skip


def summed(rows: Sequence[Sequence[Any]]) -> Span:
    """Points, given by the columns that `single` takes, as one span."""
    seqs, attempts, steps, epochs, values, specials, times = zip(*rows, strict=True)
    finite = [v for v in values if v is not None] if any(specials) else values
    return Span(
        seqs[0],
        seqs[-1] + 1,
        len(rows),
        attempts[-1],
        _extreme(min, steps),
        _extreme(max, steps),
        steps.count(None),
        _last_known(epochs),
        _plain_mean(finite) if finite else None,
        min(finite) if finite else None,
        max(finite) if finite else None,
        specials.count(1),
        specials.count(2),
        specials.count(3),
        read_value(values[0], specials[0]),
        read_value(values[-1], specials[-1]),
        times[-1],
    )


def fold(spans: Sequence[Span]) -> Span:
    """Spans, in the order of their places, as one."""
    if len(spans) == 1:
        return spans[0]
    first, last = spans[0], spans[-1]
    (
        _, _, points, _, least, greatest, stepless, epochs, means, minima, maxima,
        nans, infinities, minus_infinities, _, _, _,
    ) = zip(*spans, strict=True)  # fmt: skip
    specials = (*nans, *infinities, *minus_infinities)
    return Span(
        first.start,
        last.end,
        sum(points),
        last.attempt,
        _extreme(min, least),
        _extreme(max, greatest),
        sum(stepless),
        _last_known(epochs),
        _mean(spans) if None in means or any(specials) else _weighted(means, points),
        _extreme(min, minima),
        _extreme(max, maxima),
        sum(nans),
        sum(infinities),
        sum(minus_infinities),
        first.first,
        last.last,
        last.timestamp_us,
    )


def fold_into(spans: Sequence[Span], most: int) -> list[Span]:
    """At most so many spans, each of about as many points."""
    total = sum(span.points for span in spans)
    folded: list[Span] = []
    group: list[Span] = []
    before, place = 0, 0
    for span in spans:
        if before * most // total != place and group:
            folded.append(fold(group))
            group = []
        place = before * most // total
        group.append(span)
        before += span.points
    return [*folded, fold(group)] if group else folded


def _last_known(values: Sequence[float | None]) -> float | None:
    return next((v for v in reversed(values) if v is not None), None)


def _extreme(choose: Callable[[Iterable[Any]], Any], values: Sequence[Any]) -> Any:
    if None in values:
        values = [v for v in values if v is not None]
    return choose(values) if values else None


def _plain_mean(values: Sequence[float]) -> float:
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return sum(v / len(values) for v in values)


def _mean(spans: Sequence[Span]) -> float | None:
    known = [(s.mean, s.finite) for s in spans if s.mean is not None]
    return _weighted(*zip(*known, strict=True)) if known else None


def _weighted(means: Sequence[float], weights: Sequence[int]) -> float:
    if max(weights) == 1:
        return _plain_mean(means)
    total = sum(weights)
    # each weight is a share first, so that no sum leaves the range of numbers
    shares = [mean * (weight / total) for mean, weight in zip(means, weights, strict=True)]
    return math.fsum(shares)
