"""The words of a run's progress, shared by the panel and the plain lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainwright.api.panel.state import LiveRun
from trainwright.api.panel.words import counted, number, size
from trainwright.spec.events import Alert, CheckpointSaved, TrainingError, TrainingProgress, Vitals
from trainwright.spec.status import RunStatus

_DOING = {
    RunStatus.CREATED: "created",
    RunStatus.VALIDATING: "checking the spec and the data",
    RunStatus.PREPARING: "preparing the run",
    RunStatus.QUEUED: "waiting for a free slot",
    RunStatus.ALLOCATING: "taking a slot",
    RunStatus.RUNNING: "training",
    RunStatus.PAUSING: "saving a checkpoint to pause",
    RunStatus.PAUSED: "paused",
    RunStatus.LOST: "out of sight; it may be training still",
    RunStatus.COMPLETED: "completed",
    RunStatus.FAILED: "failed",
    RunStatus.STOPPED: "stopped",
}
STYLES = {
    RunStatus.COMPLETED: "green",
    RunStatus.FAILED: "red",
    RunStatus.STOPPED: "yellow",
    RunStatus.PAUSED: "yellow",
    RunStatus.LOST: "yellow",
    RunStatus.RUNNING: "cyan",
}
SEVERITY_STYLES = {"info": "blue", "warning": "yellow", "error": "red"}
_PER_SECOND = "_per_second"
_LEADING = ("loss", "accuracy", "top5", "f1_macro", "map50", "map50_95", "miou", "reward_mean")


def doing(run: LiveRun) -> str:
    """What the run does now: `waiting for a free slot (3rd in the queue)`."""
    text = _DOING[run.status]
    if run.status == RunStatus.RUNNING and not run.begun:
        text = "starting the trainer"  # it is importing its libraries and reading its data
    if run.status == RunStatus.QUEUED and run.queue_position:
        text += f" (place {run.queue_position} in the queue)"
    if run.attempt > 1:
        text += f", attempt {run.attempt}"
    told = run.error is not None and run.error.message == run.reason
    shown = run.status in (RunStatus.FAILED, RunStatus.STOPPED, RunStatus.LOST)
    if run.reason and shown and not told and run.reason != run.status:
        text += f": {run.reason}"
    return text


def place(progress: TrainingProgress) -> str:
    """`epoch 3/5 · step 310/500`, as far as it is known."""
    parts = [
        _of("epoch", progress.epoch, progress.epochs),
        _of("step", progress.step, progress.total),
    ]
    return " · ".join(p for p in parts if p)


def _of(noun: str, done: int | None, total: int | None) -> str:
    if done is None:
        return ""
    return f"{noun} {done}/{total}" if total else f"{noun} {done}"


def pace(run: LiveRun) -> list[str]:
    """Throughput and learning rate: `2259 samples/s`, `lr 0.001`."""
    parts = [
        f"{value:.4g} {name.partition('/')[2].removesuffix(_PER_SECOND)}/s"
        for name, value in run.latest.items()
        if name.endswith(_PER_SECOND)
    ]
    if (rate := run.latest.get("lr")) is not None:
        parts.append(f"lr {rate:.3g}")
    return parts


def vitals(data: Vitals) -> str:
    parts = [f"cpu {data.cpu_percent:.0f} %", f"memory {data.memory_gb:.1f} GB"]
    for gpu in data.gpus:
        text = f"gpu {gpu.index}"
        if gpu.utilization is not None:
            text += f" {gpu.utilization:.0f} %"
        if gpu.memory_used_gb is not None and gpu.memory_total_gb is not None:
            text += f" {gpu.memory_used_gb:.1f}/{gpu.memory_total_gb:.0f} GB"
        parts.append(text)
    return " · ".join(parts)


def checkpoint(data: CheckpointSaved) -> str:
    step = f" at step {data.step}" if data.step is not None else ""
    best = ", the best so far" if data.is_best else ""
    return f"checkpoint{step}, {size(data.size)}{best}"


def checkpoints(run: LiveRun) -> str:
    """The best checkpoint, or the last one, and how many there are."""
    data = run.best or run.checkpoint
    return f"{checkpoint(data)} ({run.checkpoints} saved)" if data else ""


def data(report: Mapping[str, Any]) -> str:
    """What the run trains on: `data: 37 samples in 4 classes, 3 files left out`."""
    parts = []
    if total := sum((report.get("samples") or {}).values()):
        classes = len(report.get("class_names") or ())
        parts.append(
            counted(total, "sample") + (f" in {counted(classes, 'class')}" if classes else "")
        )
    if count := report.get("left_out_count"):
        parts.append(f"{counted(count, 'file')} left out")
    return f"data: {', '.join(parts)}" if parts else ""


def alert(data: Alert) -> str:
    if data.state in ("resolved", "acknowledged"):
        return f"{data.code}: {data.message}"
    return data.message + (f" ({data.hint})" if data.hint else "")


def error(data: TrainingError) -> str:
    how = ""
    if data.signal is not None:
        how = f"signal {data.signal}"
    elif data.exit_code is not None:
        how = f"exit code {data.exit_code}"
    return f"{data.message} ({how})" if how and how not in data.message else data.message


def metric_rows(run: LiveRun, limit: int = 4) -> list[tuple[str, list[str]]]:
    """Metrics to show, leading ones first, each with its full names in the order of splits."""
    groups: dict[str, list[str]] = {}
    for name in run.latest:
        split, _, metric = name.partition("/")
        if metric and split in ("train", "val", "test") and not metric.endswith(_PER_SECOND):
            groups.setdefault(metric, []).append(name)

    def rank(metric: str) -> tuple[int, str]:
        known = metric in _LEADING
        return (_LEADING.index(metric) if known else len(_LEADING), metric)

    order = {"train": 0, "val": 1, "test": 2}
    return [
        (metric, sorted(groups[metric], key=lambda n: order[n.split("/")[0]]))
        for metric in sorted(groups, key=rank)
    ][:limit]


def measured(run: LiveRun) -> str:
    """The last metrics in one line: `train loss 0.21 accuracy 0.93 · val loss 0.19 …`."""
    by_split: dict[str, list[str]] = {}
    for metric, names in metric_rows(run, limit=3):
        for name in names:
            words = f"{metric} {number(run.latest[name])}"
            by_split.setdefault(name.split("/")[0], []).append(words)
    return " · ".join(f"{split} {' '.join(by_split[split])}" for split in by_split)
