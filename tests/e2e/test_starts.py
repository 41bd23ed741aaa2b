"""Starts that meet each other, or whose starter is gone."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from house import House, eventually

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


def test_a_first_start_that_was_cut_short_ends_no_later_one(house: House) -> None:
    house.home.path.mkdir(parents=True, exist_ok=True)
    house.home.temporal_database.write_bytes(b"")
    house.start()
    assert house.healthy()
    assert eventually(lambda: house.processes().get("temporal"))
