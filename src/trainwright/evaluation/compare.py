"""Comparing two results, metric by metric."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from trainwright.spec import ClassScores, Result
from trainwright.spec.metrics import better_is

Verdict = Literal["better", "worse", "equal", "unknown"]


class Difference(BaseModel):
    """One number of two results, side by side."""

    model_config = ConfigDict(ser_json_inf_nan="strings")

    name: str
    first: float
    second: float
    change: float = Field(description="`second - first`.")
    verdict: Verdict = Field(description="Of the second; `unknown` when no direction is better.")


class Comparison(BaseModel):
    """Two results, side by side."""

    first: str = Field(description="Run id.")
    second: str = Field(description="Run id.")
    metrics: list[Difference] = Field(description="Best values of metrics that both have.")
    classes: list[Difference] = Field(description="F1 of classes that both have.")
    only_first: list[str] = Field(description="Metrics the second lacks.")
    only_second: list[str] = Field(description="Metrics the first lacks.")
    same_data: bool = Field(description="Whether both name the same dataset; else be careful.")


def compare(first: Result, second: Result) -> Comparison:
    """What changed from the first result to the second."""
    shared = [name for name in first.metrics if name in second.metrics]
    scores = {c.name: c for c in second.per_class or []}
    return Comparison(
        first=first.run_id,
        second=second.run_id,
        metrics=[
            _difference(name, first.metrics[name].best, second.metrics[name].best)
            for name in shared
        ],
        classes=[
            _class_difference(c, scores[c.name]) for c in first.per_class or [] if c.name in scores
        ],
        only_first=[name for name in first.metrics if name not in second.metrics],
        only_second=[name for name in second.metrics if name not in first.metrics],
        same_data=first.dataset is not None and first.dataset == second.dataset,
    )


def _difference(name: str, first: float, second: float) -> Difference:
    direction = better_is(name)
    change = second - first
    verdict: Verdict = "unknown"
    if change == 0:
        verdict = "equal"
    elif direction and not math.isnan(change):
        verdict = "better" if (change > 0) == (direction == "greater") else "worse"
    return Difference(name=name, first=first, second=second, change=change, verdict=verdict)


def _class_difference(first: ClassScores, second: ClassScores) -> Difference:
    return _difference(f"{first.name}/f1", first.f1, second.f1)
