"""Alerts: what is wrong with a run right now, who has seen it, and when each rule speaks up."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Shape

Severity = Literal["info", "warning", "error"]

Rule = Literal[
    "nan_loss",
    "loss_spike",
    "loss_diverging",
    "loss_plateau",
    "stall",
    "disk_filling",
    "gpu_idle",
    "gpu_memory",
    "host_memory",
    "failed",
    "lost",
]
"""The platform's own rules, each with words in the web app; what an agent warns of has its own."""


class AlertView(Shape):
    id: str
    run_id: str
    run_name: str
    attempt: int
    rule: str = Field(description="Which rule speaks, such as `loss_spike`.")
    severity: Severity
    message: str
    hint: str | None = None
    facts: dict[str, Any] = Field(
        default_factory=dict,
        description="The evidence: metric, value, limit, step, and `from_step` to `to_step`.",
    )
    count: int = Field(description="How often it was seen while open.")
    opened_at: AwareDatetime
    updated_at: AwareDatetime
    resolved_at: AwareDatetime | None = None
    resolution: str | None = Field(default=None, description="Why it is over.")
    acknowledged_at: AwareDatetime | None = None
    acknowledged_by: str | None = Field(default=None, description="Name of the user.")


class AlertRules(Shape):
    """When each rule speaks up."""

    off: list[Rule] = Field(default=[], max_length=32, description="Rules that are silent.")
    spike_score: float = Field(
        default=8, ge=2, le=1000, description="Robust deviations above the median of a loss."
    )
    spike_warmup: int = Field(
        default=20, ge=5, le=10_000, description="First points of each loss that are not judged."
    )
    diverging_factor: float = Field(
        default=2, gt=1, le=1000, description="Smoothed loss over the best it has been."
    )
    diverging_points: int = Field(default=50, ge=5, le=100_000, description="For so many points.")
    plateau_points: int = Field(
        default=2000, ge=50, le=10_000_000, description="Points of a loss without 1 % of progress."
    )
    stall_factor: float = Field(
        default=10, ge=2, le=10_000, description="Times the usual time between two steps."
    )
    stall_seconds: float = Field(default=120, ge=5, le=86_400, description="At the least.")
    disk_hours: float = Field(default=1, gt=0, le=720, description="Projected until it is full.")
    disk_free_gb: float = Field(default=2, ge=0, le=100_000, description="Left on it.")
    gpu_idle_minutes: float = Field(default=10, gt=0, le=1440, description="Below 5 % use.")
    gpu_memory_percent: float = Field(default=98, ge=50, le=100)
    host_memory_percent: float = Field(default=95, ge=50, le=100)


class AlertRulesPatch(Request):
    """Changes of `AlertRules`."""

    changes: dict[str, Any] = Field(
        min_length=1, max_length=32, description="Null: as the wider setting says again."
    )
