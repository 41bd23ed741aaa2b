"""Predictions of very many inputs, made in the background."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AwareDatetime, Field, model_validator

from trainwright.spec.api.envelope import Request, Shape
from trainwright.spec.errors import Fault

MAX_LISTED = 100_000
"""Inputs a request may name one by one."""


class BatchStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def has_ended(self) -> bool:
        return self not in (BatchStatus.QUEUED, BatchStatus.RUNNING)


class BatchCreate(Request):
    """What to predict: exactly one of `dataset`, `files` and `inputs`."""

    dataset: str | None = Field(
        default=None,
        min_length=1,
        max_length=4096,
        description="A registered dataset's id or name, or a folder on the platform's host.",
    )
    pattern: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="Only files of the dataset whose path in it fits, such as `test/*.jpg`.",
    )
    files: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_LISTED,
        description="Absolute paths of image files on the platform's host.",
    )
    inputs: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_LISTED,
        description="Images as `http(s)://` URLs, as base64 or as `data:` URLs.",
    )
    top_k: int = Field(default=5, ge=1, le=1000)

    @model_validator(mode="after")
    def _check_one(self) -> BatchCreate:
        given = [name for name in ("dataset", "files", "inputs") if getattr(self, name)]
        if len(given) != 1:
            said = " and ".join(given) or "none"
            raise ValueError(f"give one of dataset, files and inputs; given: {said}")
        if self.pattern and not self.dataset:
            raise ValueError("a pattern chooses among the files of a dataset")
        return self


class BatchView(Shape):
    """A batch of predictions, and how far it is."""

    id: str
    run_id: str
    owner_id: str | None = None
    status: BatchStatus = BatchStatus.QUEUED
    source: str = Field(description="Where the inputs are from, in words.")
    top_k: int = 5
    total: int = Field(description="Inputs.")
    done: int = Field(default=0, description="Inputs that are answered, those in error included.")
    failed: int = Field(default=0, description="Inputs that have an error instead of predictions.")
    left_out: int = Field(default=0, description="Files of the source that are no images.")
    inputs_per_second: float | None = None
    eta_seconds: float | None = None
    model_version: str | None = None
    error: Fault | None = Field(default=None, description="Why the whole batch failed.")
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
