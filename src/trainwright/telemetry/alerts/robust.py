"""Statistics that a few wild values cannot move."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

SIGMA = 1.4826
"""Makes a median absolute deviation estimate the standard deviation of a normal distribution."""


def centre_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Median and scaled median absolute deviation (Hampel 1974)."""
    centre = median(values)
    return centre, SIGMA * median(abs(value - centre) for value in values)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The Theil-Sen estimate: the median of the slopes of all pairs (Sen 1968)."""
    return median(
        (y2 - y1) / (x2 - x1)
        for place, (x1, y1) in enumerate(points)
        for x2, y2 in points[place + 1 :]
        if x2 != x1
    )
