"""A run as its events tell it. Pure: `apply` folds one event in, nothing is read or drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from trainwright.spec.events import (
    Alert,
    AlertEvent,
    CheckpointSaved,
    CheckpointSavedEvent,
    Event,
    MetricsEvent,
    StatusChanged,
    StatusChangedEvent,
    TrainingCompleteEvent,
    TrainingError,
    TrainingErrorEvent,
    TrainingProgress,
    TrainingProgressEvent,
    Vitals,
    VitalsEvent,
)
from trainwright.spec.status import RunStatus

TOLD_BY_STATUS = ("failed", "lost")
"""Alerts that say what the status says already."""

_TRAINING = (RunStatus.RUNNING, RunStatus.PAUSING, RunStatus.LOST)


@dataclass
class LiveRun:
    """What is known of a run so far.

    Attributes:
        checkpoint: The last one saved.
        best: The last one that was the best so far.
        report: What checking its data found; not an event, so whoever follows the run puts it here.
        begun: Whether the trainer of this attempt has said how far it is.
        training_since: When the training that goes on now began.
        trained_before: Seconds of training before that: a pause is not training.
        series: Metric → (step or, without one, place in the stream) → value.
        last_seq: Place in the stream; a stream that breaks goes on after it.
    """

    run_id: str
    name: str
    status: RunStatus = RunStatus.CREATED
    reason: str | None = None
    queue_position: int | None = None
    attempt: int = 1
    progress: TrainingProgress = field(default_factory=TrainingProgress)
    latest: dict[str, float] = field(default_factory=dict)
    series: dict[str, dict[int, float]] = field(default_factory=dict)
    vitals: Vitals | None = None
    checkpoint: CheckpointSaved | None = None
    best: CheckpointSaved | None = None
    checkpoints: int = 0
    alerts: list[Alert] = field(default_factory=list)
    error: TrainingError | None = None
    report: Mapping[str, Any] | None = None
    begun: bool = False
    training_since: datetime | None = None
    trained_before: float = 0.0
    now: datetime | None = None
    last_seq: int = 0

    def apply(self, event: Event) -> None:
        """Fold one event in; one that was seen already changes nothing."""
        if event.seq <= self.last_seq:
            return
        if event.attempt > self.attempt:
            self._start_over(event.attempt)
        self.last_seq, self.now = event.seq, event.timestamp
        match event:
            case StatusChangedEvent(data=data):
                self._move(data, event.timestamp)
            case TrainingProgressEvent(data=data):
                self._advance(data, event.seq)
            case MetricsEvent(data=data):
                self.begun = True
                for point in data.points:
                    self._measure(point.name, point.value, point.step, event.seq)
            case CheckpointSavedEvent(data=data):
                self.checkpoint, self.checkpoints = data, self.checkpoints + 1
                self.best = data if data.is_best else self.best
            case VitalsEvent(data=data):
                self.vitals = data
            case AlertEvent(data=data):
                self._alert(data)
            case TrainingErrorEvent(data=data):
                self.error = data
            case TrainingCompleteEvent(data=data):
                self.latest.update(data.metrics)

    @property
    def seconds(self) -> float | None:
        """Time in training so far, by the events' own clock."""
        if self.training_since is None or self.now is None:
            return self.trained_before or None
        return self.trained_before + (self.now - self.training_since).total_seconds()

    @property
    def fraction(self) -> float | None:
        """Share of the work that is done, 0 to 1; by steps, else by epochs."""
        p = self.progress
        if self.status == RunStatus.COMPLETED:
            return 1.0
        if p.step is not None and p.total:
            return min(1.0, p.step / p.total)
        if p.epoch is not None and p.epochs:
            return min(1.0, p.epoch / p.epochs)
        return None

    def values(self, name: str) -> list[float]:
        """The values of a metric in the order of their steps."""
        return [value for _, value in sorted(self.series.get(name, {}).items())]

    def _start_over(self, attempt: int) -> None:
        """Forget what was true of the attempt before only."""
        self.attempt, self.error, self.begun = attempt, None, False
        self.alerts.clear()
        self.progress = self.progress.model_copy(update={"eta_seconds": None})

    def _alert(self, data: Alert) -> None:
        """Keep what is wrong now: what is over, or seen by somebody, is shown no more."""
        if data.state in ("resolved", "acknowledged"):
            self.alerts = [alert for alert in self.alerts if alert.code != data.code]
        elif data.code not in TOLD_BY_STATUS:
            self.alerts.append(data)

    def _move(self, data: StatusChanged, at: datetime) -> None:
        self.status, self.reason = data.status, data.reason
        self.queue_position = data.queue_position
        if data.status in _TRAINING:
            self.training_since = self.training_since or at
        elif self.training_since is not None:
            self.trained_before += (at - self.training_since).total_seconds()
            self.training_since = None

    def _advance(self, data: TrainingProgress, seq: int) -> None:
        self.begun = True
        # a report may leave out what an earlier one said: keep the totals
        said = data.model_dump(exclude_none=True, exclude={"metrics"})
        self.progress = self.progress.model_copy(update=said | {"eta_seconds": data.eta_seconds})
        for name, value in data.metrics.items():
            if data.phase == "epoch":
                self._measure(name, value, data.step, seq)
            else:
                self.latest[name] = value

    def _measure(self, name: str, value: float, step: int | None, seq: int) -> None:
        self.latest[name] = value
        self.series.setdefault(name, {})[seq if step is None else step] = value
