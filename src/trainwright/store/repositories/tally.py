"""A series' summary, kept up to date while points are added."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from sqlalchemy import bindparam, update

from trainwright.store.models import MetricSeries


class NewPoint(NamedTuple):
    """A point to be stored."""

    name: str
    value: float
    step: int | None
    epoch: float | None
    timestamp_us: int
    """Microseconds since the epoch."""


SUMMARY_COLUMNS = (
    "next_seq",
    "count",
    "last",
    "last_special",
    "last_step",
    "last_epoch",
    "minimum",
    "minimum_step",
    "maximum",
    "maximum_step",
)
WRITE_SUMMARY = (
    update(MetricSeries.__table__)  # type: ignore[arg-type]
    .where(MetricSeries.__table__.c.id == bindparam("series_id"))
    .values({name: bindparam(name) for name in SUMMARY_COLUMNS})
)
"""Takes `series_id` and the columns of `SUMMARY_COLUMNS`."""


class Tally:
    """A series' summary while points are added."""

    def __init__(self, series: MetricSeries) -> None:
        self.series_id = series.id
        self.now: dict[str, Any] = {name: getattr(series, name) for name in SUMMARY_COLUMNS}

    def add(self, point: NewPoint, attempt: int) -> tuple[Any, ...]:
        """Count the point in; the row that keeps it, its columns in order."""
        now, value = self.now, point.value
        special = 0 if math.isfinite(value) else _special(value)
        kept = None if special else value
        place = (self.series_id, now["next_seq"], attempt)
        now["next_seq"] += 1
        now["count"] += 1
        now["last"], now["last_special"] = kept, special
        now["last_step"], now["last_epoch"] = point.step, point.epoch
        if kept is not None:
            if now["minimum"] is None or kept < now["minimum"]:
                now["minimum"], now["minimum_step"] = kept, point.step
            if now["maximum"] is None or kept > now["maximum"]:
                now["maximum"], now["maximum_step"] = kept, point.step
        return (*place, point.step, point.epoch, kept, special, point.timestamp_us)

    def summary(self) -> dict[str, Any]:
        return {"series_id": self.series_id, **self.now}


def _special(value: float) -> int:
    if math.isnan(value):
        return 1
    return 2 if value > 0 else 3
