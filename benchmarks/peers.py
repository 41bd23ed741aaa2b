"""Other trackers, in an environment of their own, so that none of theirs comes among ours."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("mlflow", "trackio")
_PLACE = Path(os.environ.get("BENCHMARK_PEERS", Path(tempfile.gettempdir()) / "benchmark-peers"))


def python() -> str:
    """The interpreter of the peers' environment, which is made at first need."""
    found = _PLACE / "bin" / "python"
    ready = _PLACE / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", str(_PLACE)], check=True)
        subprocess.run([found, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        ready.touch()
    return str(found)


def lighthouse() -> list[str]:
    """The command of Lighthouse, which is installed at first need; newer ones want Node 22."""
    place = _PLACE / "lighthouse"
    found = place / "node_modules" / ".bin" / "lighthouse"
    if not found.exists():
        place.mkdir(parents=True, exist_ok=True)
        quiet = ["--silent", "--no-audit", "--no-fund"]
        subprocess.run(["npm", "install", *quiet, "lighthouse@12"], cwd=place, check=True)
    return [str(found)]


def run(code: str, *arguments: str, folder: Path) -> dict[str, float]:
    """What a program prints as JSON in its last line, run among the peers."""
    done = subprocess.run(
        [python(), "-c", code, *arguments],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


@contextlib.contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """The URL of an MLflow server over SQLite."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    argv = [
        python(), "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
    ]  # fmt: skip
    with (folder / "mlflow.log").open("wb") as log:
        server = subprocess.Popen(
            argv, cwd=folder, env=_environment(folder), stdout=log, stderr=log
        )
    try:
        _wait_for(f"{url}/health", server)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {
        "HOME": str(folder),
        "TRACKIO_DIR": str(folder / "trackio"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "OMP_NUM_THREADS": "1",
    }


def _wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server at {url} did not start")
