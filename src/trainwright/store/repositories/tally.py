"""A series' summary, kept up to date while points are added."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import bindparam, update

from trainwright.store.models import MetricSeries
from trainwright.store.repositories.spans import special_of


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
    "rolled",
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
    """A series' summary while points of an attempt are added.

    Args:
        series: The series.
        attempt: Whose points.
        horizon: The last step of the attempt that counts, if a later one cut it short.
    """

    def __init__(self, series: MetricSeries, attempt: int, horizon: int | None = None) -> None:
        self.series_id = series.id
        self.now: dict[str, Any] = {name: getattr(series, name) for name in SUMMARY_COLUMNS}
        self._attempt = attempt
        self._horizon = horizon

    def add(self, point: NewPoint) -> tuple[Any, ...]:
        """Count the point in; the row that keeps it, its columns in order."""
        now, value = self.now, point.value
        special = special_of(value)
        kept = None if special else value
        place = (self.series_id, now["next_seq"], self._attempt)
        now["next_seq"] += 1
        if self._horizon is None or counts(point.step, self._horizon):
            self._count(point, kept, special)
        return (*place, point.step, point.epoch, kept, special, point.timestamp_us)

    def _count(self, point: NewPoint, kept: float | None, special: int) -> None:
        now = self.now
        now["count"] += 1
        now["last"], now["last_special"] = kept, special
        now["last_step"], now["last_epoch"] = point.step, point.epoch
        if kept is not None:
            if now["minimum"] is None or kept < now["minimum"]:
                now["minimum"], now["minimum_step"] = kept, point.step
            if now["maximum"] is None or kept > now["maximum"]:
                now["maximum"], now["maximum_step"] = kept, point.step

    def summary(self) -> dict[str, Any]:
        return {"series_id": self.series_id, **self.now}


def counts(step: int | None, horizon: int) -> bool:
    """Whether a point still counts whose attempt was cut short after `horizon`.

    An attempt that starts at step 0 supersedes points without a step, too.
    """
    return horizon > 0 and (step or 0) <= horizon
