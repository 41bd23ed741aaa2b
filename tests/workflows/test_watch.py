"""What the one who watches a training decides, on a real run directory and database."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from trainwright.job import process
from trainwright.job.records import read_record, write_record
from trainwright.spec import RunSpec, RunStatus
from trainwright.spec.rundir import (
    AgentConfig,
    AgentState,
    Control,
    ExitRecord,
    Launch,
    Phase,
    ShimRecord,
)
from trainwright.store.models import Run
from trainwright.store.repositories import Attempts, Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.testing.stores_runs import TO_RUNNING
from trainwright.workflows.activities import RunActivities
from trainwright.workflows.messages import Attempt, EndRequest
from trainwright.workflows.services import Services
from trainwright.workflows.training import TrainActivity, _Watch

AT = "2026-01-02T03:04:05+00:00"


def running(services: Services) -> Run:
    with services.database.session() as session:
        runs = Runs(session)
        run = runs.add(RunSpec(model="builtin/mlp"))
        for status in TO_RUNNING:
            runs.set_status(run.id, status)
    with services.database.session(write=False) as session:
        return Runs(session).get(run.id)


@pytest.fixture
def watch(services: Services) -> _Watch:
    run = running(services)
    directory = services.directory(run.id)
    target = services.target(run.run_spec)
    target.prepare(directory, {})
    write_record(directory.command, Launch(argv=["true"]))
    return _Watch(run, target, directory, AgentConfig(run_id=run.id))


def wait(watch: _Watch, seconds: float) -> None:
    """As if that much time had gone by."""
    watch.heard_at -= seconds
    watch.last_seen -= seconds


def lose_sight(activity: TrainActivity, watch: _Watch) -> None:
    """Look, in vain, until the run is called lost."""
    assert activity._look(watch) is None
    wait(watch, 11)
    assert activity._look(watch) is None
    assert watch.run.status is RunStatus.LOST


def ended(code: int) -> ExitRecord:
    now = datetime.now(UTC)
    return ExitRecord(attempt=1, exit_code=code, started_at=now, ended_at=now)


@pytest.mark.parametrize(("code", "status"), [(0, "completed"), (3, "failed"), (None, "failed")])
def test_a_training_whose_agent_cannot_live_ends_some_day(
    services: Services, watch: _Watch, code: int | None, status: str
) -> None:
    activity = TrainActivity(services)
    watch.directory.events.mkdir()  # no spool can be opened here
    if code is not None:
        write_record(watch.directory.exit, ended(code))
    assert activity._look(watch) is None
    wait(watch, 30)
    assert activity._look(watch) is None
    wait(watch, 31)
    deadline = time.monotonic() + 30
    while (ending := activity._look(watch)) is None:
        assert time.monotonic() < deadline  # an agent may be trying at this moment
        time.sleep(0.05)
    assert ending.status == status
    if status == "failed":
        assert ending.error is not None
        assert ending.error["code"] == "agent_failed"
        assert ending.error["exit_code"] == code


def test_an_agent_that_speaks_is_not_given_up(services: Services, watch: _Watch) -> None:
    wait(watch, 61)
    state = AgentState(
        run_id=watch.run.id,
        attempt=1,
        phase=Phase.STARTING,
        agent=process.identify(),
        heartbeat=datetime.now(UTC),
    )
    write_record(watch.directory.state, state)
    assert not watch.is_silent(watch.target.observe(watch.directory))
    wait(watch, 61)
    assert watch.is_silent(watch.target.observe(watch.directory))


def test_what_a_person_asked_is_not_replaced_by_a_stall(services: Services, watch: _Watch) -> None:
    mine = {"kind": "pause", "now": False, "by": "person", "at": AT}
    with services.database.session() as session:
        Dispatch(session).ask(watch.run.id, mine, pending=False)
    TrainActivity(services)._end(watch, by="stall")
    with services.database.session(write=False) as session:
        assert Runs(session).get(watch.run.id).request == mine
    assert not watch.directory.control.exists()


def test_an_end_that_was_decided_is_asked_again_by_the_next_worker(
    services: Services, watch: _Watch
) -> None:
    mine = {"kind": "stop", "now": False, "by": "stall", "at": AT}
    with services.database.session() as session:
        Dispatch(session).ask(watch.run.id, mine, pending=False)
    TrainActivity(services)._end(watch, by="stall")  # the worker died before it was carried
    control = read_record(watch.directory.control, Control)
    assert control is not None
    assert control.request == "stop"
    assert control.requested_at == datetime.fromisoformat(AT)


@pytest.fixture
def trainer(watch: _Watch) -> Iterator[subprocess.Popen[bytes]]:
    """A trainer that has just been started."""
    child = subprocess.Popen(["sleep", "600"])
    here = process.identify(child.pid)
    now = datetime.now(UTC)
    write_record(
        watch.directory.shim, ShimRecord(attempt=1, shim=here, trainer=here, started_at=now)
    )
    yield child
    child.kill()
    child.wait()


@pytest.mark.usefixtures("trainer")
def test_a_clock_that_was_set_does_not_end_a_training(services: Services, watch: _Watch) -> None:
    with services.database.session() as session:
        long_ago = datetime.now(UTC) - timedelta(days=30)
        Attempts(session).get(watch.run.id, 1).started_at = long_ago
    activity = TrainActivity(services)
    again = activity._attach(Attempt(watch.run.id, 1))
    activity._supervise(again, again.target.observe(again.directory))
    assert not watch.directory.control.exists()


@pytest.mark.usefixtures("trainer")
def test_a_training_ends_when_it_has_had_its_time(services: Services, watch: _Watch) -> None:
    seconds = 0.3
    watch.run.spec = watch.run.spec | {"resources": {"max_hours": seconds / 3600}}
    activity = TrainActivity(services)
    deadline = time.monotonic() + 30
    while not watch.directory.control.exists():
        assert time.monotonic() < deadline
        seen = watch.target.observe(watch.directory)
        activity._supervise(watch, seen)
    assert seen.trainer_seconds is not None
    assert seen.trainer_seconds > seconds
    with services.database.session(write=False) as session:
        request = Runs(session).get(watch.run.id).request
    assert request is not None
    assert (request["kind"], request["by"]) == ("stop", "time_limit")


def test_a_stop_of_a_run_that_cannot_be_seen_ends_it(services: Services, watch: _Watch) -> None:
    activity = TrainActivity(services)
    shutil.rmtree(watch.directory.path)
    lose_sight(activity, watch)
    with services.database.session() as session:
        stop = {"kind": "stop", "now": False, "by": "person", "at": AT}
        Dispatch(session).ask(watch.run.id, stop, pending=True)
    ending = activity._look(watch)
    assert ending is not None
    assert ending.status == "stopped"


def test_a_stop_that_nobody_could_carry_is_carried_when_the_run_is_seen_again(
    services: Services, watch: _Watch
) -> None:
    activity = TrainActivity(services)
    place, away = watch.directory.path, watch.directory.path.with_name("away")
    place.rename(away)
    lose_sight(activity, watch)
    with services.database.session() as session:
        stop = {"kind": "stop", "now": True, "by": "person", "at": AT}
        Dispatch(session).ask(watch.run.id, stop, pending=True)
    RunActivities(services).request_end(EndRequest(Attempt(watch.run.id, 1), "stop", now=True))
    assert not place.exists()
    away.rename(place)
    activity._look(watch)
    control = read_record(watch.directory.control, Control)
    assert control is not None
    assert (control.request, control.now) == ("stop", True)
