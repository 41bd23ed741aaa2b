"""Metrics: points in, curves and summaries out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, func, not_, select, update

from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.metrics import lower_is_better
from trainwright.spec.result import MetricSummary
from trainwright.store.models import Attempt, MetricPoint, MetricSeries
from trainwright.store.repositories.base import Repository

_SPECIAL = {1: math.nan, 2: math.inf, 3: -math.inf}


class NewPoint(NamedTuple):
    """A point to be stored."""

    name: str
    value: float
    step: int | None
    epoch: float | None
    timestamp_us: int
    """Microseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve, or a bucket of several.

    Attributes:
        seq: Place in the series, a bucket's last; strictly rising.
        attempt: The attempt it comes from.
        step: Training step, a bucket's last.
        epoch: Epoch, a bucket's last.
        value: The value, or the mean of a bucket's finite ones; NaN when it has none.
        minimum: Least finite value of a bucket.
        maximum: Greatest finite value of a bucket.
        count: Points in the bucket.
        timestamp: When it was measured, a bucket's last.
    """

    seq: int
    attempt: int
    step: int | None
    epoch: float | None
    value: float
    minimum: float
    maximum: float
    count: int
    timestamp: datetime


class Metrics(Repository):
    def names(self, run_id: str) -> list[str]:
        query = select(MetricSeries.name).where(MetricSeries.run_id == run_id)
        return [*self.session.scalars(query.order_by(MetricSeries.name))]

    def summaries(self, run_id: str) -> Sequence[MetricSeries]:
        """Every series of the run with its last, least and greatest value, by name."""
        query = select(MetricSeries).where(MetricSeries.run_id == run_id, MetricSeries.count > 0)
        return self.session.scalars(query.order_by(MetricSeries.name)).all()

    def latest(self, run_id: str) -> dict[str, float]:
        """The last value of every metric."""
        return {s.name: _value(s.last, s.last_special) for s in self.summaries(run_id)}

    def best(self, run_id: str) -> dict[str, MetricSummary]:
        """Final and best value of every metric; NaN where no finite value was seen."""
        return {s.name: _summary(s) for s in self.summaries(run_id)}

    def series(
        self,
        run_id: str,
        name: str,
        *,
        after_step: int | None = None,
        max_points: int | None = None,
    ) -> list[Point]:
        """One metric's curve, without the points that a later attempt superseded.

        Args:
            run_id: The run.
            name: The metric; one that was never logged has an empty curve.
            after_step: Only points beyond this step.
            max_points: Fold longer curves into at most this many buckets (mean, least, greatest).
        """
        if max_points is not None and max_points < 1:
            raise InvalidRequestError(
                "no curve has fewer points than one", field="max_points", expected="at least 1"
            )
        found = self.session.execute(
            select(MetricSeries.id).where(MetricSeries.run_id == run_id, MetricSeries.name == name)
        ).scalar_one_or_none()
        if found is None:
            return []
        wanted = [MetricPoint.series_id == found, *_counting(self._horizons(run_id))]
        if after_step is not None:
            wanted.append(MetricPoint.step > after_step)
        if max_points is not None:
            span = select(func.count(), func.min(MetricPoint.seq), func.max(MetricPoint.seq)).where(
                *wanted
            )
            count, first, last = self.session.execute(span).one()
            if count > max_points:
                return self._buckets(wanted, first, last, max_points)
        return self._points(wanted)

    def write(self, run_id: str, attempt: int, points: Sequence[NewPoint]) -> None:
        """Store points and bring the summaries up to date; the caller holds the run's lock."""
        known = self._series(run_id, {p.name for p in points})
        tallies = {name: _Tally(series) for name, series in known.items()}
        rows = [tallies[p.name].add(p, attempt) for p in points]
        if rows:
            self._insert_points(rows)
            self.session.execute(_SUMMARY, [t.summary() for t in tallies.values()])

    def supersede(self, run_id: str) -> None:
        """Sum every series of the run up anew, after an attempt said where it starts."""
        horizons = self._horizons(run_id)
        ids = self.session.scalars(select(MetricSeries.id).where(MetricSeries.run_id == run_id))
        for series_id in ids.all():
            wanted = [MetricPoint.series_id == series_id, *_counting(horizons)]
            self.session.execute(_SUMMARY, [self._sum_up(series_id, wanted)])

    def _insert_points(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Plain SQL: building a statement's parameters costs more than the insert itself."""
        connection, columns = self.session.connection(), MetricPoint.__table__.columns
        names = ", ".join(column.name for column in columns)
        if self.dialect == "sqlite":
            marks = ", ".join("?" for _ in columns)
            connection.exec_driver_sql(
                f"INSERT INTO metric_points ({names}) VALUES ({marks})",  # noqa: S608
                [*rows],
            )
            return
        # one statement of arrays spares PostgreSQL a statement for each row
        arrays = ", ".join(f"%s::{c.type.compile(connection.dialect)}[]" for c in columns)
        connection.exec_driver_sql(
            f"INSERT INTO metric_points ({names}) SELECT * FROM unnest({arrays})",  # noqa: S608
            tuple(list(values) for values in zip(*rows, strict=True)),
        )

    def _horizons(self, run_id: str) -> dict[int, int]:
        """Attempt → the last of its steps that still counts, for those a later one cut short."""
        query = select(Attempt.number, Attempt.start_step).where(Attempt.run_id == run_id)
        horizons: dict[int, int] = {}
        horizon: int | None = None
        for number, start in self.session.execute(query.order_by(Attempt.number.desc())):
            if horizon is not None:
                horizons[number] = horizon
            if start is not None:
                horizon = start if horizon is None else min(horizon, start)
        return horizons

    def _series(self, run_id: str, names: set[str]) -> dict[str, MetricSeries]:
        query = select(MetricSeries).where(
            MetricSeries.run_id == run_id, MetricSeries.name.in_(names)
        )
        rows = self.session.scalars(query.execution_options(populate_existing=True))
        known = {s.name: s for s in rows}
        added = [MetricSeries(run_id=run_id, name=n) for n in sorted(names - known.keys())]
        self.session.add_all(added)
        self.session.flush()
        return known | {s.name: s for s in added}

    def _points(self, wanted: Sequence[ColumnElement[bool]]) -> list[Point]:
        p = MetricPoint
        query = select(p.seq, p.attempt, p.step, p.epoch, p.value, p.special, p.timestamp_us)
        rows = self.session.execute(query.where(*wanted).order_by(p.seq))
        return [
            Point(seq, attempt, step, epoch, value, value, value, 1, _time(at))
            for seq, attempt, step, epoch, kept, special, at in rows
            for value in (_value(kept, special),)
        ]

    def _buckets(
        self, wanted: Sequence[ColumnElement[bool]], first: int, last: int, most: int
    ) -> list[Point]:
        p = MetricPoint
        bucket = ((p.seq - first) * most) // (last - first + 1)
        query = (
            select(
                func.max(p.seq),
                func.max(p.attempt),
                func.max(p.step),
                func.max(p.epoch),
                func.avg(p.value),
                func.min(p.value),
                func.max(p.value),
                func.count(),
                func.max(p.timestamp_us),
            )
            .where(*wanted)
            .group_by(bucket)
            .order_by(func.max(p.seq))
        )
        rows = self.session.execute(query)
        return [
            Point(
                seq=seq,
                attempt=attempt,
                step=step,
                epoch=epoch,
                value=math.nan if mean is None else mean,
                minimum=math.nan if low is None else low,
                maximum=math.nan if high is None else high,
                count=count,
                timestamp=_time(at),
            )
            for seq, attempt, step, epoch, mean, low, high, count, at in rows
        ]

    def _sum_up(self, series_id: int, wanted: Sequence[ColumnElement[bool]]) -> dict[str, Any]:
        p = MetricPoint
        next_seq = self.session.scalar(
            select(MetricSeries.next_seq).where(MetricSeries.id == series_id)
        )
        count = self.session.scalar(select(func.count()).select_from(p).where(*wanted))
        last = self.session.execute(
            select(p.value, p.special, p.step, p.epoch)
            .where(*wanted)
            .order_by(p.seq.desc())
            .limit(1)
        ).first()
        finite = select(p.value, p.step).where(*wanted, p.value.is_not(None))
        low = self.session.execute(finite.order_by(p.value, p.seq).limit(1)).first()
        high = self.session.execute(finite.order_by(p.value.desc(), p.seq).limit(1)).first()
        return {
            "series_id": series_id,
            "next_seq": next_seq,
            "count": count,
            "last": last.value if last else None,
            "last_special": last.special if last else 0,
            "last_step": last.step if last else None,
            "last_epoch": last.epoch if last else None,
            "minimum": low.value if low else None,
            "minimum_step": low.step if low else None,
            "maximum": high.value if high else None,
            "maximum_step": high.step if high else None,
        }


_SUMMARY_COLUMNS = (
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
_SUMMARY = (
    update(MetricSeries.__table__)  # type: ignore[arg-type]
    .where(MetricSeries.__table__.c.id == bindparam("series_id"))
    .values({name: bindparam(name) for name in _SUMMARY_COLUMNS})
)


class _Tally:
    """A series' summary while points are added."""

    def __init__(self, series: MetricSeries) -> None:
        self.series_id = series.id
        self.now: dict[str, Any] = {name: getattr(series, name) for name in _SUMMARY_COLUMNS}

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


def _counting(horizons: Mapping[int, int]) -> list[ColumnElement[bool]]:
    """Conditions that leave out what later attempts superseded.

    An attempt that starts at step 0 supersedes points without a step, too.
    """
    p = MetricPoint
    return [
        p.attempt != attempt
        if horizon <= 0
        else not_(and_(p.attempt == attempt, func.coalesce(p.step, 0) > horizon))
        for attempt, horizon in horizons.items()
    ]


def _special(value: float) -> int:
    if math.isnan(value):
        return 1
    return 2 if value > 0 else 3


def _value(value: float | None, special: int) -> float:
    return _SPECIAL.get(special, math.nan) if value is None else value


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)


def _summary(series: MetricSeries) -> MetricSummary:
    lower = lower_is_better(series.name)
    best = series.minimum if lower else series.maximum
    return MetricSummary(
        final=_value(series.last, series.last_special),
        best=math.nan if best is None else best,
        best_step=series.minimum_step if lower else series.maximum_step,
    )
