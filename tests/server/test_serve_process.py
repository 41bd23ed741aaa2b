"""The API as a process: it is ready quickly, ends when asked, and says why it cannot start."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

pytestmark = pytest.mark.integration

READY_SECONDS = 60
"""Far above what it takes alone: test machines are busy."""


def start(home: Path, port: int, log: Path) -> subprocess.Popen[bytes]:
    env = os.environ | {"TRAINWRIGHT_HOME": str(home)}
    argv = [sys.executable, "-m", "trainwright", "serve", "--role", "api", "--port", str(port)]
    with log.open("wb") as file:
        return subprocess.Popen(argv, env=env, stdout=file, stderr=file)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def process(home_path: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    port = free_port()
    child = start(home_path, port, tmp_path / "api.log")
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        try:
            if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.05)
    yield child, url
    if child.poll() is None:
        child.kill()
    child.wait()


def test_it_ends_at_once_though_clients_are_connected(
    process: tuple[subprocess.Popen[bytes], str], home_path: Path, tmp_path: Path
) -> None:
    child, url = process
    token = (home_path / "token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as http:
        spec = {"model": "builtin/lenet5", "dataset": "digits"}
        run_id = http.post("/api/v1/runs", json=spec).json()["id"]
        path = f"{url.replace('http', 'ws')}/ws/runs/{run_id}"
        with connect(path, additional_headers=headers, proxy=None) as live:
            assert json.loads(live.recv(timeout=10))["type"] == "status_changed"
            child.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed):
                live.recv(timeout=10)
            assert child.wait(10) in (0, -signal.SIGTERM)
    lines = (tmp_path / "api.log").read_text().splitlines()
    assert any(json.loads(line)["message"] == "POST /api/v1/runs" for line in lines)
    assert token not in "".join(lines)


def test_a_second_api_on_the_port_ends_with_the_mend(
    process: tuple[subprocess.Popen[bytes], str], home_path: Path, tmp_path: Path
) -> None:
    _, url = process
    second = start(home_path, int(url.rpartition(":")[2]), tmp_path / "second.log")
    assert second.wait(READY_SECONDS) == 2
    assert "--port" in (tmp_path / "second.log").read_text()
