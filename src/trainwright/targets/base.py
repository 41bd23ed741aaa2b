"""What every target promises: it starts a run once, shows it, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from pydantic import BaseModel, Field

from trainwright.planner import Device
from trainwright.spec.errors import UnavailableError
from trainwright.spec.rundir import (
    AgentConfig,
    AgentState,
    Control,
    ExitRecord,
    Launch,
    Outcome,
    Phase,
    RunDir,
)
from trainwright.spec.runspec import RunSpec


class UnreachableError(UnavailableError):
    """The target cannot be seen. That says nothing about the run, and never ends it."""

    code = "unreachable"


def target_name(spec: RunSpec) -> str:
    """The registered target a spec names; `ssh:lab` is the host `lab` of target `ssh`."""
    return spec.resources.target.split(":")[0]


class Allocation(BaseModel):
    """What one run may use."""

    gpus: list[int] = Field(default_factory=list, description="Device indices on the target.")
    cpus: int = Field(default=1, ge=0)


class Capacity(BaseModel):
    """What a target has in all, used or not."""

    gpus: int = Field(ge=0)
    cpus: int = Field(ge=0)
    memory_gb: float = Field(ge=0)


class Observation(BaseModel):
    """The present attempt of a run, as seen from outside."""

    phase: Phase | None = Field(default=None, description="`None`: the agent has said nothing yet.")
    outcome: Outcome | None = None
    agent_alive: bool = False
    trainer_alive: bool = False
    trainer_seconds: float | None = Field(
        default=None,
        description="How long the living trainer has run, by a clock that nobody can set.",
    )
    state: AgentState | None = None
    exit: ExitRecord | None = None


@runtime_checkable
class Target(Protocol):
    """Where a run executes. Every method may be repeated; none waits for the training."""

    name: str

    def capacity(self) -> Capacity:
        """All that the target has.

        Raises:
            UnreachableError: It cannot be seen.
        """

    def prepare(self, run: RunDir, files: Mapping[str, str]) -> None:
        """Make the run directory.

        Args:
            run: Where the run lives on the target.
            files: Text files to write, by path relative to the run directory.

        Raises:
            InvalidRequestError: A path leads outside the run directory.
            StorageError: The disk is full or read-only.
        """

    def start(
        self, run: RunDir, launch: Launch, config: AgentConfig, allocation: Allocation
    ) -> None:
        """Start an attempt; one that has been started is left alone.

        Raises:
            ConflictError: An earlier attempt still trains, or a later one has begun.
            StorageError: The disk is full or read-only.
        """

    def observe(self, run: RunDir) -> Observation:
        """How the present attempt stands. Reads only.

        Raises:
            UnreachableError: It cannot be seen.
        """

    def ensure_agent(self, run: RunDir, config: AgentConfig) -> bool:
        """Restart a dead agent whose work is not done, and tell a living one where the API is.

        Returns:
            Whether an agent was started.
        """

    def request(self, run: RunDir, control: Control) -> None:
        """Ask the trainer to stop or pause, also before it is started."""

    def cleanup(self, run: RunDir) -> None:
        """After the end: no process of the run is left. An agent that still ships is let be."""


@runtime_checkable
class CanDescribe(Protocol):
    """A target that knows what its runs compute on."""

    def device(self, gpus: int | None) -> Device:
        """What a run that asks for `gpus` would get, as the planner reckons with it."""
