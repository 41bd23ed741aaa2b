"""Many threads on the same rows, and lists that stay quick when there are many runs."""

import threading
from collections.abc import Callable
from itertools import pairwise

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from trainwright.spec import ConflictError, RunSpec, RunStatus
from trainwright.spec.events import Alert, StatusChangedEvent
from trainwright.store import Database
from trainwright.store.repositories import (
    Attempts,
    Datasets,
    Events,
    Projects,
    RunQuery,
    Runs,
    Users,
)
from trainwright.testing.stores_runs import TO_RUNNING, make_run, move


def together(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run `work` in so many threads, begun at once; what they raised."""
    faults: list[BaseException] = []
    barrier = threading.Barrier(count)

    def run(number: int) -> None:
        barrier.wait()
        try:
            work(number)
        except BaseException as fault:  # noqa: BLE001 (seen by the test)
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    return faults


def test_only_one_of_many_ends_a_run(database: Database) -> None:
    run_id = make_run(database)
    move(database, run_id, *TO_RUNNING)
    ends = [RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED, RunStatus.LOST] * 2

    def end(number: int) -> None:
        with database.session() as session:
            Events(session).append(run_id, Alert(code=f"a{number}", message="m"))
        with database.session() as session:
            Runs(session).set_status(run_id, ends[number])

    faults = together(8, end)
    assert all(isinstance(f, ConflictError) for f in faults)
    with database.session(write=False) as session:
        events = Events(session).after(run_id)
        run = Runs(session).get(run_id)
        attempt = Attempts(session).get(run_id, 1)
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert sum(e.type == "alert" and e.data.state is None for e in events) == 8
    path = [e.data for e in events if isinstance(e, StatusChangedEvent)]
    assert all(b.previous == a.status for a, b in pairwise(path))
    assert path[-1].status == run.status == attempt.status


def test_many_runs_move_side_by_side(database: Database) -> None:
    ids = [make_run(database) for _ in range(8)]
    assert together(8, lambda n: move(database, ids[n], *TO_RUNNING)) == []
    with database.session(write=False) as session:
        assert {r.id for r in Runs(session).holding()} == set(ids)
        assert all(Events(session).last_seq(run_id) == 6 for run_id in ids)


def test_one_resume_of_many_wins(database: Database) -> None:
    run_id = make_run(database)
    move(database, run_id, *TO_RUNNING, RunStatus.FAILED)

    def resume(_number: int) -> None:
        with database.session() as session:
            Runs(session).new_attempt(run_id)
            Runs(session).set_status(run_id, RunStatus.QUEUED)

    assert len(together(8, resume)) == 7
    with database.session(write=False) as session:
        assert len(Attempts(session).list(run_id)) == 2


def test_schedulers_take_turns(database: Database) -> None:
    """Each counts those that hold the one slot before it grants it."""
    ids = [make_run(database) for _ in range(8)]
    for run_id in ids:
        move(database, run_id, *TO_RUNNING[:3])

    def schedule(_number: int) -> None:
        with database.session() as session:
            runs = Runs(session)
            runs.lock_queue()
            if not runs.holding():
                runs.set_status(runs.waiting()[0].id, RunStatus.ALLOCATING)

    assert together(8, schedule) == []
    with database.session(write=False) as session:
        assert len(Runs(session).holding()) == 1


ADD: dict[str, Callable[[Session, str], object]] = {
    "user": lambda session, name: Users(session).add(name),
    "project": lambda session, name: Projects(session).add(name),
    "dataset": lambda session, name: Datasets(session).add(name, "/data"),
}


@pytest.mark.parametrize("kind", ADD)
def test_only_one_of_many_gets_a_name(database: Database, kind: str) -> None:
    def add(_: int) -> None:
        with database.session() as session:
            ADD[kind](session, "wanted")

    faults = together(8, add)
    assert [type(fault) for fault in faults] == [ConflictError] * 7
    with database.session() as session:
        with pytest.raises(ConflictError, match="already"):
            ADD[kind](session, "wanted")
        ADD[kind](session, "free")


@pytest.mark.parametrize(
    "query",
    [
        RunQuery(),
        RunQuery(sort="-updated_at"),
        RunQuery(sort="name"),
        RunQuery(status=RunStatus.COMPLETED),
    ],
)
def test_pages_are_read_from_an_index(sqlite_database: Database, query: RunQuery) -> None:
    with sqlite_database.session() as session:
        for _ in range(3):
            Runs(session).add(RunSpec(model="builtin/lenet5"))
    statements: list[tuple[str, tuple[object, ...]]] = []

    @event.listens_for(sqlite_database.engine, "before_cursor_execute")
    def note(_c: object, _u: object, sql: str, values: tuple[object, ...], *_: object) -> None:
        statements.append((sql, values))

    with sqlite_database.session(write=False) as session:
        page = Runs(session).list(RunQuery(limit=1, sort=query.sort))
        statements.clear()
        after = RunQuery(status=query.status, sort=query.sort, cursor=page.next_cursor)
        Runs(session).list(query)
        if after.status is None:
            Runs(session).list(after)
    with sqlite_database.engine.connect() as connection:
        for sql, values in [s for s in statements if s[0].startswith("SELECT")]:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            words = " ".join(str(row[-1]) for row in plan)
            assert "SCAN runs" not in words, (sql, words)
            assert "TEMP B-TREE" not in words, (sql, words)
