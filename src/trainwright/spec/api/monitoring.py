"""The state of everything, and how one run is doing."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.alerts import AlertView
from trainwright.spec.api.envelope import Shape
from trainwright.spec.api.places import Hardware
from trainwright.spec.api.runs import RunView
from trainwright.spec.events import Gpu
from trainwright.spec.status import RunStatus

Score = Literal["good", "fair", "bad", "unknown"]


class MachineVitals(Shape):
    """The platform's own machine, now."""

    cpu_percent: float = Field(description="Of all cores together.")
    memory_percent: float
    disk_free_gb: float
    disk_percent: float = Field(
        description="In use of what users may have of the home's disk, as `df` counts."
    )
    gpus: list[Gpu] = Field(default_factory=list)


class Slots(Shape):
    """What the local target has, and what runs hold of it."""

    cpus: int
    cpus_held: int
    gpus: int
    gpus_held: int
    holding: int = Field(description="Runs that hold some.")
    waiting: int = Field(description="Runs in the queue.")


class Today(Shape):
    """Runs that ended since midnight, UTC."""

    since: AwareDatetime
    completed: int = 0
    failed: int = 0
    stopped: int = 0


class Dashboard(Shape):
    runs_by_status: dict[str, int]
    active: list[RunView]
    recent: list[RunView]
    today: Today
    slots: Slots
    vitals: MachineVitals
    alerts: list[AlertView] = Field(description="Open ones, worst first.")
    open_alerts: int
    hardware: Hardware


class RunHealth(Shape):
    run_id: str
    status: RunStatus
    ok: bool
    score: Score = Field(description="`unknown` for a run that has not begun.")
    message: str = Field(description="The gravest reason, in words.")
    reasons: list[str] = Field(default_factory=list, description="All of them, gravest first.")
    alerts: list[AlertView] = Field(default_factory=list, description="Open ones.")
    last_event_at: AwareDatetime | None = None


class ResourcePoint(Shape):
    """Several samples of what a run used, or one."""

    at: AwareDatetime = Field(description="Of the last sample.")
    samples: int
    cpu_percent: float = Field(description="Mean; 100 is one core.")
    cpu_percent_max: float
    memory_gb: float
    memory_gb_max: float
    host_cpu_percent: float | None = None
    host_memory_percent: float | None = None
    disk_free_gb: float | None = Field(default=None, description="The least.")
    gpu_percent: float | None = Field(default=None, description="Mean over its GPUs.")
    gpu_memory_gb: float | None = Field(default=None, description="The greatest, of one GPU.")
    gpu_memory_total_gb: float | None = None


class ResourcesView(Shape):
    run_id: str
    samples: int = Field(description="Samples that there are.")
    points: list[ResourcePoint]
