"""A run as plain lines, for logs and pipes: what changed, once each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from trainwright.api.panel import phrases
from trainwright.api.panel.data import data_lines
from trainwright.api.panel.state import TOLD_BY_STATUS, LiveRun
from trainwright.api.panel.words import duration
from trainwright.job.report import PREFIX
from trainwright.spec.events import (
    AlertEvent,
    CheckpointSavedEvent,
    Event,
    StatusChangedEvent,
    TrainingErrorEvent,
    TrainingProgressEvent,
)
from trainwright.spec.status import RunStatus

_TAIL = 10
_STEPS, _SAVES = timedelta(seconds=5), timedelta(seconds=30)
_MARKS = {"info": "note", "warning": "warning", "error": "error"}


class PlainLines:
    """Turns events into lines.

    Epochs are always told; steps within one every five seconds, checkpoints every thirty.
    """

    def __init__(self, run: LiveRun) -> None:
        self.run = run
        self._told: dict[str, datetime] = {}
        self._last = ""

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
                    yield from (line.plain for line in data_lines(self.run.report))
                yield phrases.doing(self.run)
            case TrainingProgressEvent(data=data):
                due = self._is_due("progress", event.timestamp, _STEPS)
                if data.phase == "epoch" or due:
                    yield self._progress()
            case CheckpointSavedEvent(data=data) if self._is_due("saved", event.timestamp, _SAVES):
                yield phrases.checkpoint(data)
            case AlertEvent(data=data) if data.code not in TOLD_BY_STATUS:
                yield f"{_MARKS[data.severity]}: {phrases.alert(data)}"
            case TrainingErrorEvent(data=data):
                yield f"error: {phrases.error(data)}"
                lines = [line for line in data.log_tail if not line.startswith(PREFIX)]
                yield from (f"  | {line}" for line in lines[-_TAIL:])
            case _:
                pass

    def _is_due(self, what: str, at: datetime, every: timedelta) -> bool:
        """Whether the last line of this kind is old enough for another."""
        due = what not in self._told or at - self._told[what] >= every
        if due:
            self._told[what] = at
        return due

    def _progress(self) -> str:
        parts = [phrases.place(self.run.progress), phrases.measured(self.run)]
        if self.run.progress.eta_seconds is not None:
            parts.append(f"ETA {duration(self.run.progress.eta_seconds)}")
        return " · ".join(p for p in parts if p)
