"""Runs side by side."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from trainwright.spec.api.envelope import Scalar, Shape
from trainwright.spec.status import RunStatus

MAX_COMPARED = 20


class ComparedRun(Shape):
    id: str
    name: str
    status: RunStatus
    model: str
    dataset: str | None = None


class RunComparison(Shape):
    """What differs between runs; each list has a value a run, in their order."""

    runs: list[ComparedRun]
    settings: dict[str, list[Any]] = Field(description="Fields of the spec that differ.")
    provenance: dict[str, list[Any]] = Field(
        description="What else differs: code, packages, hardware, data, version."
    )
    metrics: dict[str, list[Scalar | None]] = Field(description="Best values, of all metrics.")
