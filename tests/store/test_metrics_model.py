"""Curves and summaries against a plain model of what counts, whatever attempts did."""

import math
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from trainwright.spec import RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Attempts, Metrics, Runs
from trainwright.testing.stores_runs import TO_RUNNING, log, make_run, move

# SQLite keeps no sign of zero
VALUES = st.floats(-1e6, 1e6).map(lambda v: v + 0.0) | st.sampled_from(
    [math.nan, math.inf, -math.inf]
)


@dataclass(frozen=True)
class Try:
    """An attempt: the step it goes on from, if it says so, and the values it logs after that."""

    start: int | None
    values: list[float]


TRIES = st.lists(
    st.builds(Try, start=st.none() | st.integers(0, 12), values=st.lists(VALUES, max_size=10)),
    min_size=1,
    max_size=4,
)


def what_counts(tries: list[Try]) -> list[tuple[int, int, float]]:
    points: list[tuple[int, int, float]] = []
    for number, attempt in enumerate(tries, 1):
        if number > 1 and attempt.start is not None:
            points = [p for p in points if p[1] <= attempt.start and attempt.start > 0]
        begin = attempt.start or 0
        points += [(number, begin + i, v) for i, v in enumerate(attempt.values, 1)]
    return points


@settings(max_examples=40)
@given(tries=TRIES)
def test_only_what_counts_is_read(sqlite_database: Database, tries: list[Try]) -> None:
    database = sqlite_database
    run_id = make_run(database)
    for number, attempt in enumerate(tries, 1):
        if number > 1:
            with database.session() as session:
                Runs(session).new_attempt(run_id)
        if attempt.start is not None:
            with database.session() as session:
                Attempts(session).starts_after(run_id, number, attempt.start)
        begin = attempt.start or 0
        steps = range(begin + 1, begin + 1 + len(attempt.values))
        log(database, run_id, "loss", list(zip(steps, attempt.values, strict=True)), number)
        path = TO_RUNNING if number == 1 else TO_RUNNING[2:]
        move(database, run_id, *path, RunStatus.FAILED)

    expected = what_counts(tries)
    with database.session(write=False) as session:
        curve = Metrics(session).series(run_id, "loss")
        best = Metrics(session).best(run_id)
        folded = Metrics(session).series(run_id, "loss", buckets=3)
    assert repr([(p.attempt, p.step, p.value) for p in curve]) == repr(expected)
    assert sum(b.count for b in folded) == len(expected)
    if not expected:
        assert best == {}
        return
    finite = [v for _, _, v in expected if math.isfinite(v)]
    assert repr(best["loss"].final) == repr(expected[-1][2])
    assert repr(best["loss"].best) == repr(min(finite) if finite else math.nan)
