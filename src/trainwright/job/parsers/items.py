"""What the parser finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ParsedMetric:
    """One value of one metric, as a line of the log gave it.

    Attributes:
        name: In the contracts' form, e.g. `train/loss`, `val/accuracy`, `lr`.
        value: May be NaN or infinite. Fractions, not percent, where the log said `%`.
        step: As printed; a log that counts batches anew each epoch starts again here too.
        epoch: As printed, or that of the epoch under way.
    """

    name: str
    value: float
    step: int | None = None
    epoch: float | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Metrics found on one line; `end` is the byte offset just after that line."""

    end: int
    points: tuple[ParsedMetric, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far training has come; `end` is the byte offset just after the line that said so.

    Attributes:
        phase: `epoch` where the line ends an epoch, else `batch`.
        epoch: Epoch under way, as printed.
        epochs: Epochs of the whole run.
        step: Steps done; of the whole run where the log allows to tell, else of the epoch.
        total: Steps that `step` counts towards.
    """

    end: int
    phase: Literal["batch", "epoch"] = "batch"
    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    total: int | None = None
    eta_seconds: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A line of `trainwright.job.report` that is neither metrics nor progress.

    Attributes:
        kind: `checkpoint` (`path`, `step`, `epoch`, `metrics`, `is_best`), `resumed` (`step`)
            or `note` (`text`).
        data: The fields of that kind, types checked; metric values are floats.
    """

    end: int
    kind: Literal["checkpoint", "resumed", "note"]
    data: Mapping[str, Any]


Parsed = Points | Progress | Report
