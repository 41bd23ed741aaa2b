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
from trainwright.store.models import MetricPoint, MetricSeries
from trainwright.store.repositories.attempts import attempt_horizons
from trainwright.store.repositories.base import Repository, bad_cursor, decode_cursor, encode_cursor
from trainwright.store.repositories.curves import LongCurve, Steps
from trainwright.store.repositories.follow import follow_mark, read_follow
from trainwright.store.repositories.rollups import Conditions, Rollups
from trainwright.store.repositories.spans import Span, fold_into, read_value
from trainwright.store.repositories.tally import WRITE_SUMMARY, NewPoint, Tally

PAGE_POINTS = 50_000
"""Points read at once, where nobody says how many."""

PAGE_SERIES = 1_000

_NAMES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a curve, or a bucket of several.

    Attributes:
        seq: Place in the series, a bucket's last; strictly rising.
        attempt: The attempt it comes from, of a bucket its last point.
        step: Training step, a bucket's greatest.
        least_step: A bucket's least step.
        epoch: Epoch, a bucket's last.
        value: The value, or the mean of a bucket's finite ones; NaN when it has none.
        minimum: Least finite value of a bucket; NaN when it has none.
        maximum: Greatest finite value of a bucket; NaN when it has none.
        first: The first value of a bucket, finite or not.
        last: The last value of a bucket, finite or not.
        count: Points in the bucket.
        nans: Points in the bucket that are NaN.
        infinities: Points in the bucket that are infinite.
        minus_infinities: Points in the bucket that are minus infinity.
        timestamp: When it was measured, a bucket's last.
    """

    seq: int
    attempt: int
    step: int | None
    least_step: int | None
    epoch: float | None
    value: float
    minimum: float
    maximum: float
    first: float
    last: float
    count: int
    nans: int
    infinities: int
    minus_infinities: int
    timestamp: datetime


@dataclass(frozen=True)
class CurveQuery:
    """Which curves, and how much of them.

    Attributes:
        names: These metrics, in this order; default: all, by name.
        q: Only metrics whose name contains this, whatever the case.
        from_step: Only points of this step and beyond.
        to_step: Only points up to this step.
        buckets: Fold longer curves into at most this many buckets.
        limit: Points a page, about; a folded curve is never cut.
        cursor: `next_cursor` of the page before.
        after: `after` of an answer that was whole: only what has come since.
        attempt: All that this attempt measured, also what a later one superseded, and nothing else.
    """

    names: Sequence[str] | None = None
    q: str | None = None
    from_step: int | None = None
    to_step: int | None = None
    buckets: int | None = None
    limit: int = PAGE_POINTS
    cursor: str | None = None
    after: str | None = None
    attempt: int | None = None

    @property
    def steps(self) -> Steps:
        return Steps(self.from_step, self.to_step)


@dataclass(frozen=True)
class CurvePage:
    """Curves by name.

    Attributes:
        curves: By name; the last may go on, and then comes first on the next page.
        next_cursor: Where the next page starts; `None` on the last.
        after: What `CurveQuery.after` takes; `None` when this is not the whole answer.
        reset: What was read before `after` does not count any more, and this is all anew.
    """

    curves: list[tuple[str, list[Point]]]
    next_cursor: str | None = None
    after: str | None = None
    reset: bool = False


class Metrics(Repository):
    def summaries(self, run_id: str) -> Sequence[MetricSeries]:
        """Every series of the run with its last, least and greatest value, by name."""
        query = select(MetricSeries).where(MetricSeries.run_id == run_id, MetricSeries.count > 0)
        return self.session.scalars(query.order_by(MetricSeries.name)).all()

    def latest(self, run_id: str) -> dict[str, float]:
        """The last value of every metric."""
        return {s.name: read_value(s.last, s.last_special) for s in self.summaries(run_id)}

    def best(self, run_id: str) -> dict[str, MetricSummary]:
        """Final and best value of every metric; NaN where no finite value was seen."""
        return {s.name: _summary(s) for s in self.summaries(run_id)}

    def series(self, run_id: str, name: str, *, buckets: int | None = None) -> list[Point]:
        """One metric's whole curve, without the points that a later attempt superseded.

        Args:
            run_id: The run.
            name: The metric; one that was never logged has an empty curve.
            buckets: Fold a longer curve into at most this many.
        """
        points: list[Point] = []
        cursor: str | None = None
        while True:
            page = self.page(run_id, CurveQuery([name], buckets=buckets, cursor=cursor))
            points += [point for _, curve in page.curves for point in curve]
            cursor = page.next_cursor
            if cursor is None:
                return points

    def page(self, run_id: str, query: CurveQuery) -> CurvePage:
        """Some curves, without the points that a later attempt superseded.

        Raises:
            InvalidRequestError: A cursor or a number is not valid.
        """
        if query.limit < 1 or (query.buckets is not None and query.buckets < 1):
            raise InvalidRequestError(
                "no curve has fewer points than one", field="buckets", expected="at least 1"
            )
        horizons = attempt_horizons(self.session, run_id)
        seen, reset = read_follow(query.after, horizons)
        wanted, reached = self._wanted(run_id, query)
        curves: list[tuple[str, list[Point]]] = []
        room = query.limit
        for name, series in wanted:
            if room <= 0 or len(curves) == PAGE_SERIES:
                return CurvePage(curves, encode_cursor(name, -1), reset=reset)
            if series is None:
                curves.append((name, []))
                room -= 1
                continue
            start = max(reached + 1, seen.get(series.id, 0))
            spans = self._curve(series, horizons, query, start, room + 1)
            if query.buckets is None and len(spans) > room:
                del spans[room:]
                rest = encode_cursor(name, spans[-1].end - 1)
                return CurvePage([*curves, (name, _points(spans))], rest, reset=reset)
            curves.append((name, _points(spans)))
            room -= max(1, len(spans))
            reached = -1
        if query.cursor is not None:
            return CurvePage(curves, reset=reset)
        places = {series.id: series.next_seq for _, series in wanted if series is not None}
        return CurvePage(curves, after=follow_mark(places, horizons), reset=reset)

    def _wanted(
        self, run_id: str, query: CurveQuery
    ) -> tuple[list[tuple[str, MetricSeries | None]], int]:
        """Names and series from the cursor on, and the last `seq` seen of the first."""
        asked = select(MetricSeries).where(MetricSeries.run_id == run_id)
        if query.q:
            asked = asked.where(MetricSeries.name.icontains(query.q, autoescape=True))
        if query.names is not None:
            asked = asked.where(MetricSeries.name.in_(query.names))
        found = {series.name: series for series in self.session.scalars(asked)}
        names = [*dict.fromkeys(query.names)] if query.names is not None else sorted(found)
        reached = -1
        if query.cursor is not None:
            first, reached = decode_cursor(query.cursor, str, int)
            if first not in names or not -1 <= reached < 1 << 63:
                raise bad_cursor()
            names = names[names.index(first) :]
        return [(name, found.get(name)) for name in names], reached

    def _curve(
        self,
        series: MetricSeries,
        horizons: Mapping[int, int],
        query: CurveQuery,
        start: int,
        limit: int,
    ) -> list[Span]:
        if query.attempt is not None:
            return self._curve_of(series, query.attempt, query, start, limit)
        counting = _counting(horizons)
        if query.buckets is not None:
            curve = LongCurve(self.session, series, counting, query.steps, start)
            return curve.read(query.buckets)
        wanted = [*counting, *query.steps.conditions()]
        return Rollups(self.session).points(series.id, start, series.next_seq, wanted, limit)

    def _curve_of(
        self, series: MetricSeries, attempt: int, query: CurveQuery, start: int, limit: int
    ) -> list[Span]:
        """One attempt's own points: roll-ups, which know what counts, are of no use for them."""
        wanted = [MetricPoint.attempt == attempt, *query.steps.conditions()]
        most = limit if query.buckets is None else None
        spans = Rollups(self.session).points(series.id, start, series.next_seq, wanted, most)
        folds = query.buckets is not None and len(spans) > query.buckets
        return fold_into(spans, query.buckets) if folds and query.buckets else spans

    def write(self, run_id: str, attempt: int, points: Sequence[NewPoint]) -> str | None:
        """Store points and bring summaries and roll-ups up to date; the caller locks the run.

        Returns:
            The first name, if any, whose points were dropped, as the run has too many others.
        """
        known = self._series(run_id, dict.fromkeys(p.name for p in points))
        horizons = attempt_horizons(self.session, run_id)
        tallies = {
            name: Tally(series, attempt, horizons.get(attempt)) for name, series in known.items()
        }
        rows = [tallies[p.name].add(p) for p in points if p.name in tallies]
        if rows:
            self._insert_points(rows)
            rollups, counting = Rollups(self.session), _counting(horizons)
            for tally in tallies.values():
                rolled, end = tally.now["rolled"], tally.now["next_seq"]
                tally.now["rolled"] = rollups.advance(tally.series_id, rolled, end, counting)
            self.session.execute(WRITE_SUMMARY, [t.summary() for t in tallies.values()])
        return next((p.name for p in points if p.name not in tallies), None)

    def supersede(self, run_id: str, attempt: int, beyond: int) -> None:
        """Sum up anew what changes as an attempt says where it starts.

        Args:
            run_id: The run.
            attempt: The one that starts; points of those before it may count no more, or again.
            beyond: The least step after which that may be so.
        """
        counting = _counting(attempt_horizons(self.session, run_id))
        touched = [MetricPoint.attempt < attempt]
        if beyond > 0:
            touched.append(func.coalesce(MetricPoint.step, 0) > beyond)
        rollups = Rollups(self.session)
        of_run = select(MetricSeries.id, MetricSeries.rolled, MetricSeries.next_seq)
        for series_id, rolled, end in self.session.execute(
            of_run.where(MetricSeries.run_id == run_id)
        ).all():
            place = rollups.first_place(series_id, touched)
            if place is None:
                continue
            kept = rollups.cut(series_id, rolled, place)
            summary = self._sum_up(series_id, counting) | {
                "next_seq": end,
                "rolled": rollups.advance(series_id, kept, end, counting),
            }
            self.session.execute(WRITE_SUMMARY, [summary])

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

    def _sum_up(self, series_id: int, counting: Conditions) -> dict[str, Any]:
        p = MetricPoint
        wanted = [p.series_id == series_id, *counting]
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


def _points(spans: Sequence[Span]) -> list[Point]:
    return [
        Point(
            seq=span.end - 1,
            attempt=span.attempt,
            step=span.greatest_step,
            least_step=span.least_step,
            epoch=span.epoch,
            value=span.first if span.points == 1 else _or_nan(span.mean),
            minimum=span.first if span.points == 1 else _or_nan(span.minimum),
            maximum=span.first if span.points == 1 else _or_nan(span.maximum),
            first=span.first,
            last=span.last,
            count=span.points,
            nans=span.nans,
            infinities=span.infinities,
            minus_infinities=span.minus_infinities,
            timestamp=_time(span.timestamp_us),
        )
        for span in spans
    ]


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _time(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)


def _summary(series: MetricSeries) -> MetricSummary:
    lower = lower_is_better(series.name)
    best = series.minimum if lower else series.maximum
    return MetricSummary(
        final=read_value(series.last, series.last_special),
        best=_or_nan(best),
        best_step=series.minimum_step if lower else series.maximum_step,
    )
