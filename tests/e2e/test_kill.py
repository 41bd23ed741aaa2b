"""Nothing is lost when a part of the platform is killed at a random moment."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from house import House, eventually

from trainwright.client import Client
from trainwright.spec import RunStatus

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240)]

STEPS, PAUSE, KILLS = 160, 0.06, 5


def start(client: Client, script: Path, *, steps: int = STEPS, **fields: object) -> str:
    spec = {"model": f"script/{script}", "overrides": {"args": [str(steps), str(PAUSE)]}}
    return client.create_run(spec=spec | fields).id


def metric(client: Client, run_id: str) -> list[tuple[int | None, float]]:
    (series,) = client.metrics(run_id, names=["train/loss"]).series
    return [(point.step, point.value) for point in series.points]


def assert_whole(house: House, run_id: str, script: Path) -> None:
    """Every step once, one trainer, the log from the first byte to the last."""
    client = house.client()
    assert [step for step, _ in metric(client, run_id)] == list(range(1, STEPS + 1))
    assert script.with_suffix(".starts").read_text().count("\n") == 1
    log = "".join(client.logs(run_id))
    assert log == house.directory(run_id).log.read_text()
    assert log.endswith("done\n")
    seqs = [event.seq for event in client.events(run_id, follow=False)]
    assert seqs == list(range(1, len(seqs) + 1))


def wait_for(house: House, run_id: str, *statuses: RunStatus, timeout: float = 90) -> str:
    def look() -> str | None:
        if not house.healthy():
            return None
        status = house.client().run(run_id).status
        return status if status in statuses else None

    return str(eventually(look, timeout=timeout, every=0.2))


@pytest.mark.parametrize(
    ("victim", "kills"),
    [("api", KILLS), ("worker", KILLS), ("temporal", KILLS), ("agent", KILLS),
     ("supervisor", 3)],  # a whole platform is started after each
)  # fmt: skip
def test_a_part_is_killed_time_and_again(
    house: House, stepper: Path, victim: str, kills: int
) -> None:
    dice = random.Random(f"{victim}-{time.time_ns()}")
    run_id = start(house.start(), stepper)
    eventually(lambda: house.state(run_id).get("trainer"))
    for _ in range(kills):
        time.sleep(dice.uniform(0.1, 1.2))
        if victim == "agent":
            house.kill_agent(run_id)
        elif victim == "supervisor":
            if house.state(run_id).get("phase") == "done":
                break
            house.kill("supervisor")
            house.start()
        else:
            house.kill(victim)
    assert wait_for(house, run_id, *RunStatus) in {s.value for s in RunStatus}
    ended = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED)
    assert wait_for(house, run_id, *ended) == RunStatus.COMPLETED
    assert_whole(house, run_id, stepper)


def test_everything_is_killed_at_once(house: House, stepper: Path) -> None:
    run_id = start(house.start(), stepper)
    eventually(lambda: house.state(run_id).get("trainer"))
    time.sleep(random.uniform(0.2, 3))
    for name in ("supervisor", "api", "worker", "temporal"):
        house.kill(name)
    house.kill_agent(run_id)
    time.sleep(1)
    house.start()
    assert wait_for(house, run_id, RunStatus.COMPLETED, RunStatus.FAILED) == RunStatus.COMPLETED
    assert_whole(house, run_id, stepper)


def test_a_chosen_checkpoint_outlives_a_kill_at_the_moment_of_resuming(house: House) -> None:
    client = house.start()
    given = {"samples": 600, "side": 8, "classes": 3, "hidden": [16], "checkpoints_kept": 9}
    spec = {"model": "builtin/mlp", "dataset": "random", "epochs": 4000, "overrides": given}
    run_id = client.create_run(spec=spec | {"batch_size": 16}).id

    def steps() -> list[int]:
        return sorted({c.step or 0 for c in client.checkpoints(run_id) if c.resumable})

    eventually(lambda: len(steps()) > 3)
    client.stop(run_id)
    wait_for(house, run_id, RunStatus.STOPPED)
    chosen, before = steps()[0], metric(client, run_id)
    client.resume(run_id, chosen)
    house.kill("worker")
    eventually(lambda: client.attempts(run_id)[-1].start_step)
    assert [attempt.start_step for attempt in client.attempts(run_id)] == [None, chosen]
    client.stop(run_id)
    wait_for(house, run_id, RunStatus.STOPPED)
    # the curve has each step once, and what was given up is there for whoever asks
    now = [step for step, _ in metric(client, run_id)]
    assert now == sorted(set(now))
    (first,) = client.metrics(run_id, ["train/loss"], attempt=1).series
    assert [(point.step, point.value) for point in first.points] == before


@pytest.mark.parametrize("moment", range(KILLS))
def test_a_dead_trainer_is_failed_with_its_exit_code(
    shared_house: House, stepper: Path, moment: int
) -> None:
    client = shared_house.client()
    run_id = start(client, stepper)
    eventually(lambda: shared_house.state(run_id).get("trainer"))
    time.sleep(random.uniform(0, 0.5) + moment * 0.5)
    shared_house.kill_trainer(run_id)
    assert wait_for(shared_house, run_id, RunStatus.FAILED, RunStatus.COMPLETED) == RunStatus.FAILED
    detail = client.run(run_id)
    assert detail.error is not None and detail.error.message
    assert detail.error.signal == 9
    points = metric(client, run_id)
    assert [step for step, _ in points] == list(range(1, len(points) + 1))


def test_a_dead_trainer_is_resumed_if_asked(shared_house: House, stepper: Path) -> None:
    client = shared_house.client()
    run_id = start(client, stepper, steps=40, supervision={"max_retries": 1})
    starts = stepper.with_suffix(".starts")
    eventually(lambda: starts.exists() and shared_house.state(run_id).get("trainer"))
    shared_house.kill_trainer(run_id)
    assert wait_for(shared_house, run_id, RunStatus.COMPLETED) == RunStatus.COMPLETED
    assert client.run(run_id).attempt == 2
    assert starts.read_text().count("\n") == 2
