# ruff: noqa: S101
"""What every store must do with runs; a part of `testing.stores.StoreContract`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select

from trainwright.spec import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RunError,
    RunSpec,
    RunStatus,
)
from trainwright.spec.events import StatusChangedEvent
from trainwright.spec.status import IllegalTransitionError
from trainwright.store import Database
from trainwright.store.models import Base
from trainwright.store.repositories import (
    Attempts,
    Deletions,
    Dispatch,
    Events,
    Metrics,
    NewPoint,
    RunQuery,
    Runs,
)

S = RunStatus
TO_RUNNING = (S.VALIDATING, S.PREPARING, S.QUEUED, S.ALLOCATING, S.RUNNING)


def make_run(database: Database, *, name: str | None = None, model: str = "builtin/lenet5") -> str:
    """A new run's id."""
    with database.session() as session:
        return Runs(session).add(RunSpec(model=model, dataset="digits"), name=name).id


def move(database: Database, run_id: str, *statuses: RunStatus) -> None:
    """Move a run along, one transaction a step."""
    for status in statuses:
        with database.session() as session:
            Runs(session).set_status(run_id, status)


def log(
    database: Database,
    run_id: str,
    name: str,
    points: Sequence[tuple[int, float]],
    attempt: int = 1,
) -> None:
    """Store points given as (step, value)."""
    new = [NewPoint(name, value, step, None, step * 1_000_000) for step, value in points]
    with database.session() as session:
        Metrics(session).write(run_id, attempt, new)


class RunsContract:
    @contextmanager
    def runs(self, database: Database) -> Iterator[Runs]:
        with database.session() as session:
            yield Runs(session)

    def test_a_new_run_is_created_with_an_attempt_and_an_event(self, database: Database) -> None:
        spec = RunSpec(model="builtin/lenet5", name="mine", resources={"priority": "high"})
        with self.runs(database) as runs:
            run_id = runs.add(
                spec, sentence="train", provenance={"model": "user"}, reasons={"a": "b"}, tags=["x"]
            ).id
        with database.session(write=False) as session:
            run = Runs(session).get(run_id)
            assert (run.name, run.status, run.attempt, run.priority) == ("mine", S.CREATED, 1, 10)
            assert (run.sentence, run.provenance, run.tags) == ("train", {"model": "user"}, ["x"])
            assert run.run_spec == spec
            assert [a.number for a in Attempts(session).list(run_id)] == [1]
            assert [e.type for e in Events(session).after(run_id)] == ["status_changed"]

    def test_the_whole_life_of_a_run_is_in_its_stream(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, run_id, *TO_RUNNING)
        with self.runs(database) as runs:
            run = runs.set_status(
                run_id, S.FAILED, reason="out of memory", exit_code=1,
                error=RunError(code="oom", message="no memory"),
            )  # fmt: skip
            assert run.queued_at
            assert run.started_at
            assert run.ended_at
        with database.session(write=False) as session:
            events = Events(session).after(run_id)
            run = Runs(session).get(run_id)
            attempt = Attempts(session).get(run_id, 1)
        assert [e.seq for e in events] == [1, 2, 3, 4, 5, 6, 7, 8]
        assert [e.type for e in events[-2:]] == ["alert", "status_changed"]  # the end comes last
        last = events[-1]
        assert isinstance(last, StatusChangedEvent)
        assert (last.data.status, last.data.previous) == (S.FAILED, S.RUNNING)
        assert run.status_reason == "out of memory"
        assert RunError.model_validate(run.error) == RunError(code="oom", message="no memory")
        assert (attempt.status, attempt.exit_code) == (S.FAILED, 1)
        assert attempt.started_at is not None
        assert attempt.ended_at == run.ended_at

    def test_an_illegal_move_changes_nothing(self, database: Database) -> None:
        run_id = make_run(database)
        with pytest.raises(IllegalTransitionError), self.runs(database) as runs:
            runs.set_status(run_id, S.RUNNING)
        with database.session(write=False) as session:
            assert Runs(session).get(run_id).status == S.CREATED
            assert Events(session).last_seq(run_id) == 1

    def test_a_repeated_move_is_one(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, run_id, S.VALIDATING, S.VALIDATING)
        with database.session(write=False) as session:
            assert Events(session).last_seq(run_id) == 2

    def test_resuming_begins_the_next_attempt(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, run_id, *TO_RUNNING)
        with pytest.raises(ConflictError), self.runs(database) as runs:
            runs.new_attempt(run_id)
        move(database, run_id, S.STOPPED)
        with self.runs(database) as runs:
            assert runs.new_attempt(run_id, resumed_from="checkpoints/last.pt").number == 2
            run = runs.set_status(run_id, S.QUEUED)
            assert (run.attempt, run.ended_at, run.allocation) == (2, None, None)
            with pytest.raises(ConflictError):
                runs.new_attempt(run_id)
        with database.session(write=False) as session:
            first, second = Attempts(session).list(run_id)
            assert (first.status, second.status) == (S.STOPPED, S.QUEUED)
            assert Events(session).after(run_id)[-1].attempt == 2

    def test_a_run_that_lost_its_slot_keeps_its_place(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, run_id, *TO_RUNNING[:3])
        with self.runs(database) as runs:
            queued_at = runs.get(run_id).queued_at
        move(database, run_id, S.ALLOCATING, S.QUEUED)
        with self.runs(database) as runs:
            assert runs.get(run_id).queued_at == queued_at

    def test_whoever_asked_first_is_first_however_long_its_checks_took(
        self, database: Database
    ) -> None:
        early, late = make_run(database), make_run(database)
        for run_id in (late, early):
            move(database, run_id, *TO_RUNNING[:3])
        with self.runs(database) as runs:
            assert [r.id for r in runs.waiting()] == [early, late]
        move(database, early, S.ALLOCATING, S.RUNNING, S.STOPPED)
        with self.runs(database) as runs:
            runs.new_attempt(early)
            runs.set_status(early, S.QUEUED)
            assert [r.id for r in runs.waiting()] == [late, early]

    def test_the_queue_is_by_priority_then_first_come(self, database: Database) -> None:
        ids = [make_run(database) for _ in range(4)]
        with self.runs(database) as runs:
            runs.lock_queue()
            runs.update_fields(ids[2], priority=10)
        for run_id in ids:
            move(database, run_id, *TO_RUNNING[:3])
        move(database, ids[0], S.ALLOCATING)
        with self.runs(database) as runs:
            assert [r.id for r in runs.waiting()] == [ids[2], ids[1], ids[3]]
            assert [r.id for r in runs.holding()] == [ids[0]]
            runs.set_queue_position(ids[1], 2)
            runs.set_queue_position(ids[1], 2)
        with database.session(write=False) as session:
            last = Events(session).after(ids[1])[-1]
            assert isinstance(last, StatusChangedEvent)
            assert (last.seq, last.data.queue_position) == (5, 2)
        move(database, ids[1], S.ALLOCATING)
        with self.runs(database) as runs:
            assert runs.get(ids[1]).queue_position is None

    def test_runs_are_found_as_people_name_them(self, database: Database) -> None:
        first, second = make_run(database, name="alpha"), make_run(database, name="beta")
        with self.runs(database) as runs:
            assert runs.resolve(first).id == first
            assert runs.resolve(second[:-1].upper()).id in (first, second)
            assert runs.resolve("beta").id == second
            assert runs.resolve(" last ").id == max(
                (first, second), key=lambda i: (runs.get(i).created_at, i)
            )
            for unknown in ("nothing", "", "%", "_"):
                with pytest.raises(NotFoundError):
                    runs.resolve(unknown)
            with pytest.raises(ConflictError) as caught:
                runs.resolve(first[:2])
            listed = {c["id"] for c in caught.value.details["candidates"]}
            assert listed == {first, second}

    def test_pages_hold_every_run_once(self, database: Database) -> None:
        ids = {make_run(database, name=f"n{i % 3}") for i in range(23)}
        for sort in ("-created_at", "name", "-ended_at", "priority", "status"):
            seen: list[str] = []
            cursor = None
            with self.runs(database) as runs:
                while True:
                    page = runs.list(RunQuery(sort=sort, limit=5, cursor=cursor))
                    seen += [r.id for r in page.items]
                    assert page.total == 23
                    if (cursor := page.next_cursor) is None:
                        break
            assert len(seen) == 23
            assert set(seen) == ids

    def test_lists_are_filtered(self, database: Database) -> None:
        one = make_run(database, name="100% cotton", model="builtin/lenet5")
        two = make_run(database, name="other", model="timm/resnet50")
        move(database, two, S.VALIDATING)
        with self.runs(database) as runs:

            def found(query: RunQuery) -> set[str]:
                return {r.id for r in runs.list(query).items}

            assert found(RunQuery(status=S.VALIDATING)) == {two}
            assert found(RunQuery(status=[S.VALIDATING, S.CREATED])) == {one, two}
            assert found(RunQuery(model="timm")) == {two}
            assert found(RunQuery(model="builtin/lenet5")) == {one}
            assert found(RunQuery(q="0% COTT")) == {one}
            assert found(RunQuery(q="digits resnet")) == {two}
            assert found(RunQuery(owner_id="nobody")) == set()
            for bad in (RunQuery(sort="spec"), RunQuery(limit=0), RunQuery(cursor="%%")):
                with pytest.raises(InvalidRequestError):
                    runs.list(bad)

    def test_deleting(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, run_id, *TO_RUNNING)
        with pytest.raises(ConflictError), database.session() as session:
            Deletions(session).mark(run_id)
        log(database, run_id, "train/loss", [(step, 0.5) for step in range(70)])
        for name in "abcd":
            log(database, run_id, name, [(step, 0.5) for step in range(7)])
        move(database, run_id, S.STOPPED)
        with database.session() as session:
            Deletions(session).mark(run_id)
        with self.runs(database) as runs:
            assert runs.list().total == 0
            for change in (runs.new_attempt, runs.update_fields, Deletions(runs.session).mark):
                with pytest.raises(NotFoundError):
                    change(run_id)
            assert Deletions(runs.session).marked() == [run_id]
        more = True
        while more:
            with database.session() as session:
                more = Deletions(session).remove_some(run_id, portion=16)
        with database.session() as session:
            assert not Deletions(session).remove_some(run_id)
            left = {
                table.name
                for table in Base.metadata.sorted_tables
                if session.scalar(select(func.count()).select_from(table))
            }
            assert left == set()

    def test_a_deletion_can_be_taken_back(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, run_id, S.STOPPED)
        with database.session() as session:
            Deletions(session).mark(run_id)
            Deletions(session).unmark(run_id, trashed=False)
        with self.runs(database) as runs:
            assert runs.list().total == 1
            assert not Deletions(runs.session).remove_some(run_id)
            assert runs.get(run_id).status is S.STOPPED

    def test_only_named_fields_change(self, database: Database) -> None:
        run_id = make_run(database)
        with self.runs(database) as runs:
            run = runs.update_fields(run_id, notes="n", result={"metrics": {}}, data_checked=True)
            assert (run.notes, run.result, run.data_checked) == ("n", {"metrics": {}}, True)
            for field in ("status", "event_seq", "nothing"):
                with pytest.raises(InvalidRequestError):
                    runs.update_fields(run_id, **{field: "x"})
            with pytest.raises(NotFoundError):
                runs.update_fields("nothing", notes="n")

    def test_what_is_asked_is_carried_once(self, database: Database) -> None:
        run_id = make_run(database)
        move(database, make_run(database, name="ended before it began"), RunStatus.STOPPED)
        with database.session() as session:
            outbox = Dispatch(session)
            assert [r.id for r in outbox.undispatched()] == [run_id]
            outbox.mark_dispatched(run_id, 1)
            session.flush()
            assert outbox.undispatched() == []
            stop, pause = {"kind": "stop"}, {"kind": "pause"}
            outbox.ask(run_id, stop, pending=True)
            outbox.ask(run_id, pause, pending=True)
            outbox.mark_delivered(run_id, stop)
            session.flush()
            assert [r.request for r in outbox.asked()] == [pause]
            outbox.mark_delivered(run_id, pause)
            session.flush()
            assert outbox.asked() == []
            outbox.clear(run_id)
            assert Runs(session).get(run_id).request is None

    def test_an_agent_is_known_by_its_token_only(self, database: Database) -> None:
        run_id, other = make_run(database), make_run(database)
        with self.runs(database) as runs:
            runs.set_agent_token(run_id, "secret")
            assert runs.check_agent_token(run_id, "secret")
            assert not runs.check_agent_token(run_id, "Secret")
            assert not runs.check_agent_token(other, "secret")
            assert "secret" not in (runs.get(run_id).agent_token_hash or "")
