"""The trainer as the agent sees it: started once, found again, watched to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass

import psutil

from trainwright.job import lock, process
from trainwright.job.ending import last_lines
from trainwright.job.records import read_record
from trainwright.spec.rundir import ExitRecord, Launch, ProcessId, RunDir, ShimRecord

LOOK_SECONDS = 0.5
"""How often a trainer that is not our own child's child is looked for."""


@dataclass(frozen=True)
class Ended:
    """The trainer is no more."""

    exit: ExitRecord | None
    trouble: str | None = None


class Trainer:
    """One attempt's shim and trainer."""

    def __init__(self, run: RunDir, launch: Launch) -> None:
        self._run = run
        self._launch = launch
        self._shim: subprocess.Popen[bytes] | None = None
        self._looked_at = 0.0
        self.record = self._read_shim()

    @property
    def started(self) -> bool:
        """The attempt has been started, by this agent or an earlier one."""
        return self.record is not None or self._shim is not None

    @property
    def id(self) -> ProcessId | None:
        """The trainer's process, once the shim has written it down."""
        return self.record.trainer if self.record else None

    def process(self) -> psutil.Process | None:
        """The living trainer."""
        return process.living(self.id)

    def start(self) -> None:
        """Start the shim. A second shim of one attempt ends without doing anything."""
        self._shim = subprocess.Popen(
            [sys.executable, "-P", "-m", "trainwright.job.shim", str(self._run.path)],
            cwd=self._run.path,
            # without what the launch adds, which is meant for the trainer's Python, not for ours
            env={**os.environ, process.MARK: process.mark_of(self._run)},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def signal(self, number: int) -> None:
        """Signal the trainer's process group."""
        if self.id:
            process.signal_group(self.id, number)

    def poll(self) -> Ended | None:
        """How the trainer ended, or `None` while it lives."""
        if self.record is None or self.record.trainer is None:
            self.record = self._read_shim()
        if ended := self._read_exit():
            return ended
        if self._shim and self._shim.poll() is None:
            return None
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return None
        self._looked_at = now
        return self._look()

    def _look(self) -> Ended | None:
        # held by the shim, be it ours or an earlier agent's, and by its child up to the trainer's
        # program: once it is free, what is written is all there will be
        if lock.held(self._run.shim_lock):
            return None
        self.record = self._read_shim()
        if process.living(self.id):
            return None
        if ended := self._read_exit():
            return ended
        if self.record is None:
            complaints = last_lines(self._run.agent_log)
            return Ended(None, complaints[-1] if complaints else "agent.log may say why")
        return Ended(None)

    def _read_shim(self) -> ShimRecord | None:
        record = read_record(self._run.shim, ShimRecord)
        return record if record and record.attempt == self._launch.attempt else None

    def _read_exit(self) -> Ended | None:
        if not self._run.exit.exists():
            return None
        record = read_record(self._run.exit, ExitRecord)
        return Ended(record) if record and record.attempt == self._launch.attempt else None
