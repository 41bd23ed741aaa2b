"""The supervisor's children, real ones: what killed them is put out of their way."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from trainwright.platform import is_healthy
from trainwright.process import is_running
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


def test_while_the_api_is_down_its_port_stays_ours_and_callers_wait(supervisor: Supervisor) -> None:
    supervisor.port = 0
    supervisor.start()
    api = next(child for child in supervisor.children if child.name == "api")
    assert api.process is not None
    api.process.kill()
    api.process.wait()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", supervisor.port))
    with ThreadPoolExecutor(1) as caller:
        answer = caller.submit(is_healthy, supervisor.url, timeout=60)
        until(api.revive)
        assert answer.result()


def test_what_a_part_started_goes_with_it(supervisor: Supervisor) -> None:
    supervisor.start_child("wrapper", ["sh", "-c", "sleep 600 & echo $!; wait"], {})
    (wrapper,) = supervisor.children
    until(lambda: wrapper.log.read_text().endswith("\n"))
    started = psutil.Process(int(wrapper.log.read_text()))
    wrapper.stop()
    until(lambda: not is_running(started))


def test_why_a_part_died_is_read_from_the_end_of_its_log(supervisor: Supervisor) -> None:
    script = "echo error: an older one; yes noise | head -c 120000; "
    script += "echo error: no room; echo '  hint: make some'"
    supervisor.start_child("api", ["sh", "-c", script], {})
    (api,) = supervisor.children
    until(lambda: not api.alive)
    assert api.last_words() == ("no room", "make some")


def test_a_part_may_die_at_once_for_days(supervisor: Supervisor) -> None:
    supervisor.start_child("api", ["false"], {})
    (api,) = supervisor.children
    until(lambda: not api.alive)
    for _ in range(2000):  # every ten seconds for six hours
        api.restart_at = 0
        assert not api.revive()
    assert 9 < api.restart_at - time.monotonic() <= 10
