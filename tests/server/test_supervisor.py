"""The supervisor's children, real ones: what killed them is put out of their way."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from trainwright.server.supervisor import Supervisor
from trainwright.settings import Settings
from trainwright.workflows import temporal

pytestmark = pytest.mark.integration


def until(met: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def answers(port: int | None) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port or 0)) == 0


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(Settings(trainwright_home=tmp_path))
    made.home.logs.mkdir(parents=True)
    yield made
    made.stop()


def test_temporal_leaves_a_port_that_another_program_took_first(supervisor: Supervisor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        supervisor.temporal_port = taken
        argv = temporal.server_argv(supervisor.home, taken)
        supervisor.start_child("temporal", argv, {}, supervisor.make_way_for_temporal)
        idle = [sys.executable, "-c", "import time; time.sleep(600)"]
        supervisor.start_child("worker", idle, {"TEMPORAL_HOST": f"127.0.0.1:{taken}"})
        server, worker = supervisor.children
        until(lambda: not server.alive)
        assert server.make_way_and_start()
        assert supervisor.temporal_port not in (None, taken)
        until(lambda: answers(supervisor.temporal_port))
        assert worker.process is not None
        told = psutil.Process(worker.process.pid).environ()["TEMPORAL_HOST"]
        assert told == f"127.0.0.1:{supervisor.temporal_port}"


def test_whatever_else_ends_temporal_is_nothing_to_make_way_for(supervisor: Supervisor) -> None:
    argv = [sys.executable, "-c", "import sys; sys.exit('error: no')"]
    supervisor.start_child("temporal", argv, {}, supervisor.make_way_for_temporal)
    (server,) = supervisor.children
    until(lambda: not server.alive)
    assert not server.make_way_and_start()
