"""One run on a target under test, and what tests ask of it."""

# ruff: noqa: S101 (it asserts on behalf of tests)

from __future__ import annotations

import json
import os
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psutil

from trainwright.spec.rundir import AgentConfig, AgentState, Control, Launch, Phase, RunDir
from trainwright.targets.base import Allocation, Observation, Target

ONE_CPU = Allocation(cpus=1)


class ThisMachine:
    """Where the run directories and processes of a target are; to be overridden for others."""

    python = sys.executable
    """The interpreter there."""

    def read(self, run: RunDir, name: str) -> bytes:
        """A file of the run directory; empty when it is not there yet."""
        path = run.path / name
        return path.read_bytes() if path.exists() else b""

    def kill(self, pid: int, number: int) -> None:
        """Signal a process."""
        os.kill(pid, number)

    def is_alive(self, pid: int) -> bool:
        """Whether a process is there, other than as a zombie."""
        try:
            return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def until(seen: Callable[[], Any], *, seconds: float = 30) -> Any:
    """Poll until `seen` gives something true, and give that.

    Raises:
        AssertionError: It did not within `seconds`.
    """
    deadline = time.monotonic() + seconds
    while not (value := seen()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return value


class Trial:
    """One run on one target, with what tests ask of it."""

    def __init__(self, place: ThisMachine, target: Target, run: RunDir) -> None:
        self.place = place
        self.target = target
        self.run = run
        self.config = AgentConfig(run_id=run.run_id, heartbeat_seconds=0.3, vitals_seconds=0.5)

    def start(self, script: str, **launch: Any) -> Trial:
        """Run a Python program as attempt 1, or whatever `launch` says."""
        launch.setdefault("argv", [self.place.python, "train.py"])
        allocation = launch.pop("allocation", ONE_CPU)
        self.target.prepare(self.run, {"train.py": textwrap.dedent(script)})
        self.launch = Launch.model_validate(launch)
        self.config.attempt = self.launch.attempt
        self.target.start(self.run, self.launch, self.config, allocation)
        return self

    def look(self) -> Observation:
        return self.target.observe(self.run)

    def state(self) -> AgentState:
        """What the living agent says of itself, once it knows its trainer."""

        def fresh() -> AgentState | None:
            state = self.look().state
            known = state and state.child and state.trainer
            return state if known and state and self.place.is_alive(state.agent.pid) else None

        state: AgentState = until(fresh)
        return state

    def ask(self, request: str, **more: Any) -> None:
        control = {"attempt": self.launch.attempt, "request": request, **more}
        control["requested_at"] = datetime.now(UTC)
        self.target.request(self.run, Control.model_validate(control))

    def wait(self, *, seconds: float = 60) -> Observation:
        """Until everything is spooled; the target's agent is revived as the platform would."""

        def done() -> Observation | None:
            seen = self.look()
            if not seen.agent_alive:
                self.target.ensure_agent(self.run, self.config)
            return seen if seen.phase is Phase.DONE else None

        seen: Observation = until(done, seconds=seconds)
        return seen

    def wait_for(self, text: str) -> Trial:
        until(lambda: text.encode() in self.log())
        return self

    def log(self) -> bytes:
        return self.place.read(self.run, "stdout.log")

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        lines = self.place.read(self.run, "events.jsonl").splitlines()
        events = [json.loads(line) for line in lines]
        return [e for e in events if kind in (None, e["type"])]

    def points(self) -> list[tuple[str, float, int | None]]:
        points = [p for e in self.events("metrics") for p in e["data"]["points"]]
        return [(p["name"], p["value"], p.get("step")) for p in points]

    def error(self) -> dict[str, Any]:
        (event,) = self.events("training_error")
        data: dict[str, Any] = event["data"]
        return data

    def check_log(self) -> None:
        """The log events hold the whole log, once, in order."""
        at = 0
        for event in self.events("log"):
            data = event["data"]
            assert data["offset"] == at
            at += data["size"]
        log = self.log()
        assert at == len(log)
        text = "".join(e["data"]["text"] for e in self.events("log"))
        try:
            assert text == log.decode()
        except UnicodeDecodeError:
            assert len(text) > 0

    def check_numbers(self) -> None:
        """Event numbers rise by one."""
        numbers = [e["seq"] for e in self.events()]
        assert numbers == list(range(1, len(numbers) + 1))
