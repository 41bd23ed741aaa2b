"""How an attempt ended, in the public shape: `Result`, artifacts, and an error in plain words."""

from __future__ import annotations

from typing import Any

from trainwright.files import sha256_of
from trainwright.spec.result import (
    Artifact,
    ClassScores,
    Confusion,
    MetricSummary,
    Result,
    RunError,
)
from trainwright.spec.rundir import RunDir, TrainerResult
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run


def build_result(
    run: Run,
    *,
    status: RunStatus,
    directory: RunDir,
    trained: TrainerResult,
    logged: dict[str, MetricSummary],
    error: RunError | None,
    duration_seconds: float | None,
) -> Result:
    """Join what the trainer measured with what was logged; the trainer's word wins."""
    measured = {
        name: MetricSummary.model_validate(
            value if isinstance(value, dict) else {"final": value, "best": value}
        )
        for name, value in trained.metrics.items()
    }
    return Result(
        run_id=run.id,
        name=run.name,
        status=status,
        task=run.task,
        model=run.model,
        dataset=run.dataset,
        metrics=logged | measured,
        best_checkpoint=trained.best_checkpoint,
        artifacts=find_artifacts(directory),
        duration_seconds=duration_seconds,
        per_class=_parse_all(ClassScores, trained.per_class),
        confusion=Confusion.model_validate(trained.confusion) if trained.confusion else None,
        error=error,
    )


def _parse_all(shape: type[ClassScores], rows: list[dict[str, Any]] | None) -> Any:
    return None if rows is None else [shape.model_validate(row) for row in rows]


def find_artifacts(directory: RunDir) -> list[Artifact]:
    """Every file under `artifacts/`, hashed."""
    root = directory.artifacts
    files = sorted(p for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    return [
        Artifact(
            name=path.name,
            path=path.relative_to(directory.path).as_posix(),
            bytes=path.stat().st_size,
            sha256=sha256_of(path),
        )
        for path in files
        if not path.name.startswith(".")
    ]
