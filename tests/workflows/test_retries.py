"""Which endings are followed by another attempt, on a real database and run directory."""

from __future__ import annotations

from typing import Any

import pytest

from trainwright.spec import RunSpec
from trainwright.store.repositories import Runs
from trainwright.testing.stores_runs import TO_RUNNING, move
from trainwright.workflows.activities import RunActivities
from trainwright.workflows.messages import Attempt, Ending, Finish
from trainwright.workflows.services import Services

FROM_QUEUE = TO_RUNNING[-2:]


def attempts(services: Services, code: str, stage: str, supervision: dict[str, Any]) -> int:
    """How many attempts a run makes of which each ends with the same error."""
    with services.database.session() as session:
        spec = RunSpec.model_validate({"model": "builtin/mlp", "supervision": supervision})
        run = Runs(session).add(spec)
        Runs(session).update_fields(run.id, data_checked=True)
    activities = RunActivities(services)
    for number in range(1, 9):
        move(services.database, run.id, *(TO_RUNNING if number == 1 else FROM_QUEUE))
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
