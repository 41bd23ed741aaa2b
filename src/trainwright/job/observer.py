"""Gathers what there is to tell of a running attempt, as entries for the spool."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from trainwright.job.checkpoints import Announcement, CheckpointThread, CheckpointWatch
from trainwright.job.checkpoints import Report as CheckpointReport
from trainwright.job.history import History
from trainwright.job.output import Output, Read, countable, encodable
from trainwright.job.parsers import Report
from trainwright.job.progress import ProgressMeter
from trainwright.job.spool import Entry
from trainwright.job.stall import StallWatch
from trainwright.job.trainer import Trainer
from trainwright.job.vitals import VitalsSampler
from trainwright.spec.events import Alert, CheckpointSaved, Metrics, TrainingProgress, Vitals
from trainwright.spec.metrics import MAX_METRICS, TOO_MANY, too_many_metrics
from trainwright.spec.rundir import AgentConfig, Launch, RunDir, ShimRecord


class Observer:
    """Reads the log, watches checkpoints and vitals, and notices stalls.

    Attributes:
        seen_life: The last `collect` found output or a checkpoint.
        has_more: The last `collect` left lines in the log that are waiting already.
    """

    def __init__(
        self,
        run: RunDir,
        launch: Launch,
        config: AgentConfig,
        *,
        trainer: Trainer,
        history: History,
        output: Output,
        reports: Sequence[CheckpointReport] = (),
    ) -> None:
        """Begin, or go on where an earlier agent left off.

        Args:
            run: With a resolved path.
            launch: Of the attempt.
            config: How often to look.
            trainer: Whose vitals are taken.
            history: What the spool says already; kept up to date.
            output: The attempt's share of the log.
            reports: Checkpoints that the trainer has told of, and that are not announced yet.
        """
        self.seen_life = self.has_more = False
        self._run = run
        self._launch = launch
        self._trainer = trainer
        self._history = history
        self._output = output
        self._meter = ProgressMeter()
        self._stall = StallWatch(config.stall_minutes, stalled=history.stalled)
        self._vitals = VitalsSampler(run.path, launch.env)
        self._vitals_every = config.vitals_seconds
        self._vitals_at = float("-inf")
        self._last_vitals: Vitals | None = None
        self._reports = list(reports)
        self._checkpoints: CheckpointThread | None = None
        self._alerts: list[Alert] = []

    @property
    def stalled(self) -> bool:
        """Whether the trainer gives no sign of life."""
        return self._stall.stalled

    def say(self, alert: Alert) -> None:
        """Tell something with the next batch."""
        self._alerts.append(alert)

    def cursor(self) -> dict[str, Any]:
        """The state that belongs to what was collected so far."""
        return {**self._output.cursor(), "reports": self._reports}

    def collect(self) -> list[Entry]:
        """What is new while the trainer runs."""
        self._watch_checkpoints()
        read = self._output.read()
        entries = self._from_log(read) if read else []
        self.has_more = read is not None
        if progress := self._meter.due():
            entries.append(self._progress(progress))
        entries += self._from_checkpoints()
        self.seen_life = bool(entries)
        if (alert := self._stall.check(sign_of_life=self.seen_life)) is not None:
            self.say(alert)
        return entries + self._vitals_due() + self._said()

    def collect_rest(self, end: int) -> list[Entry]:
        """What is left after the trainer's end; to be called until it is empty.

        Args:
            end: Byte at which the log ended then.
        """
        read = self._output.read(until=end, at_end=True) or self._output.flush()
        return (self._from_log(read) if read else []) + self._from_checkpoints() + self._said()

    def finish_checkpoints(self) -> None:
        """The trainer has ended and its log is read: look for checkpoints a last time."""
        self._watch_checkpoints()
        if self._checkpoints:
            self._checkpoints.finish()

    @property
    def is_hashing(self) -> bool:
        """The last look at checkpoints is not over."""
        return self._checkpoints is not None and self._checkpoints.is_alive()

    def _from_log(self, read: Read) -> list[Entry]:
        entries = [Entry(log) for log in read.logs]
        for report in read.reports:
            entries += self._from_report(report)
        for metrics in read.metrics():
            entries += self._from_metrics(metrics)
        shown = (self._meter.take(item) for item in read.progress)
        return entries + [self._progress(item) for item in shown if item]

    def _from_metrics(self, metrics: Metrics) -> list[Entry]:
        """The points of those metrics that there is room for; that there is none is said once."""
        latest, kept, dropped = self._history.latest, [], None
        for point in metrics.points:
            if point.name in latest or len(latest) < MAX_METRICS:
                latest[point.name] = point.value
                kept.append(point)
            else:
                dropped = dropped or point.name
        entries = [Entry(Metrics(points=kept))] if kept else []
        if dropped and TOO_MANY not in self._history.alerts:
            self._history.alerts.append(TOO_MANY)
            entries.append(Entry(too_many_metrics(dropped)))
        return entries

    def _from_report(self, report: Report) -> list[Entry]:
        match report.kind:
            case "checkpoint":
                self._take_checkpoint_report(dict(report.data))
                return []
            case "resumed":
                step = countable(report.data["step"])
                return [Entry(TrainingProgress(step=step, resumed_from=step))]
            case "note":
                text = encodable(report.data["text"])
                return [Entry(Alert(code="note", severity="info", message=text))]

    def _take_checkpoint_report(self, report: CheckpointReport) -> None:
        if "\0" in report["path"] or encodable(report["path"]) != report["path"]:
            return  # if there is a file of such a name, the watch will find it
        metrics = {encodable(name): value for name, value in report["metrics"].items()}
        report = {**report, "metrics": metrics}
        self._reports.append(report)
        if self._checkpoints:
            self._checkpoints.report(report)

    def _watch_checkpoints(self) -> None:
        record = self._trainer.record
        if self._checkpoints or record is None:
            return
        watch = CheckpointWatch(
            self._run, self._launch, _started_ns(record), dict(self._history.checkpoints)
        )
        self._checkpoints = CheckpointThread(watch, self._trainer.process)
        for report in self._reports:
            self._checkpoints.report(report)
        self._checkpoints.start()

    def _from_checkpoints(self) -> list[Entry]:
        found = self._checkpoints.take() if self._checkpoints else []
        return [self._announce(item) for item in found]

    def _announce(self, item: Announcement) -> Entry:
        self._reports = [r for r in self._reports if r is not item.report and r != item.report]
        note = {"stamp": item.stamp} if isinstance(item.data, CheckpointSaved) else {}
        return Entry(item.data, note)

    def _progress(self, progress: TrainingProgress) -> Entry:
        if vitals := self._last_vitals:
            used = [gpu.utilization for gpu in vitals.gpus if gpu.utilization is not None]
            held = [gpu.memory_used_gb for gpu in vitals.gpus if gpu.memory_used_gb is not None]
            progress.gpu_utilization = sum(used) / len(used) if used else None
            progress.memory_usage_gb = sum(held) if held else vitals.memory_gb
        return Entry(progress)

    def _vitals_due(self) -> list[Entry]:
        now = time.monotonic()
        if now - self._vitals_at < self._vitals_every or self._trainer.id is None:
            return []
        self._vitals_at = now
        self._last_vitals = vitals = self._vitals.sample(self._trainer.process())
        if self._vitals.note and not self._history.noted:
            vitals.note = self._vitals.note
        self._history.noted = True
        return [Entry(vitals)]

    def _said(self) -> list[Entry]:
        alerts, self._alerts = self._alerts, []
        return [Entry(alert) for alert in alerts]


def _started_ns(record: ShimRecord) -> int:
    # file times come from a coarser clock, which runs a little behind
    return int((record.started_at.timestamp() - 0.05) * 1e9)
