"""Runs as detached processes on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from trainwright import platform, settings
from trainwright.files import contained, write_atomic
from trainwright.job import lock, process
from trainwright.job.records import read_record, write_record
from trainwright.planner import Device
from trainwright.settings import Home
from trainwright.spec.errors import ConflictError
from trainwright.spec.rundir import (
    AgentConfig,
    AgentState,
    Control,
    ExitRecord,
    Launch,
    Phase,
    RunDir,
    ShimRecord,
)
from trainwright.targets.base import Allocation, Capacity, Observation, UnreachableError
from trainwright.targets.local import hardware
from trainwright.targets.local.device import device

STARTS, START_SECONDS = 20, 60.0
"""Agents of one run are started this often in that time, at most."""


@dataclass(frozen=True)
class Stray:
    """Something of a run that is not as it should be."""

    run_id: str
    code: str
    """`unknown_run`, `dead_agent` or `leftover_processes`."""
    message: str
    pids: tuple[int, ...] = ()


class LocalTarget:
    """This machine. Every process it starts is detached and outlives the platform."""

    name = "local"

    def __init__(self, home: Home | None = None) -> None:
        self._given_home = home
        self._agents: dict[Path, subprocess.Popen[bytes]] = {}
        self._starts: dict[Path, list[float]] = {}

    @cached_property
    def home(self) -> Home:
        return self._given_home or settings.load().home

    def capacity(self) -> Capacity:
        return Capacity(
            gpus=len(hardware.gpus()), cpus=hardware.cpus(), memory_gb=hardware.memory_gb()
        )

    def device(self, gpus: int | None) -> Device:
        return device(gpus)

    def prepare(self, run: RunDir, files: Mapping[str, str]) -> None:
        for relative, text in files.items():
            write_atomic(contained(run.path, relative), text)
        for folder in (run.checkpoints, run.artifacts):
            folder.mkdir(parents=True, exist_ok=True)

    def start(
        self, run: RunDir, launch: Launch, config: AgentConfig, allocation: Allocation
    ) -> None:
        current = read_record(run.command, Launch)
        if current and current.attempt > launch.attempt:
            raise ConflictError(
                f"attempt {current.attempt} of run {run.run_id} has begun; "
                f"attempt {launch.attempt} is over"
            )
        if current is None or current.attempt < launch.attempt:
            self._end_previous(run)
            self.prepare(run, launch.files)
            write_record(run.agent, config, mode=0o600)
            # last, because from here on the attempt counts as started
            write_record(run.command, with_allocation(launch, allocation, hardware.gpus()))
        self.ensure_agent(run, config)

    def observe(self, run: RunDir) -> Observation:
        self._reap()
        if not run.path.is_dir():
            raise UnreachableError(
                f"the directory of run {run.run_id} cannot be seen", expected=str(run.path)
            )
        try:
            return self._look(run)
        except OSError as error:
            raise UnreachableError(f"run {run.run_id} cannot be read: {error.strerror}") from error

    def _look(self, run: RunDir) -> Observation:
        launch = read_record(run.command, Launch)
        state = read_record(run.state, AgentState)
        if launch is None and state is not None:
            raise UnreachableError(f"the records of run {run.run_id} were removed")
        if launch is None:
            return Observation()
        shim = read_record(run.shim, ShimRecord)
        ended = read_record(run.exit, ExitRecord)
        # records of an earlier attempt say nothing about this one
        state = state if state and state.attempt == launch.attempt else None
        shim = shim if shim and shim.attempt == launch.attempt else None
        trainer = process.living(shim.trainer) if shim else None
        return Observation(
            phase=state.phase if state else None,
            outcome=state.outcome if state else None,
            agent_alive=lock.held(run.lock),
            trainer_alive=trainer is not None,
            trainer_seconds=process.age(trainer) if trainer else None,
            state=state,
            exit=ended if ended and ended.attempt == launch.attempt else None,
        )

    def ensure_agent(self, run: RunDir, config: AgentConfig) -> bool:
        if read_record(run.agent, AgentConfig) != config:
            write_record(run.agent, config, mode=0o600)
        launch = read_record(run.command, Launch)
        state = read_record(run.state, AgentState)
        if launch is None or lock.held(run.lock):
            return False
        if state and state.attempt == launch.attempt and state.phase is Phase.DONE:
            return False
        if (agent := self._agents.get(run.path)) and agent.poll() is None:
            return False  # started a moment ago, and not at its lock yet
        if not self._may_start(run):
            return False
        self._agents[run.path] = _spawn_agent(run)
        return True

    def _may_start(self, run: RunDir) -> bool:
        """An agent that dies as soon as it lives must not take the machine with it."""
        now = time.monotonic()
        recent = [at for at in self._starts.get(run.path, ()) if now - at < START_SECONDS]
        if len(recent) < STARTS:
            recent.append(now)
        self._starts[run.path] = recent
        return recent[-1] == now

    def request(self, run: RunDir, control: Control) -> None:
        write_record(run.control, control)

    def cleanup(self, run: RunDir) -> None:
        self._reap()
        self._starts.pop(run.path, None)
        shim = read_record(run.shim, ShimRecord)
        process.end(process.family(shim, process.mark_of(run)))

    def find_strays(self, known: Set[str]) -> list[Stray]:
        """Runs whose processes and records disagree; found by pid and start time, never by name.

        Args:
            known: Ids of the runs that the platform believes to be under way.
        """
        if not self.home.runs.is_dir():
            return []
        found = [_stray(RunDir(path), known) for path in sorted(self.home.runs.iterdir())]
        return [stray for stray in found if stray]

    def _end_previous(self, run: RunDir) -> None:
        """Make way for the next attempt. The old agent leaves its spool for the new one to ship."""
        shim = read_record(run.shim, ShimRecord)
        if shim and process.living(shim.trainer):
            raise ConflictError(f"attempt {shim.attempt} of run {run.run_id} is still training")
        deadline = time.monotonic() + 5
        while lock.held(run.lock):
            state = read_record(run.state, AgentState)
            if state and (agent := process.living(state.agent)):
                process.end([agent])
            if time.monotonic() > deadline:
                raise ConflictError(f"the agent of run {run.run_id} does not end")
            time.sleep(0.05)

    def _reap(self) -> None:
        for path, agent in list(self._agents.items()):
            if agent.poll() is not None:
                self._agents.pop(path, None)


def with_allocation(launch: Launch, allocation: Allocation, gpus: Sequence[str] = ()) -> Launch:
    """The launch with the allocation in its environment: GPUs not granted are not seen.

    Args:
        launch: As the adapter made it.
        allocation: Its GPU indices count through `gpus`.
        gpus: Names of the machine's devices, where they differ from their indices.
    """
    names = [gpus[index] if index < len(gpus) else str(index) for index in allocation.gpus]
    given = {
        # so that CUDA counts devices as the driver's own tools, and our vitals, do
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "OMP_NUM_THREADS": str(max(1, allocation.cpus)),
        **launch.env,
        "CUDA_VISIBLE_DEVICES": ",".join(names),
    }
    return launch.model_copy(update={"env": given})


def _spawn_agent(run: RunDir) -> subprocess.Popen[bytes]:
    with run.agent_log.open("ab") as log:
        return subprocess.Popen(
            # -P: files that a run brings along must not shadow modules of the agent
            [sys.executable, "-P", "-m", "trainwright.job.agent", str(run.path)],
            cwd=run.path,
            # no part of the platform, so that it outlives it
            env={name: value for name, value in os.environ.items() if name != platform.MARK},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _stray(run: RunDir, known: Set[str]) -> Stray | None:
    launch = read_record(run.command, Launch)
    if launch is None:
        return None
    shim = read_record(run.shim, ShimRecord)
    state = read_record(run.state, AgentState)
    trainer = process.living(shim.trainer) if shim else None
    agent = lock.held(run.lock)
    done = state and state.attempt == launch.attempt and state.phase is Phase.DONE
    if run.run_id not in known and trainer:
        text = "a trainer lives, but the platform does not know its run"
        return Stray(run.run_id, "unknown_run", text, (trainer.pid,))
    if run.run_id in known and not agent and not done:
        return Stray(run.run_id, "dead_agent", "the run is under way, but its agent is dead")
    ended = done or (run.run_id not in known and not agent)
    if ended and (left := process.family(shim, process.mark_of(run))):
        text = "the run has ended, but processes of it are left"
        return Stray(run.run_id, "leftover_processes", text, tuple(p.pid for p in left))
    return None
