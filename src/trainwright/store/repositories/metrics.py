"""Metrics: points in, curves and summaries out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select

from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.metrics import MAX_METRICS, lower_is_better
from trainwright.spec.result import MetricSummary
from trainwright.store.models import Attempt, MetricPoint, MetricSeries
from trainwright.store.repositories.base import Repository, bad_cursor, decode_cursor, encode_cursor
from trainwright.store.repositories.tally import WRITE_SUMMARY, NewPoint, Tally

PAGE_POINTS = 50_000
"""Points read at once, where nobody says how many."""

PAGE_SERIES = 1_000

_NAMES_AT_ONCE = 1_000
_SPECIAL = {1: math.nan, 2: math.inf, 3: -math.inf}


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


@dataclass(frozen=True)
class CurveQuery:
    """Which curves, and how much of them.

    Attributes:
        names: These metrics, in this order; default: all, by name.
        q: Only metrics whose name contains this, whatever the case.
        after_step: Only points beyond this step.
        max_points: Fold longer curves into at most this many buckets (mean, least, greatest).
        limit: Points a page, about; a folded curve is never cut.
        cursor: `next_cursor` of the page before.
    """

    names: Sequence[str] | None = None
    q: str | None = None
    after_step: int | None = None
    max_points: int | None = None
    limit: int = PAGE_POINTS
    cursor: str | None = None


@dataclass(frozen=True)
class CurvePage:
    """Curves by name; the last may go on, and then comes first on the next page."""

    curves: list[tuple[str, list[Point]]]
    next_cursor: str | None = None


class Metrics(Repository):
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

    def series(self, run_id: str, name: str, *, max_points: int | None = None) -> list[Point]:
        """One metric's whole curve, without the points that a later attempt superseded.

        Args:
            run_id: The run.
            name: The metric; one that was never logged has an empty curve.
            max_points: Fold a longer curve into at most this many buckets.
        """
        points: list[Point] = []
        cursor: str | None = None
        while True:
            page = self.page(run_id, CurveQuery([name], max_points=max_points, cursor=cursor))
            points += [point for _, curve in page.curves for point in curve]
            cursor = page.next_cursor
            if cursor is None:
                return points

    def page(self, run_id: str, query: CurveQuery) -> CurvePage:
        """Some curves, without the points that a later attempt superseded.

        Raises:
            InvalidRequestError: The cursor or a number is not valid.
        """
        if query.limit < 1 or (query.max_points is not None and query.max_points < 1):
            raise InvalidRequestError(
                "no curve has fewer points than one", field="max_points", expected="at least 1"
            )
        counting = _counting(self._horizons(run_id))
        if query.after_step is not None:
            counting.append(MetricPoint.step > query.after_step)
        wanted, seen = self._wanted(run_id, query)
        curves: list[tuple[str, list[Point]]] = []
        room = query.limit
        for name, series_id in wanted:
            if room <= 0 or len(curves) == PAGE_SERIES:
                return CurvePage(curves, encode_cursor(name, -1))
            of_series = [MetricPoint.series_id == series_id, MetricPoint.seq > seen, *counting]
            points = self._curve(of_series, query.max_points, room + 1)
            if query.max_points is None and len(points) > room:
                del points[room:]
                return CurvePage([*curves, (name, points)], encode_cursor(name, points[-1].seq))
            curves.append((name, points))
            room -= max(1, len(points))
            seen = -1
        return CurvePage(curves)

    def _wanted(self, run_id: str, query: CurveQuery) -> tuple[list[tuple[str, int | None]], int]:
        """Names and ids of the series from the cursor on, and the last `seq` seen of the first."""
        asked = select(MetricSeries.name, MetricSeries.id).where(MetricSeries.run_id == run_id)
        if query.q:
            asked = asked.where(MetricSeries.name.icontains(query.q, autoescape=True))
        if query.names is not None:
            asked = asked.where(MetricSeries.name.in_(query.names))
        found = {row.name: row.id for row in self.session.execute(asked)}
        names = [*dict.fromkeys(query.names)] if query.names is not None else sorted(found)
        seen = -1
        if query.cursor is not None:
            first, seen = decode_cursor(query.cursor, str, int)
            if first not in names or not -1 <= seen < 1 << 63:
                raise bad_cursor()
            names = names[names.index(first) :]
        return [(name, found.get(name)) for name in names], seen

    def _curve(
        self, wanted: Sequence[ColumnElement[bool]], max_points: int | None, limit: int
    ) -> list[Point]:
        if max_points is None:
            return self._points(wanted, limit)
        span = select(func.count(), func.min(MetricPoint.seq), func.max(MetricPoint.seq))
        count, first, last = self.session.execute(span.where(*wanted)).one()
        if count > max_points:
            return self._buckets(wanted, first, last, max_points)
        return self._points(wanted, max_points)

    def write(self, run_id: str, attempt: int, points: Sequence[NewPoint]) -> str | None:
        """Store points and bring the summaries up to date; the caller holds the run's lock.

        Returns:
            The first name, if any, whose points were dropped, as the run has too many others.
        """
        known = self._series(run_id, dict.fromkeys(p.name for p in points))
        tallies = {name: Tally(series) for name, series in known.items()}
        rows = [tallies[p.name].add(p, attempt) for p in points if p.name in tallies]
        if rows:
            self._insert_points(rows)
            self.session.execute(WRITE_SUMMARY, [t.summary() for t in tallies.values()])
        return next((p.name for p in points if p.name not in tallies), None)

    def supersede(self, run_id: str) -> None:
        """Sum every series of the run up anew, after an attempt said where it starts."""
        horizons = self._horizons(run_id)
        ids = self.session.scalars(select(MetricSeries.id).where(MetricSeries.run_id == run_id))
        for series_id in ids.all():
            wanted = [MetricPoint.series_id == series_id, *_counting(horizons)]
            self.session.execute(WRITE_SUMMARY, [self._sum_up(series_id, wanted)])

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

    def _series(self, run_id: str, names: Mapping[str, None]) -> dict[str, MetricSeries]:
        """The series of these names, made where there are none and the run has room for them."""
        of_run = MetricSeries.run_id == run_id
        known: dict[str, MetricSeries] = {}
        asked = [*names]
        for start in range(0, len(asked), _NAMES_AT_ONCE):  # a statement takes so many parameters
            some = asked[start : start + _NAMES_AT_ONCE]
            query = select(MetricSeries).where(of_run, MetricSeries.name.in_(some))
            rows = self.session.scalars(query.execution_options(populate_existing=True))
            known |= {s.name: s for s in rows}
        new = [name for name in asked if name not in known]
        if new:
            count = self.session.scalar(select(func.count(MetricSeries.id)).where(of_run)) or 0
            room = max(0, MAX_METRICS - count)
            added = [MetricSeries(run_id=run_id, name=name) for name in new[:room]]
            self.session.add_all(added)
            self.session.flush()
            known |= {s.name: s for s in added}
        return known

    def _points(self, wanted: Sequence[ColumnElement[bool]], limit: int) -> list[Point]:
        p = MetricPoint
        query = select(p.seq, p.attempt, p.step, p.epoch, p.value, p.special, p.timestamp_us)
        rows = self.session.execute(query.where(*wanted).order_by(p.seq).limit(limit))
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
