"""A recorded run: what a short training tells, event by event."""

from __future__ import annotations

import pytest

from trainwright.spec.events import (
    Alert,
    CheckpointSaved,
    EventData,
    MetricPoint,
    Metrics,
    StatusChanged,
    TrainingComplete,
    TrainingProgress,
    Vitals,
)
from trainwright.spec.status import RunStatus

STEPS_PER_EPOCH = 20


def _epoch(epoch: int, epochs: int) -> list[EventData]:
    step, loss, accuracy = epoch * STEPS_PER_EPOCH, 1.0 / epoch, 1 - 0.5 / epoch
    points = [
        MetricPoint(name="train/loss", value=loss, step=step),
        MetricPoint(name="train/accuracy", value=accuracy - 0.01, step=step),
        MetricPoint(name="val/loss", value=loss + 0.1, step=step),
        MetricPoint(name="val/accuracy", value=accuracy, step=step),
        MetricPoint(name="lr", value=0.001, step=step),
    ]
    progress = TrainingProgress(
        phase="epoch",
        epoch=epoch,
        epochs=epochs,
        step=step,
        total=epochs * STEPS_PER_EPOCH,
        eta_seconds=float((epochs - epoch) * 4),
    )
    return [Metrics(points=points), progress]


@pytest.fixture
def begun() -> list[EventData]:
    """From the first status to the middle of training."""
    s = RunStatus
    return [
        StatusChanged(status=s.VALIDATING, previous=s.CREATED),
        StatusChanged(status=s.PREPARING, previous=s.VALIDATING),
        StatusChanged(status=s.QUEUED, previous=s.PREPARING, queue_position=2),
        StatusChanged(status=s.ALLOCATING, previous=s.QUEUED),
        StatusChanged(status=s.RUNNING, previous=s.ALLOCATING),
        Vitals(cpu_percent=97.6, memory_gb=0.61, note="no NVML"),
        *_epoch(1, 3),
        CheckpointSaved(
            path="checkpoints/epoch_1.pt",
            step=20,
            size=245_000,
            sha256="0" * 64,
            is_best=True,
        ),
        Alert(
            code="slow_data", severity="warning", message="reading data is slow", hint="cache it"
        ),
        *_epoch(2, 3),
    ]


@pytest.fixture
def ended(begun: list[EventData]) -> list[EventData]:
    """The whole of a run that went well."""
    s = RunStatus
    return [
        *begun,
        *_epoch(3, 3),
        TrainingComplete(exit_code=0, duration_seconds=12.0, metrics={"test/accuracy": 0.97}),
        StatusChanged(status=s.COMPLETED, previous=s.RUNNING),
    ]


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(tmp_path / "own-home"))
