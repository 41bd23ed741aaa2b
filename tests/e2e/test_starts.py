"""Starts that meet each other, or whose starter is gone."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from functools import partial

import pytest
from house import House, eventually

from trainwright.platform import parts_left
from trainwright.spec.errors import UnavailableError

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(180)]

STARTER = (
    "import sys; from pathlib import Path; from trainwright.settings import Settings;"
    "from trainwright.platform import start_platform;"
    "start_platform(Settings(trainwright_home=Path(sys.argv[1])))"
)


def test_a_start_whose_starter_is_killed_is_in_nobodys_way(house: House) -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTER, str(house.home.path)])
    eventually((house.home.logs / "api.log").exists)
    starter.kill()
    starter.wait()
    began = time.monotonic()
    house.start()
    assert house.platform is not None
    assert house.platform.owned
    assert time.monotonic() - began < 45
    assert "Traceback" not in (house.home.logs / "supervisor.log").read_text()


def test_parts_of_a_supervisor_that_was_killed_at_once_are_in_nobodys_way(house: House) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "trainwright.server.supervisor", "127.0.0.1", "0"],
        stdout=subprocess.DEVNULL,
    )
    eventually((house.home.logs / "worker.log").exists)
    supervisor.kill()
    supervisor.wait()
    assert not house.home.platform.exists()
    orphans = {process.pid for process in parts_left(house.home)}
    assert len(orphans) == 3
    house.start()
    assert not orphans & {process.pid for process in parts_left(house.home)}
    assert eventually(lambda: len(house.processes()) == 4)


def test_two_starts_at_once_are_one_platform(house: House) -> None:
    starters = [
        subprocess.Popen([sys.executable, "-c", STARTER, str(house.home.path)]) for _ in range(2)
    ]
    assert [starter.wait(90) for starter in starters] == [0, 0]
    assert house.healthy()
    assert len(parts_left(house.home)) == 3


def test_a_closed_terminal_ends_it_in_order(house: House) -> None:
    up = subprocess.Popen(
        [sys.executable, "-m", "trainwright", "up", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        # what started the tests may ignore it, as nohup does, and `up` would inherit that
        preexec_fn=partial(signal.signal, signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert up.stdout is not None
    with up.stdout:
        assert "Trainwright is at" in up.stdout.readline()
        up.send_signal(signal.SIGHUP)
        assert up.wait(60) == 0
    assert not parts_left(house.home)
    assert not house.home.platform.exists()


def test_a_first_start_that_was_cut_short_ends_no_later_one(house: House) -> None:
    house.home.path.mkdir(parents=True, exist_ok=True)
    house.home.temporal_database.write_bytes(b"")
    house.start()
    assert house.healthy()
    assert eventually(lambda: house.processes().get("temporal"))


def test_what_ends_a_start_is_said_with_its_mend(house: House) -> None:
    house.home.path.mkdir(parents=True, exist_ok=True)
    house.home.secrets.write_text("no secrets")
    house.home.platform.write_text('{"url": "http://127.0.0.1:1", "children": [1]}')
    with pytest.raises(UnavailableError, match="is damaged") as caught:
        house.start()
    assert f"rm {house.home.secrets}" in caught.value.details["mend"]


def test_a_damaged_token_is_made_anew(house: House) -> None:
    house.home.path.mkdir(parents=True, exist_ok=True)
    house.home.token.write_bytes(b"\xff\xfe\x00")
    assert list(house.start().runs()) == []
