"""Where runs execute, and the state of everything."""

from __future__ import annotations

from pydantic import Field

from trainwright.spec.api.envelope import Shape
from trainwright.spec.api.runs import RunView


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


class Dashboard(Shape):
    runs_by_status: dict[str, int]
    active: list[RunView]
    recent: list[RunView]
    hardware: Hardware
