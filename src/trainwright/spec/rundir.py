"""The run directory: its layout and the records in it. No I/O here; see `docs/internals.md`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class RunDir:
    """Paths of one run's files."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def spec(self) -> Path:
        return self.path / "spec.yaml"

    @property
    def provenance(self) -> Path:
        return self.path / "provenance.json"

    @property
    def command(self) -> Path:
        """`Launch` of the current attempt."""
        return self.path / "command.json"

    @property
    def agent(self) -> Path:
        """`AgentConfig`: where to ship events, and the run's token. Mode 0600."""
        return self.path / "agent.json"

    @property
    def state(self) -> Path:
        """`AgentState`, written by the agent only."""
        return self.path / "state.json"

    @property
    def control(self) -> Path:
        """`Control`, written by the platform, read by the agent."""
        return self.path / "control.json"

    @property
    def kept(self) -> Path:
        """`Kept`, written by the platform, read by trainers that remove checkpoints."""
        return self.path / "kept.json"

    @property
    def shim(self) -> Path:
        """`ShimRecord`, written by the shim before the trainer starts."""
        return self.path / "shim.json"

    @property
    def exit(self) -> Path:
        """`ExitRecord`, written by the shim when the trainer has ended."""
        return self.path / "exit.json"

    @property
    def lock(self) -> Path:
        """Held by the living agent (flock), so that there is never a second one."""
        return self.path / "agent.lock"

    @property
    def shim_lock(self) -> Path:
        """Held by the living shim, so that an attempt is never started twice."""
        return self.path / "shim.lock"

    @property
    def events(self) -> Path:
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        return self.path / "stdout.log"

    @property
    def agent_log(self) -> Path:
        return self.path / "agent.log"

    @property
    def result(self) -> Path:
        """`TrainerResult`, written by trainers that measure their own model."""
        return self.path / "result.json"

    @property
    def checkpoints(self) -> Path:
        return self.path / "checkpoints"

    @property
    def artifacts(self) -> Path:
        return self.path / "artifacts"


class _Record(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings", extra="ignore")


class ProcessId(_Record):
    """A process named so that a reused pid is never mistaken for it."""

    pid: int
    started: float = Field(
        description="Creation time, seconds since the epoch, as psutil gives it."
    )
    birth: str | None = Field(
        default=None,
        description="Names its start exactly, whatever the clock is set to, where a kernel tells.",
    )


class Launch(_Record):
    """How to start a trainer; `command.json` holds it. Made by an adapter, extended by a target."""

    argv: list[str] = Field(min_length=1)
    cwd: str | None = Field(default=None, description="Default: the run directory.")
    env: dict[str, str] = Field(
        default_factory=dict, description="Added to the agent's environment."
    )
    env_names: list[str] = Field(
        default_factory=list, description="Variables passed on from the agent's environment."
    )
    files: dict[str, str] = Field(
        default_factory=dict, description="Text files to write first, by path in the run directory."
    )
    saves_on_stop: bool = Field(
        default=False, description="On SIGTERM the trainer saves a checkpoint and exits."
    )
    metric_patterns: list[str] = Field(
        default_factory=list,
        description="User regexes with groups `name` and `value`, or named ones.",
    )
    checkpoint_globs: list[str] = Field(
        default_factory=list, description="More places to watch, relative to the run directory."
    )
    attempt: int = 1


class AgentConfig(_Record):
    run_id: str
    attempt: int = 1
    api_url: str | None = Field(default=None, description="Base URL; `None` keeps the spool only.")
    token: str | None = None
    platform_file: str | None = Field(
        default=None, description="platform.json to look in for a new URL when the old one is gone."
    )
    heartbeat_seconds: float = 2.0
    vitals_seconds: float = 5.0
    stall_minutes: float = 5.0


class Phase(StrEnum):
    """What the agent is doing."""

    STARTING = "starting"
    TRAINING = "training"
    SAVING = "saving"  # asked to stop; the trainer is saving
    DRAINING = "draining"  # the trainer has ended; events are still being shipped
    DONE = "done"  # everything is spooled and shipped


class Outcome(StrEnum):
    """How the trainer ended, as the agent judges it from exit.json and what was asked."""

    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"
    PAUSED = "paused"


class AgentState(_Record):
    run_id: str
    attempt: int
    phase: Phase
    agent: ProcessId
    child: ProcessId | None = Field(default=None, description="The shim.")
    trainer: ProcessId | None = None
    heartbeat: AwareDatetime
    last_output: AwareDatetime | None = Field(default=None, description="Last sign of life.")
    last_seq: int = 0
    shipped_seq: int = 0
    outcome: Outcome | None = None
    stalled: bool = False


class Control(_Record):
    """What the platform asks of a running trainer."""

    attempt: int
    request: Literal["stop", "pause"]
    now: bool = Field(default=False, description="Skip the save.")
    save_grace_seconds: float = 60.0
    requested_at: AwareDatetime


class Kept(_Record):
    """What a person wants kept; a trainer that removes older checkpoints leaves these alone."""

    steps: list[int] = Field(default_factory=list)


class ShimRecord(_Record):
    attempt: int
    shim: ProcessId
    trainer: ProcessId | None = None
    started_at: AwareDatetime
    log_offset: int = Field(default=0, description="Where in stdout.log the attempt begins.")


class ExitRecord(_Record):
    attempt: int
    exit_code: int | None = Field(description="`None` when a signal ended it.")
    signal: int | None = None
    error: str | None = Field(default=None, description="Why the trainer could not be started.")
    disk_full: bool = Field(default=False, description="There was no room to write this at once.")
    started_at: AwareDatetime
    ended_at: AwareDatetime

    @property
    def duration_seconds(self) -> float:
        return (self.ended_at - self.started_at).total_seconds()


class TrainerResult(_Record):
    """What a trainer measured of its own model; merged into `Result`."""

    metrics: dict[str, Any] = Field(default_factory=dict, description="name → MetricSummary.")
    best_checkpoint: str | None = None
    artifacts: list[str] = Field(default_factory=list, description="Paths in the run directory.")
    per_class: list[dict[str, Any]] | None = None
    confusion: dict[str, Any] | None = None
    notes: list[str] = Field(
        default_factory=list, description="What was left out or changed, in words."
    )
