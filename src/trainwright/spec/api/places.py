"""Where runs execute, and the state of everything."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from trainwright.spec.api.envelope import Request, Shape


class TargetView(Shape):
    name: str
    kind: str
    default: bool = False
    gpus: int | None = None
    cpus: int | None = None
    memory_gb: float | None = None


class TargetTest(Shape):
    name: str
    ok: bool
    message: str
    duration_ms: float
    gpus: int | None = None
    cpus: int | None = None
    memory_gb: float | None = None


class GpuView(Shape):
    index: int
    name: str
    memory_gb: float
    driver: str | None = None


class Hardware(Shape):
    cpus: int
    cpu_model: str | None = None
    memory_gb: float
    memory_free_gb: float
    disk_free_gb: float
    gpus: list[GpuView] = Field(default_factory=list)
    platform: str
    python: str
    note: str | None = None


class PlanRequest(Request):
    """What to plan, and for what; the platform's own machine when no GPU is named."""

    spec: dict[str, Any] = Field(description="RunSpec fields; may be partial.")
    gpu: str | None = Field(default=None, max_length=100, description="Such as `RTX 3090`.")
    gpu_memory_gb: float | None = Field(default=None, ge=0.5, le=10_000)
    samples: int | None = Field(default=None, ge=1, description="Training samples.")
