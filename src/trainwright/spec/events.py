"""Events: one union for the spool, the ingest and the WebSocket."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from trainwright.spec.status import RunStatus

Scalar = Annotated[float, Field(allow_inf_nan=True)]
Number = float | None
"""Metrics may be NaN or infinite; in JSON they are the strings "NaN", "Infinity", "-Infinity"."""


class _Model(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings", extra="ignore", populate_by_name=True)


class Origin(StrEnum):
    """Who numbered the event: the run's agent, or the platform."""

    AGENT = "agent"
    PLATFORM = "platform"


class StatusChanged(_Model):
    status: RunStatus
    previous: RunStatus | None = None
    reason: str | None = None
    queue_position: int | None = Field(default=None, ge=1)


class TrainingProgress(_Model):
    phase: Literal["batch", "epoch"] = "batch"
    epoch: int | None = Field(default=None, ge=0)
    epochs: int | None = Field(default=None, ge=0)
    step: int | None = Field(default=None, ge=0)
    total: int | None = Field(default=None, ge=0, description="Steps in the whole run, if known.")
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    eta_seconds: Number = None
    gpu_utilization: Number = Field(default=None, description="Percent.")
    memory_usage_gb: Number = None
    resumed_from: int | None = Field(
        default=None, ge=0, description="The attempt goes on after this step."
    )


class MetricPoint(_Model):
    name: str = Field(min_length=1, max_length=200)
    value: Scalar
    step: int | None = None
    epoch: float | None = None
    timestamp: AwareDatetime | None = Field(default=None, description="Default: the event's.")


class Metrics(_Model):
    points: list[MetricPoint] = Field(min_length=1)


class CheckpointSaved(_Model):
    path: str = Field(description="Relative to the run directory, with forward slashes.")
    step: int | None = None
    epoch: float | None = None
    size: int = Field(ge=0, description="Bytes.")
    sha256: str
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    is_best: bool = False


class Log(_Model):
    text: str
    offset: int = Field(ge=0, description="Byte offset of `text` in stdout.log.")
    size: int = Field(ge=0, description="Bytes of stdout.log that `text` stands for.")


class Gpu(_Model):
    index: int
    name: str | None = None
    utilization: Number = Field(default=None, description="Percent.")
    memory_used_gb: Number = None
    memory_total_gb: Number = None
    temperature_c: Number = None
    power_w: Number = None


class Vitals(_Model):
    cpu_percent: float = Field(description="Of the trainer's process tree; 100 is one core.")
    memory_gb: float = Field(description="Resident set of the trainer's process tree.")
    host_cpu_percent: Number = None
    host_memory_percent: Number = None
    disk_free_gb: Number = None
    gpus: list[Gpu] = Field(default_factory=list)
    note: str | None = Field(default=None, description="Why something is absent, e.g. no NVML.")


AlertState = Literal["opened", "resolved", "acknowledged"]


class Alert(_Model):
    code: str
    severity: Literal["info", "warning", "error"] = "warning"
    message: str
    hint: str | None = None
    id: str | None = Field(default=None, description="Of the alert that the platform keeps.")
    state: AlertState | None = Field(default=None, description="What became of that alert.")


class TrainingComplete(_Model):
    exit_code: int = 0
    duration_seconds: float | None = None
    metrics: dict[str, Scalar] = Field(default_factory=dict)


class TrainingError(_Model):
    code: str
    message: str
    hint: str | None = None
    exit_code: int | None = None
    signal: int | None = None
    log_tail: list[str] = Field(default_factory=list)


def utc_now() -> datetime:
    return datetime.now(UTC)


class _Envelope(_Model):
    run_id: str
    attempt: int = Field(default=1, ge=1)
    seq: int = Field(ge=1)
    timestamp: AwareDatetime = Field(default_factory=utc_now)


class StatusChangedEvent(_Envelope):
    type: Literal["status_changed"] = "status_changed"
    data: StatusChanged


class TrainingProgressEvent(_Envelope):
    type: Literal["training_progress"] = "training_progress"
    data: TrainingProgress


class MetricsEvent(_Envelope):
    type: Literal["metrics"] = "metrics"
    data: Metrics


class CheckpointSavedEvent(_Envelope):
    type: Literal["checkpoint_saved"] = "checkpoint_saved"
    data: CheckpointSaved


class LogEvent(_Envelope):
    type: Literal["log"] = "log"
    data: Log


class VitalsEvent(_Envelope):
    type: Literal["vitals"] = "vitals"
    data: Vitals


class AlertEvent(_Envelope):
    type: Literal["alert"] = "alert"
    data: Alert


class TrainingCompleteEvent(_Envelope):
    type: Literal["training_complete"] = "training_complete"
    data: TrainingComplete


class TrainingErrorEvent(_Envelope):
    type: Literal["training_error"] = "training_error"
    data: TrainingError


Event = Annotated[
    StatusChangedEvent
    | TrainingProgressEvent
    | MetricsEvent
    | CheckpointSavedEvent
    | LogEvent
    | VitalsEvent
    | AlertEvent
    | TrainingCompleteEvent
    | TrainingErrorEvent,
    Field(discriminator="type"),
]

# an adapter's own configuration decides on NaN, not that of the models inside
_STRINGS = ConfigDict(ser_json_inf_nan="strings")
EventAdapter: TypeAdapter[Event] = TypeAdapter(Event, config=_STRINGS)
EventsAdapter: TypeAdapter[list[Event]] = TypeAdapter(list[Event], config=_STRINGS)

EventData = (
    StatusChanged
    | TrainingProgress
    | Metrics
    | CheckpointSaved
    | Log
    | Vitals
    | Alert
    | TrainingComplete
    | TrainingError
)

_EVENT_OF: dict[type[Any], type[Any]] = {
    StatusChanged: StatusChangedEvent,
    TrainingProgress: TrainingProgressEvent,
    Metrics: MetricsEvent,
    CheckpointSaved: CheckpointSavedEvent,
    Log: LogEvent,
    Vitals: VitalsEvent,
    Alert: AlertEvent,
    TrainingComplete: TrainingCompleteEvent,
    TrainingError: TrainingErrorEvent,
}


def make_event(
    run_id: str, attempt: int, seq: int, data: EventData, timestamp: datetime | None = None
) -> Event:
    """Put `data` in the envelope of its type."""
    event: Event = _EVENT_OF[type(data)](
        run_id=run_id, attempt=attempt, seq=seq, data=data, timestamp=timestamp or utc_now()
    )
    return event
