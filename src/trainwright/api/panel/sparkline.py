"""A curve in one line of block characters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_BLOCKS = "▁▂▃▄▅▆▇█"
_GAP = "·"  # NaN or infinite: shown as a gap, because that is what a person must see


def sparkline(values: Sequence[float], width: int) -> str:
    """The last look of a series: at most `width` characters, each the mean of its bucket."""
    if not values or width < 1:
        return ""
    buckets = min(width, len(values))
    edges = [round(i * len(values) / buckets) for i in range(buckets + 1)]
    means = [_mean(values[a:b]) for a, b in pairwise(edges)]
    known = [m for m in means if m is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    span = high - low
    top = len(_BLOCKS) - 1
    return "".join(
        _GAP if m is None else _BLOCKS[round((m - low) / span * top) if span > 0 else top // 2]
        for m in means
    )


def _mean(values: Sequence[float]) -> float | None:
    finite = [v for v in values if math.isfinite(v)]
    return sum(finite) / len(finite) if finite else None
