"""A run as plain lines, for logs and pipes: what changed, once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from trainwright.cli.panel import phrases
from trainwright.cli.panel.state import LiveRun
from trainwright.cli.views.datasets import report_lines
from trainwright.cli.words import duration
from trainwright.spec.events import (
    AlertEvent,
    CheckpointSavedEvent,
    Event,
    StatusChangedEvent,
    TrainingErrorEvent,
    TrainingProgressEvent,
)
from trainwright.spec.status import RunStatus

_EVERY = timedelta(seconds=5)
_MARKS = {"info": "note", "warning": "warning", "error": "error"}


class PlainLines:
    """Turns events into lines. Epochs are always told; steps within one every five seconds."""

    def __init__(self, run: LiveRun) -> None:
        self.run = run
        self._told: datetime | None = None
        self._last = ""
        self._saved_at: int | None = None

    def feed(self, event: Event) -> Iterator[str]:
        """Fold the event into the run; yield the lines it is worth."""
        fresh = event.seq > self.run.last_seq
        self.run.apply(event)
        if fresh:
            for line in self._lines(event):
                if line != self._last:
                    yield line
                self._last = line

    def _lines(self, event: Event) -> Iterator[str]:
        match event:
            case StatusChangedEvent(data=data):
                if data.previous == RunStatus.VALIDATING and self.run.report:
                    yield from report_lines(self.run.report)
                yield phrases.doing(self.run)
            case TrainingProgressEvent(data=data):
                due = self._told is None or event.timestamp - self._told >= _EVERY
                if data.phase == "epoch" or due:
                    self._told = event.timestamp
                    yield self._progress()
            case CheckpointSavedEvent(data=data) if data.step != self._saved_at or data.is_best:
                # a trainer may write several files at one step: one line is enough
                self._saved_at = data.step
                yield phrases.checkpoint(data)
            case AlertEvent(data=data):
                yield f"{_MARKS[data.severity]}: {phrases.alert(data)}"
            case TrainingErrorEvent(data=data):
                yield f"error: {phrases.error(data)}"
                yield from (f"  | {line}" for line in data.log_tail[-10:])
            case _:
                pass

    def _progress(self) -> str:
        parts = [phrases.place(self.run.progress), phrases.measured(self.run)]
        if self.run.progress.eta_seconds is not None:
            parts.append(f"ETA {duration(self.run.progress.eta_seconds)}")
        return " · ".join(p for p in parts if p)
