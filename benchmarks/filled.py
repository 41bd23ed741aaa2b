"""A platform that has been used a lot: many runs, one of them with a long curve."""

from __future__ import annotations

import math
import random

from trainwright.settings import Settings
from trainwright.spec import RunSpec
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Metrics, NewPoint, Runs, Users

POINTS, RUNS = 1_000_000, 10_000
_BATCH = 20_000
_ROAD = [RunStatus(s) for s in ("validating", "preparing", "queued", "allocating", "running")]


def fill(settings: Settings) -> str:
    """Runs of all kinds, as the store's own repositories write them; the id of one with a curve."""
    database, rng = Database(settings.database), random.Random(1)
    models = ["builtin/lenet5", "timm/resnet50", "timm/vit_base_patch16_224", "builtin/resnet18"]
    with database.session(write=False) as session:
        owner = Users(session).list()[0].id
    for start in range(0, RUNS, 500):
        with database.session() as session:
            runs = Runs(session)
            for number in range(start, start + 500):
                spec = RunSpec.model_validate(
                    {"model": rng.choice(models), "dataset": "digits",
                     "task": "image_classification"}
                )  # fmt: skip
                run = runs.add(spec, name=f"run-{number}", owner_id=owner)
                for status in _ROAD[: rng.randint(0, 1) * 5]:
                    runs.set_status(run.id, status)
                ended = rng.choice([RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED])
                stopped = RunStatus.STOPPED if run.status is not RunStatus.RUNNING else ended
                runs.set_status(run.id, stopped)
    for start in range(0, POINTS, _BATCH):
        points = [
            NewPoint("train/loss", math.exp(-step / POINTS) + rng.random() / 9, step, None, step)
            for step in range(start, start + _BATCH)
        ]
        with database.session() as session:
            Metrics(session).write(run.id, 1, points)
    database.dispose()
    return run.id
