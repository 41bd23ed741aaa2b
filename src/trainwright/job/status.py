"""`state.json`: what the agent says of itself, every heartbeat and whenever it changes."""

from __future__ import annotations

import contextlib
import time
from datetime import UTC, datetime
from typing import Any

from trainwright.job import process
from trainwright.job.records import read_record, write_record
from trainwright.spec.errors import StorageError
from trainwright.spec.rundir import AgentConfig, AgentState, Launch, Phase, RunDir


class StatusFile:
    """Keeps the record of one attempt fresh.

    Attributes:
        before: What an earlier agent of the attempt said last.
    """

    def __init__(self, run: RunDir, launch: Launch, config: AgentConfig) -> None:
        before = read_record(run.state, AgentState)
        self.before = before if before and before.attempt == launch.attempt else None
        self._path = run.state
        self._every = config.heartbeat_seconds
        self._written_at = float("-inf")
        self._state = AgentState(
            run_id=config.run_id,
            attempt=launch.attempt,
            phase=Phase.STARTING,
            agent=process.identify(),
            heartbeat=datetime.now(UTC),
            last_output=self.before.last_output if self.before else None,
        )

    @property
    def phase(self) -> Phase:
        """What was written last."""
        return self._state.phase

    def lives(self) -> None:
        """The trainer has given a sign of life."""
        self._state.last_output = datetime.now(UTC)

    def beat(self, **changes: Any) -> None:
        """Write when a heartbeat is due, or one of the fields but a sequence number changes."""
        told = {k: v for k, v in changes.items() if k not in ("last_seq", "shipped_seq")}
        changed = any(getattr(self._state, name) != value for name, value in told.items())
        self._state = self._state.model_copy(update=changes)
        if not changed and time.monotonic() - self._written_at < self._every:
            return
        self._state.heartbeat = datetime.now(UTC)
        # without a heartbeat the platform looks at the processes themselves
        with contextlib.suppress(StorageError):
            write_record(self._path, self._state)
            self._written_at = time.monotonic()
