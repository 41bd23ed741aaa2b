"""What workflow and activities say to each other: dataclasses that Temporal can store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TASK_QUEUE = "trainwright"


def workflow_id(run_id: str, attempt: int) -> str:
    """Temporal's id of one attempt; starting the same attempt twice is therefore one workflow."""
    return f"run-{run_id}-{attempt}"


@dataclass
class Attempt:
    """One attempt of one run: the input of the workflow and of every activity."""

    run_id: str
    number: int
    max_hours: float = 24.0
    fetches: bool = False
    """The run's data has to be brought here first."""


@dataclass
class EndRequest:
    """A person, or the run's own supervision, asks the trainer to end."""

    attempt: Attempt
    kind: str  # stop | pause
    now: bool = False


@dataclass
class Ending:
    """How the attempt ended; `status` is a final RunStatus."""

    status: str
    reason: str | None = None
    error: dict[str, Any] | None = None


@dataclass
class Finish:
    """What the last activity needs: which attempt, and how it ended."""

    attempt: Attempt
    ending: Ending = field(default_factory=lambda: Ending("failed"))
