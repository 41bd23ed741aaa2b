"""Rows of runs, and of what belongs to them, as the API shows them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from trainwright.settings import Home
from trainwright.spec.api import RunDetail, RunView
from trainwright.spec.events import TrainingProgress, utc_now
from trainwright.spec.result import Result, RunError
from trainwright.spec.rundir import RunDir
from trainwright.store.models import Artifact, Run
from trainwright.store.repositories import CurvePage, Point


def run_view(run: Run) -> RunView:
    return RunView(**_fields(run))


def run_detail(run: Run, *, origin: dict[str, Any] | None = None) -> RunDetail:
    """Everything of a run; `origin` is its provenance file."""
    return RunDetail(
        **_fields(run),
        spec=run.spec,
        provenance=run.provenance,
        reasons=run.reasons,
        origin=origin or {},
        report=run.report,
        last_seq=run.event_seq,
    )


def run_origin(home: Home, run_id: str) -> dict[str, Any]:
    """The provenance of a run, with the command its trainer was started by; empty before that."""
    directory = RunDir(home.runs / run_id)
    record = _record(directory.provenance)
    if record and (argv := _record(directory.command).get("argv")):
        record["trainer_command"] = argv
    return record


def _record(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def run_result(run: Run, artifacts: list[Artifact]) -> Result:
    """The result the worker kept; of a run that has none yet, what is known so far."""
    if run.result:
        return Result.model_validate(run.result | {"status": run.status})
    return Result(
        run_id=run.id,
        name=run.name,
        status=run.status,
        task=run.task,
        model=run.model,
        dataset=run.dataset,
        artifacts=[
            {"name": a.name, "path": a.path, "bytes": a.bytes, "sha256": a.sha256}
            for a in artifacts
        ],
        duration_seconds=_duration(run),
        error=RunError.model_validate(run.error) if run.error else None,
    )


def curves_json(run_id: str, page: CurvePage) -> bytes:
    """A `MetricsView` as JSON, written without making a model of each of its many points."""
    series = [
        {
            "name": name,
            "points": [_point(point) for point in points],
            "total": sum(point.count for point in points),
        }
        for name, points in page.curves
    ]
    view = {
        "run_id": run_id,
        "series": series,
        "next_cursor": page.next_cursor,
        "after": page.after,
        "reset": page.reset,
    }
    return to_json(view, inf_nan_mode="strings")


def _point(point: Point) -> dict[str, Any]:
    shown = {
        "step": point.step,
        "epoch": point.epoch,
        "value": point.value,
        "timestamp": point.timestamp,
        "attempt": point.attempt,
        "count": point.count,
    }
    if point.count == 1:
        return shown
    return shown | {
        "min_step": point.least_step,
        "min": point.minimum,
        "max": point.maximum,
        "first": point.first,
        "last": point.last,
        "nan": point.nans,
        "infinite": point.infinities + point.minus_infinities,
    }


def _fields(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "reason": run.status_reason,
        "attempt": run.attempt,
        "task": run.task,
        "model": run.model,
        "dataset": run.dataset,
        "target": run.target,
        "owner_id": run.owner_id,
        "project_id": run.project_id,
        "tags": run.tags,
        "notes": run.notes,
        "sentence": run.sentence,
        "queue_position": run.queue_position,
        "progress": TrainingProgress.model_validate(run.progress) if run.progress else None,
        "metrics": _latest(run),
        "error": RunError.model_validate(run.error) if run.error else None,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "updated_at": run.updated_at,
        "trashed_at": run.deleted_at,
        "duration_seconds": _duration(run),
    }


def _latest(run: Run) -> dict[str, Any]:
    if run.result:
        found = run.result.get("metrics") or {}
        return {name: summary["final"] for name, summary in found.items()}
    return dict((run.progress or {}).get("metrics") or {})


def _duration(run: Run) -> float | None:
    if run.started_at is None:
        return None
    return ((run.ended_at or utc_now()) - run.started_at).total_seconds()
