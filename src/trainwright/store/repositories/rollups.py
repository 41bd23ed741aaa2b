"""Roll-ups of long series: spans of 16, 64, 256, … places, kept so that no curve is read whole.

A span is kept once all its places are taken and before anybody reads it: `rolled` of a series says
up to where. It is made from the points alone, never from what a process remembers, so the same
points always come to the same spans. Points that a later attempt superseded are not in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select

from trainwright.store.models import MetricPoint, MetricRollup
from trainwright.store.repositories.base import Repository
from trainwright.store.repositories.spans import Span, fold, read_value, single, special_of, summed

LEVELS = tuple(range(4, 62, 2))
"""A span of level `n` is one of 2^n places."""

STRIDE = 256
"""Places rolled up at a time: a series pays for its roll-ups once in so many points."""

_STEP = LEVELS[1] - LEVELS[0]
_CHUNK = 1 << 16
_INSERT = insert(MetricRollup.__table__)  # type: ignore[arg-type]
_POINT_COLUMNS = ("seq", "attempt", "step", "epoch", "value", "special", "timestamp_us")
_PLACED = MetricPoint.__table__.c
_ROLLED = MetricRollup.__table__.c
# statements made once, and of columns: building and loading them costs more than the reading
_POINTS = (
    select(*(_PLACED[name] for name in _POINT_COLUMNS))
    .where(
        _PLACED.series_id == bindparam("series"),
        _PLACED.seq >= bindparam("start"),
        _PLACED.seq < bindparam("end"),
    )
    .order_by(_PLACED.seq)
)
_SPANS = (
    select(*_ROLLED)
    .where(
        _ROLLED.series_id == bindparam("series"),
        _ROLLED.level == bindparam("level"),
        _ROLLED.place >= bindparam("first"),
        _ROLLED.place < bindparam("last"),
    )
    .order_by(_ROLLED.place)
)

Conditions = Sequence[ColumnElement[bool]]


class Rollups(Repository):
    def advance(self, series_id: int, rolled: int, end: int, counting: Conditions) -> int:
        """Roll up what can be of the places from `rolled` to `end`.

        Args:
            series_id: The series.
            rolled: Up to where it was rolled up.
            end: The place after its last point.
            counting: Which points count.

        Returns:
            Up to where it is rolled up now.
        """
        goal = end // STRIDE * STRIDE
        while rolled < goal:
            until = min(goal, (rolled // _CHUNK + 1) * _CHUNK)
            self._roll(series_id, rolled, until, counting)
            rolled = until
        return rolled

    def cut(self, series_id: int, rolled: int, place: int) -> int:
        """Forget every span that reaches beyond `place`; up to where it is rolled up then."""
        kept = min(rolled, place // STRIDE * STRIDE)
        for level in LEVELS:
            if rolled >> level == 0:
                break
            self.session.execute(
                delete(MetricRollup).where(
                    MetricRollup.series_id == series_id,
                    MetricRollup.level == level,
                    MetricRollup.place >= kept >> level,
                )
            )
        return kept

    def points(
        self, series_id: int, start: int, end: int, wanted: Conditions, limit: int | None = None
    ) -> list[Span]:
        """Single points of the places from `start` to `end`."""
        return [single(row) for row in self._point_rows(series_id, start, end, wanted, limit)]

    def spans(
        self, series_id: int, level: int, first: int, last: int, wanted: Conditions = ()
    ) -> list[Span]:
        """The spans of a level from the `first` to before the `last`; empty ones are left out."""
        query = _SPANS.where(*wanted) if wanted else _SPANS
        place = {"series": series_id, "level": level, "first": first, "last": last}
        rows = self.session.connection().execute(query, place).all()
        return [_span(row, level) for row in rows]

    def first_place(self, series_id: int, wanted: Conditions) -> int | None:
        """The first place of the points that fit."""
        query = select(func.min(MetricPoint.seq)).where(MetricPoint.series_id == series_id)
        return self.session.scalar(query.where(*wanted))

    def _point_rows(
        self, series_id: int, start: int, end: int, wanted: Conditions, limit: int | None = None
    ) -> Sequence[Sequence[Any]]:
        query = _POINTS.where(*wanted) if wanted else _POINTS
        if limit is not None:
            query = query.limit(limit)
        place = {"series": series_id, "start": start, "end": end}
        return self.session.connection().execute(query, place).all()

    def _roll(self, series_id: int, start: int, end: int, counting: Conditions) -> None:
        groups: dict[int, list[Sequence[Any]]] = {}
        for row in self._point_rows(series_id, start, end, counting):
            groups.setdefault(row[0] >> LEVELS[0], []).append(row)
        parts = [_placed(summed(group), LEVELS[0], place) for place, group in groups.items()]
        rows = [_row(series_id, LEVELS[0], part) for part in parts]
        for level in LEVELS[1:]:
            first, last = start >> level, end >> level
            if first == last:
                break
            if first << level < start:
                finer = level - _STEP
                parts = [
                    *self.spans(series_id, finer, first << _STEP, start >> finer),
                    *parts,
                ]
            parts = _grouped(parts, level, last)
            rows += [_row(series_id, level, span) for span in parts]
        if rows:
            self.session.connection().execute(_INSERT, rows)


def _grouped(parts: Sequence[Span], level: int, last: int) -> list[Span]:
    """`parts` folded by the places of a level, those before its `last`."""
    groups: dict[int, list[Span]] = {}
    for part in parts:
        groups.setdefault(part.start >> level, []).append(part)
    return [_placed(fold(group), level, place) for place, group in groups.items() if place < last]


def _placed(span: Span, level: int, place: int) -> Span:
    """The span with all the places of its level, also where points of its ends do not count."""
    return span._replace(start=place << level, end=(place + 1) << level)


def _row(series_id: int, level: int, span: Span) -> dict[str, Any]:
    special, last_special = special_of(span.first), special_of(span.last)
    kept = span._asdict()
    del kept["start"], kept["end"]
    return kept | {
        "count": kept.pop("points"),
        "series_id": series_id,
        "level": level,
        "place": span.start >> level,
        "first": None if special else span.first,
        "first_special": special,
        "last": None if last_special else span.last,
        "last_special": last_special,
    }


def _span(row: Sequence[Any], level: int) -> Span:
    (
        _, _, place, count, attempt, least, greatest, stepless, epoch, mean, minimum, maximum,
        nans, infinities, minus, first, first_special, last, last_special, at,
    ) = row  # fmt: skip
    return Span(
        place << level, (place + 1) << level, count, attempt, least, greatest, stepless, epoch,
        mean, minimum, maximum, nans, infinities, minus,
        read_value(first, first_special), read_value(last, last_special), at,
    )  # fmt: skip
