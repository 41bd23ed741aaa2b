"""Runs: asked for, shown, changed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, model_validator

from trainwright.spec.api.envelope import Request, Scalar, Shape
from trainwright.spec.events import TrainingProgress
from trainwright.spec.labels import RunName, Tag
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus


class GitState(Request):
    """A repository as it was."""

    commit: str = Field(max_length=64)
    branch: str = Field(default="", max_length=1000)
    dirty: bool = False
    diff: str = Field(default="", max_length=1_000_000, description="Of what is not committed.")
    diff_cut: bool = False
    untracked: list[str] = Field(default_factory=list, max_length=200)


class Caller(Request):
    """Who asked for a run: what was typed, where, and the state of the code there."""

    command: list[str] = Field(default_factory=list, max_length=200)
    cwd: str | None = Field(default=None, max_length=4096)
    git: GitState | None = None


class RunCreate(Request):
    """What to train: a spec, a sentence, or the fields of a spec at the top level."""

    spec: dict[str, Any] | None = Field(default=None, description="RunSpec fields; may be partial.")
    sentence: str | None = Field(
        default=None,
        min_length=1,
        max_length=10_000,
        description="Read when there is no spec; beside one, the words the spec was made of.",
    )
    provenance: dict[str, Literal["user", "inferred", "default"]] = Field(
        default_factory=dict, description="Field → who chose it. Default for a given field: user."
    )
    reasons: dict[str, str] = Field(default_factory=dict)
    project_id: str | None = Field(default=None, max_length=200, description="Id or name.")
    tags: list[Tag] = Field(default_factory=list, max_length=50)
    caller: Caller | None = Field(default=None, description="Kept with the run's provenance.")

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("spec") is not None:
            return data
        loose = {k: v for k, v in data.items() if k not in cls.model_fields}
        if not loose:
            return data
        return {k: v for k, v in data.items() if k in cls.model_fields} | {"spec": loose}

    @model_validator(mode="after")
    def _check_one(self) -> RunCreate:
        if self.spec is None and self.sentence is None:
            raise ValueError("give a spec or a sentence")
        return self


class RunPatch(Request):
    name: RunName | None = None
    notes: str | None = Field(default=None, max_length=100_000)
    tags: list[Tag] | None = Field(default=None, max_length=50)
    project_id: str | None = Field(
        default=None, max_length=200, description="Id or name; null takes it out of its project."
    )


class StopRequest(Request):
    now: bool = Field(default=False, strict=True, description="Skip the save.")


CheckpointChoice = (
    Annotated[int, Field(ge=0, strict=True)] | Annotated[str, Field(min_length=1, max_length=1000)]
)
"""A step, `best`, `last`, or the name or path of a checkpoint."""


class ResumeRequest(Request):
    checkpoint: CheckpointChoice | None = Field(
        default=None,
        description="What to go on from: a step, `best`, `last`, or a checkpoint's name or path; "
        "default: the last that can be read.",
    )


class CloneRequest(Request):
    changes: dict[str, Any] = Field(default_factory=dict, description="RunSpec fields to change.")
    checkpoint: CheckpointChoice | None = Field(
        default=None,
        description="Start from this checkpoint of the run, named as for a resume, instead of from "
        "the beginning.",
    )
    caller: Caller | None = None


class RecipeApply(Request):
    changes: dict[str, Any] = Field(
        default_factory=dict, description="RunSpec fields that win over the recipe's."
    )
    project_id: str | None = Field(default=None, max_length=200, description="Id or name.")
    tags: list[Tag] = Field(default_factory=list, max_length=50)


class RunView(Shape):
    """A run as lists and pages show it."""

    id: str
    name: str
    status: RunStatus
    reason: str | None = Field(default=None, description="Why it has this status.")
    attempt: int = 1
    task: str | None = None
    model: str
    dataset: str | None = None
    target: str = "local"
    owner_id: str | None = None
    project_id: str | None = None
    tags: list[str] = Field(default_factory=list)
    notes: str | None = None
    sentence: str | None = None
    queue_position: int | None = None
    progress: TrainingProgress | None = None
    metrics: dict[str, Scalar] = Field(default_factory=dict, description="Latest, by name.")
    error: RunError | None = None
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    trashed_at: AwareDatetime | None = Field(
        default=None, description="When it was deleted; it can be restored for `trash_days` more."
    )
    duration_seconds: float | None = None


class RunDetail(RunView):
    """A run with everything asked of it."""

    spec: dict[str, Any] = Field(description="RunSpec as JSON, without what was not said.")
    provenance: dict[str, str] = Field(default_factory=dict)
    reasons: dict[str, str] = Field(default_factory=dict)
    origin: dict[str, Any] = Field(
        default_factory=dict, description="Git, packages, seed, data and hardware of the run."
    )
    report: dict[str, Any] | None = Field(
        default=None, description="What checking its data found, and what is left out."
    )
    last_seq: int = Field(default=0, description="Place of the newest event in the stream.")
    url: str | None = None
