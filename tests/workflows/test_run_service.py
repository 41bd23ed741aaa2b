"""What people may ask of runs, against a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainwright import catalog
from trainwright.settings import Settings
from trainwright.spec import ConflictError, NotFoundError, RunStatus, SpecError
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.testing.stores_runs import TO_RUNNING, move
from trainwright.workflows.service import RunService, preflight


@pytest.fixture
def service(database: Database, home_path: Path) -> RunService:
    return RunService(database, Settings(trainwright_home=home_path).home)


def create(service: RunService, **fields: object) -> Run:
    done = catalog.complete({"model": "builtin/lenet5", "dataset": "digits", **fields})
    return service.create(
        done.spec, owner_id=None, provenance=done.provenance, reasons=done.reasons
    )


def test_a_new_run_waits_for_its_workflow(service: RunService, database: Database) -> None:
    run = create(service)
    with database.session() as session:
        assert [r.id for r in Dispatch(session).undispatched()] == [run.id]
        Dispatch(session).mark_dispatched(run.id, 1)
        assert not Dispatch(session).undispatched()


def test_a_stop_is_kept_until_it_is_delivered(service: RunService, database: Database) -> None:
    run = create(service)
    service.stop(run.id)
    harder = service.stop(run.id, now=True)
    with database.session() as session:
        (asked,) = Dispatch(session).asked()
        assert (asked.request or {})["now"] is True
        Dispatch(session).mark_delivered(run.id, {"kind": "stop", "now": False})
        assert Dispatch(session).asked()  # the older one was delivered, not this one
        Dispatch(session).mark_delivered(run.id, harder.request)
        assert not Dispatch(session).asked()


def test_only_a_running_run_is_paused(service: RunService, database: Database) -> None:
    run = create(service)
    with pytest.raises(ConflictError, match="only a running run"):
        service.pause(run.id)
    move(database, run.id, *TO_RUNNING)
    assert (service.pause(run.id).request or {})["kind"] == "pause"


def test_a_stop_is_not_weakened(service: RunService, database: Database) -> None:
    run = create(service)
    move(database, run.id, *TO_RUNNING)
    service.stop(run.id, now=True)
    assert (service.stop(run.id).request or {})["now"] is True
    with pytest.raises(ConflictError, match="being stopped"):
        service.pause(run.id)


def test_a_pause_may_become_a_stop(service: RunService, database: Database) -> None:
    run = create(service)
    move(database, run.id, *TO_RUNNING)
    service.pause(run.id)
    assert (service.stop(run.id).request or {})["kind"] == "stop"


def test_resume_opens_the_next_attempt(service: RunService, database: Database) -> None:
    run = create(service)
    with pytest.raises(ConflictError, match="cannot be resumed"):
        service.resume(run.id)
    move(database, run.id, RunStatus.VALIDATING, RunStatus.FAILED)
    again = service.resume(run.id)
    # its data was never found good, so it is checked again
    assert (again.attempt, again.status) == (2, RunStatus.VALIDATING)
    move(database, run.id, *TO_RUNNING[1:], RunStatus.PAUSING, RunStatus.PAUSED)
    with database.session() as session:
        Runs(session).update_fields(run.id, data_checked=True)
    assert service.resume(run.id).status is RunStatus.QUEUED
    with pytest.raises(ConflictError):
        service.resume(run.id)


def test_a_paused_run_is_stopped_at_once(service: RunService, database: Database) -> None:
    run = create(service)
    move(database, run.id, *TO_RUNNING, RunStatus.PAUSING, RunStatus.PAUSED)
    assert service.stop(run.id).status is RunStatus.STOPPED
    with pytest.raises(ConflictError, match="already"):
        service.stop(run.id)


def test_a_clone_differs_in_what_was_changed_only(service: RunService) -> None:
    run = create(service, epochs=7)
    clone = service.clone(run.id, {"learning_rate": 0.5, "batch_size": None}, owner_id=None)
    assert clone.parent_id == run.id and clone.id != run.id
    assert clone.spec["epochs"] == 7 and clone.provenance["epochs"] == "user"
    assert clone.spec["learning_rate"] == 0.5 and clone.provenance["learning_rate"] == "user"
    assert clone.provenance["batch_size"] == "default"
    with pytest.raises(SpecError, match="epochs"):
        service.clone(run.id, {"epochs": -1}, owner_id=None)


def test_only_an_ended_run_is_deleted(service: RunService, database: Database) -> None:
    run = create(service)
    with pytest.raises(ConflictError, match="stop it"):
        service.delete(run.id)
    move(database, run.id, RunStatus.STOPPED)
    service.delete(run.id)
    with pytest.raises(NotFoundError):
        service.stop(run.id)


def test_preflight_names_every_fault(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    spec = catalog.complete(
        {
            "model": "builtin/lenet5",
            "dataset": str(tmp_path / "photo"),
            "gpus": 4000,
            "overrides": {"lable_smoothing": 0.1},
        }
    ).spec
    with pytest.raises(SpecError) as caught:
        preflight(spec)
    faults = {fault.field: fault for fault in caught.value.faults}
    assert {"dataset", "resources.gpus", "overrides.lable_smoothing"} <= set(faults)
    assert faults["dataset"].suggestions == [str(tmp_path / "photos")]


def test_a_relative_path_is_refused() -> None:
    with pytest.raises(SpecError, match="absolute"):
        preflight(catalog.complete({"model": "builtin/lenet5", "dataset": "./photos"}).spec)
