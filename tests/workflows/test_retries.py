"""Which endings are followed by another attempt, on a real database and run directory."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from trainwright.settings import Settings
from trainwright.spec import RunSpec, RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Runs
from trainwright.workflows.activities import RunActivities
from trainwright.workflows.messages import Attempt, Ending, Finish
from trainwright.workflows.services import Services

TO_RUNNING = (
    RunStatus.VALIDATING,
    RunStatus.PREPARING,
    RunStatus.QUEUED,
    RunStatus.ALLOCATING,
    RunStatus.RUNNING,
)


@pytest.fixture
def services(tmp_path: Path, sqlite_template: Path, home_path: Path) -> Services:
    shutil.copy(sqlite_template, tmp_path / "trainwright.db")
    database = Database(f"sqlite:///{tmp_path / 'trainwright.db'}")
    return Services(Settings(trainwright_home=home_path), database)


def attempts(services: Services, code: str, stage: str, supervision: dict[str, Any]) -> int:
    """How many attempts a run makes of which each ends with the same error."""
    with services.database.session() as session:
        spec = RunSpec.model_validate({"model": "builtin/mlp", "supervision": supervision})
        run = Runs(session).add(spec)
        Runs(session).update_fields(run.id, data_checked=True)
    activities = RunActivities(services)
    for number in range(1, 9):
        with services.database.session() as session:
            runs = Runs(session)
            now = runs.get(run.id).status
            left = TO_RUNNING[TO_RUNNING.index(now) + 1 :] if now in TO_RUNNING else TO_RUNNING
            for status in left:
                runs.set_status(run.id, status)
        error = {"code": code, "message": "it ended", "stage": stage}
        activities.finish(Finish(Attempt(run.id, number), Ending("failed", error=error)))
        with services.database.session(write=False) as session:
            if Runs(session).get(run.id).attempt == number:
                return number
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    ("code", "stage", "supervision", "made"),
    [
        ("killed", "train", {}, 1),
        ("killed", "train", {"max_retries": 2}, 3),
        ("bad_dataset", "validate", {"max_retries": 2}, 1),
        ("time_limit", "train", {"max_retries": 2}, 1),
        ("stalled", "train", {"on_stall": "stop", "max_retries": 2}, 1),
        ("stalled", "train", {"on_stall": "restart"}, 4),
        ("stalled", "train", {"on_stall": "restart", "max_retries": 5}, 6),
    ],
)
def test_how_often_a_run_is_started_again(
    services: Services, code: str, stage: str, supervision: dict[str, Any], made: int
) -> None:
    assert attempts(services, code, stage, supervision) == made
