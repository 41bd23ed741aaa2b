"""Roll-ups against the points they are made of: in any batches, ranges and attempts."""

import math
import random
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from trainwright.spec import InvalidRequestError
from trainwright.store import Database
from trainwright.store.models import MetricRollup
from trainwright.store.repositories import Attempts, CurveQuery, Metrics, NewPoint, Point, Runs
from trainwright.testing.stores_runs import TO_RUNNING, S, make_run, move

SPECIAL = (math.nan, math.inf, -math.inf)


class Measured(NamedTuple):
    step: int | None
    value: float


def write(
    database: Database, run_id: str, points: Sequence[Measured], *, batch: int, attempt: int = 1
) -> None:
    for start in range(0, len(points), batch):
        some = points[start : start + batch]
        with database.session() as session:
            Metrics(session).write(
                run_id, attempt, [NewPoint("m", p.value, p.step, None, 1) for p in some]
            )


def read(database: Database, run_id: str, **query: object) -> list[Point]:
    with database.session(write=False) as session:
        [(_, points)] = Metrics(session).page(run_id, CurveQuery(["m"], **query)).curves  # type: ignore[arg-type]
    return points


def check(points: Sequence[Point], expected: Sequence[Measured], buckets: int) -> None:
    """The buckets are those points, each once and in order, and none is too many."""
    assert len(points) <= buckets
    assert sum(p.count for p in points) == len(expected)
    if len(expected) <= buckets:
        assert [(p.step, repr(p.value)) for p in points] == [
            (e.step, repr(e.value)) for e in expected
        ]
    place = 0
    for point in points:
        part = [e.value for e in expected[place : place + point.count]]
        steps = [e.step for e in expected[place : place + point.count] if e.step is not None]
        place += point.count
        finite = [v for v in part if math.isfinite(v)]
        assert (repr(point.first), repr(point.last)) == (repr(part[0]), repr(part[-1]))
        assert (point.least_step, point.step) == (
            min(steps, default=None),
            max(steps, default=None),
        )
        assert point.nans == sum(map(math.isnan, part))
        assert (point.infinities, point.minus_infinities) == (
            part.count(math.inf), part.count(-math.inf),
        )  # fmt: skip
        if finite and point.count > 1:
            assert (point.minimum, point.maximum) == (min(finite), max(finite))
            assert point.value == pytest.approx(math.fsum(finite) / len(finite))


def some_points(count: int, seed: int = 0) -> list[Measured]:
    rng = random.Random(seed)
    values = [rng.choice(SPECIAL) if rng.random() < 0.01 else rng.gauss(0, 1) for _ in range(count)]
    return [Measured(step, value) for step, value in enumerate(values)]


def test_a_long_curve_and_its_ranges_are_read_from_roll_ups(database: Database) -> None:
    run_id, points = make_run(database), some_points(20_000)
    write(database, run_id, points, batch=3_000)
    with database.session(write=False) as session:
        levels = select(MetricRollup.level, func.count()).group_by(MetricRollup.level)
        kept = dict(session.execute(levels).all())
    assert kept == {4: 1248, 6: 312, 8: 78, 10: 19, 12: 4, 14: 1}
    for buckets in (1, 7, 100, 1_000, 20_000):
        check(read(database, run_id, buckets=buckets), points, buckets)
    for first, last in ((0, 9), (500, 503), (1_000, 1_999), (300, 17_001), (19_990, 10**9)):
        part = points[first : last + 1]
        for buckets in (5, 100, 1_000):
            found = read(database, run_id, buckets=buckets, from_step=first, to_step=last)
            check(found, part, buckets)
    assert read(database, run_id, buckets=10, from_step=20_000) == []
    assert read(database, run_id, buckets=10, from_step=5, to_step=4) == []


def test_buckets_hold_about_as_many_points_each(sqlite_database: Database) -> None:
    run_id, points = make_run(sqlite_database), some_points(50_000)
    write(sqlite_database, run_id, points, batch=10_000)
    found = read(sqlite_database, run_id, buckets=1_000)
    assert len(found) > 500
    assert max(p.count for p in found) <= 2 * 50_000 / len(found)


@settings(max_examples=25, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 700), min_size=1, max_size=4),
    repeats=st.integers(1, 3),
    stepless=st.booleans(),
    limits=st.tuples(st.none() | st.integers(0, 900), st.none() | st.integers(0, 900)),
    buckets=st.integers(1, 300),
    seed=st.integers(0, 100),
)
def test_steps_that_begin_again_and_points_without_any(
    *,
    sqlite_database: Database,
    sizes: list[int],
    repeats: int,
    stepless: bool,
    limits: tuple[int | None, int | None],
    buckets: int,
    seed: int,
) -> None:
    run_id, points = make_run(sqlite_database), []
    for size in sizes * repeats:
        points += some_points(size, seed)
    if stepless:
        points = [p._replace(step=None) if n % 7 == 0 else p for n, p in enumerate(points)]
    write(sqlite_database, run_id, points, batch=random.Random(seed).randint(1, 600))
    first, last = limits
    wanted = [
        p
        for p in points
        if (first is None or (p.step is not None and p.step >= first))
        and (last is None or (p.step is not None and p.step <= last))
    ]
    check(
        read(sqlite_database, run_id, buckets=buckets, from_step=first, to_step=last),
        wanted,
        buckets,
    )


def test_what_a_later_attempt_does_again_is_rolled_up_anew(database: Database) -> None:
    run_id, first = make_run(database), some_points(3_000)
    move(database, run_id, *TO_RUNNING)
    write(database, run_id, first, batch=1_000)
    move(database, run_id, S.FAILED)
    again = [Measured(step, -float(step)) for step in range(1_501, 4_000)]
    with database.session() as session:
        Runs(session).new_attempt(run_id)
        Attempts(session).starts_after(run_id, 2, 1_500)
    check(read(database, run_id, buckets=50), first[:1_501], 50)
    write(database, run_id, again, batch=700, attempt=2)
    # an event of the first attempt that came late counts nowhere
    write(database, run_id, [Measured(2_500, 10**9)] * 300, batch=300)
    both = [*first[:1_501], *again]
    for buckets in (10, 300, 5_000):
        check(read(database, run_id, buckets=buckets), both, buckets)
    with database.session(write=False) as session:
        (series,) = Metrics(session).summaries(run_id)
        assert (series.count, series.last_step) == (len(both), 3_999)
    with database.session() as session:
        Attempts(session).starts_after(run_id, 2, 2_000)
    told = [*first[:2_001], *again]
    check(read(database, run_id, buckets=300), told, 300)


def test_values_at_the_end_of_the_range_of_numbers(database: Database) -> None:
    run_id = make_run(database)
    values = [1.7e308, 1.7e308, -1.7e308, 5e-324, 1e300] * 400
    write(database, run_id, [Measured(n, v) for n, v in enumerate(values)], batch=900)
    found = read(database, run_id, buckets=2)
    assert (len(found), sum(p.count for p in found)) == (2, 2_000)
    assert all(math.isfinite(p.value) and p.maximum == 1.7e308 for p in found)


def test_asking_on_brings_only_what_has_come_since(sqlite_database: Database) -> None:
    database, points = sqlite_database, some_points(3_000)
    run_id = make_run(database)

    def page(after: str | None) -> tuple[list[Point], str, bool]:
        with database.session(write=False) as session:
            query = CurveQuery(["m"], buckets=500, after=after)
            found = Metrics(session).page(run_id, query)
        assert found.after is not None
        return found.curves[0][1], found.after, found.reset

    write(database, run_id, points[:2_000], batch=500)
    whole, mark, _ = page(None)
    check(whole, points[:2_000], 500)
    assert page(mark)[0] == []
    write(database, run_id, points[2_000:], batch=500)
    news, mark, reset = page(mark)
    check(news, points[2_000:], 500)
    assert not reset
    with database.session() as session:
        for status in (*TO_RUNNING, S.FAILED):
            Runs(session).set_status(run_id, status)
        Runs(session).new_attempt(run_id)
        Attempts(session).starts_after(run_id, 2, 99)
    whole, _, reset = page(mark)
    assert reset
    check(whole, points[:100], 500)
    with pytest.raises(InvalidRequestError):
        page("nonsense")
