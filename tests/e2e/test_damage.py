"""What is deleted, copied, frozen or cut off under a running platform loses no run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from house import House, eventually

from trainwright.client import Client
from trainwright.platform import end_platform, find_platform, parts_left
from trainwright.process import is_running, living
from trainwright.settings import Settings
from trainwright.workflows import temporal

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240)]

PAGE = 4096


def start(client: Client, script: Path, *, steps: int = 60, **fields: object) -> str:
    spec = {"model": f"script/{script}", "overrides": {"args": [str(steps), "0.05"]}}
    return client.create_run(spec=spec | fields).id


def ended(house: House, run_id: str, *, timeout: float = 90) -> str:
    def look() -> str | None:
        if not house.healthy():
            return None
        status = house.client().run(run_id).status
        return status.value if status.is_terminal else None

    return str(eventually(look, timeout=timeout, every=0.2))


def steps_of(house: House, run_id: str) -> list[int | None]:
    (series,) = house.client().metrics(run_id, names=["train/loss"]).series
    return [point.step for point in series.points]


def training(house: House, run_id: str) -> None:
    eventually(lambda: house.state(run_id).get("trainer"))


def lose(database: Path) -> None:
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()


def tear(database: Path) -> None:
    database.with_name(database.name + "-wal").unlink(missing_ok=True)
    with database.open("r+b") as file:
        for offset in range(3 * PAGE, database.stat().st_size, 2 * PAGE):
            file.seek(offset)
            file.write(os.urandom(PAGE))


@pytest.mark.parametrize("harm", [lose, tear])
def test_temporal_may_forget_everything(
    house: House, stepper: Path, harm: Callable[[Path], None]
) -> None:
    run_id = start(house.start(), stepper)
    training(house, run_id)
    # without its supervisor nobody starts Temporal again before the harm is done
    supervisor = house.processes()["supervisor"]
    supervisor.suspend()
    house.processes()["temporal"].kill()
    eventually(lambda: "temporal" not in house.processes())
    harm(house.home.temporal_database)
    supervisor.resume()
    assert ended(house, run_id) == "completed"
    assert steps_of(house, run_id) == list(range(1, 61))
    assert stepper.with_suffix(".starts").read_text().count("\n") == 1


def test_a_training_may_end_while_temporal_is_away(house: House, stepper: Path) -> None:
    run_id = start(house.start(), stepper)
    training(house, run_id)
    supervisor = house.processes()["supervisor"]
    supervisor.suspend()
    house.processes()["temporal"].kill()
    eventually(lambda: house.state(run_id).get("phase") == "done")
    time.sleep(15)  # longer than the SDK tries to tell how an activity ended
    supervisor.resume()
    assert ended(house, run_id) == "completed"
    assert steps_of(house, run_id) == list(range(1, 61))


def test_a_run_whose_directory_is_gone_can_be_stopped(house: House, stepper: Path) -> None:
    client = house.start()
    run_id = start(client, stepper, steps=5000)
    training(house, run_id)
    trainer = living(house.state(run_id)["trainer"])
    assert trainer is not None
    for _ in range(3):  # its processes write while it is removed
        shutil.rmtree(house.directory(run_id).path, ignore_errors=True)
    eventually(lambda: client.run(run_id).status == "lost")
    client.stop(run_id)
    assert ended(house, run_id) == "stopped"
    assert not is_running(trainer)


def test_parts_that_are_frozen_are_not_dead(house: House, stepper: Path) -> None:
    run_id = start(house.start(), stepper, steps=300)
    training(house, run_id)
    frozen = [house.processes()[name] for name in ("api", "worker", "temporal")]
    frozen += [found for who in ("agent", "child") if (found := living(house.state(run_id)[who]))]
    for process in frozen:
        process.suspend()
    time.sleep(12)  # longer than Temporal's SDK waits before it gives up activities
    for process in frozen:
        process.resume()
    assert ended(house, run_id) == "completed"
    assert steps_of(house, run_id) == list(range(1, 301))
    assert stepper.with_suffix(".starts").read_text().count("\n") == 1


def test_a_copied_home_leaves_the_original_alone(house: House, tmp_path: Path) -> None:
    house.start()
    parts = {name: process.pid for name, process in house.processes().items()}
    copy = House(tmp_path / "copy")
    shutil.copytree(house.home.path, copy.home.path, ignore=shutil.ignore_patterns("*.lock"))
    assert find_platform(Settings(trainwright_home=copy.home.path)) is None
    try:
        copy.start()
        assert copy.client().url != house.client().url
        assert end_platform(copy.home)
    finally:
        copy.end_everything()
    assert house.healthy()
    assert {name: process.pid for name, process in house.processes().items()} == parts


def test_what_a_killed_supervisor_left_can_be_ended(house: House, stepper: Path) -> None:
    run_id = start(house.start(), stepper, steps=5000)
    training(house, run_id)
    house.kill("supervisor")
    assert len(parts_left(house.home)) == 3
    assert end_platform(house.home)
    assert not parts_left(house.home)
    assert not end_platform(house.home)
    assert living(house.state(run_id)["trainer"])  # training is nobody's part


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """A Temporal that is not the platform's."""
    port = temporal.free_port()
    binary = temporal.find_binary()
    assert binary is not None
    server = subprocess.Popen(
        [binary, "server", "start-dev", "--headless", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"127.0.0.1:{port}"
    server.send_signal(signal.SIGKILL)
    server.wait()


def test_temporal_may_be_somebody_elses(
    house: House, stepper: Path, cluster: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_HOST", cluster)
    run_id = start(house.start(), stepper, steps=5)
    assert "temporal" not in house.processes()
    assert ended(house, run_id) == "completed"
    assert not house.home.temporal_database.exists()


def test_a_temporal_that_is_not_there_is_said_at_once(
    house: House,
    cli: Callable[..., subprocess.CompletedProcess[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEMPORAL_HOST", "127.0.0.1:1")
    said = cli("up", "--port", "0")
    assert said.returncode == 2
    assert "no Temporal answers at TEMPORAL_HOST=127.0.0.1:1" in said.stderr
    assert "unset TEMPORAL_HOST" in said.stderr
    assert not parts_left(house.home)
