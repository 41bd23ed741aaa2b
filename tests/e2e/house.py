"""A whole platform of its own: supervisor, Temporal, API, worker, agents and trainers."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from trainwright.client import Client
from trainwright.platform import (
    Platform,
    is_healthy,
    parts_left,
    read_platform,
    start_platform,
)
from trainwright.process import living
from trainwright.settings import Home, Settings
from trainwright.spec.rundir import RunDir


class House:
    """A running platform, and the means to hurt it."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self.platform: Platform | None = None

    def start(self) -> Client:
        self.platform = start_platform(Settings(trainwright_home=self.home.path))
        return self.client()

    def client(self) -> Client:
        return Client(home=self.home)

    def stop(self) -> None:
        if self.platform is not None:
            self.platform.stop()

    def processes(self) -> dict[str, psutil.Process]:
        record = read_platform(self.home) or {}
        named = dict(record.get("children", {})) | {"supervisor": record.get("supervisor", {})}
        found = {name: living(identity) for name, identity in named.items()}
        return {name: process for name, process in found.items() if process is not None}

    def kill(self, name: str) -> None:
        """`kill -9` of one part of the platform, as soon as it is there."""
        process = eventually(lambda: self.processes().get(name))
        process.kill()
        process.wait(10)

    def directory(self, run_id: str) -> RunDir:
        return RunDir(self.home.runs / run_id)

    def state(self, run_id: str) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            return dict(json.loads(self.directory(run_id).state.read_bytes()))
        return {}

    def kill_agent(self, run_id: str) -> None:
        process = eventually(lambda: living(self.state(run_id).get("agent") or {}))
        process.kill()

    def kill_trainer(self, run_id: str) -> None:
        process = eventually(lambda: living(self.state(run_id).get("trainer") or {}))
        process.kill()

    def healthy(self) -> bool:
        record = read_platform(self.home)
        return bool(record) and is_healthy(record["url"])

    def end_everything(self) -> None:
        """Nothing a test started may outlive it."""
        self.stop()
        for process in [*self.processes().values(), *parts_left(self.home)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        for directory in self.home.runs.glob("*"):
            for who in ("agent", "trainer", "child"):
                process = living(self.state(directory.name).get(who) or {})
                if process is not None:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()


def eventually(look: Callable[[], Any], *, timeout: float = 60, every: float = 0.05) -> Any:
    """The first truthy answer of `look`; fails when there is none in time."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if answer := look():
            return answer
        time.sleep(every)
    raise AssertionError(f"nothing came of {look} within {timeout} s")
