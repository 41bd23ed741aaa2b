"""What the machine's samples tell: idle GPUs, a loader that is too slow, memory that is short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from trainwright.server.diagnosis import advice
from trainwright.server.diagnosis.case import Case
from trainwright.server.diagnosis.wording import say
from trainwright.spec.api import Finding
from trainwright.spec.events import Vitals

_FEW = 10
_BUSY_CORE = 80.0
"""Percent of a core: the trainer works, if not on its GPU."""

_IDLE, _HUNGRY = 5.0, 50.0
_MEMORY = 95.0
_WORKERS = 4


def of_machine(case: Case) -> Iterator[Finding]:
    """Everything the last samples say."""
    if len(case.vitals) < _FEW:
        return
    used = [use for use in map(_gpu_use, case.vitals) if use is not None]
    if len(used) >= _FEW:
        yield from _of_gpus(case, _mean(used))
    greatest = max(vitals.host_memory_percent or 0.0 for vitals in case.vitals)
    if greatest >= _MEMORY:
        facts = {"value": f"{greatest:.0f}", "samples": len(case.vitals)}
        yield _finding(case, "memory_short", "warning", facts, advice.smaller_batch(case.run))


def _of_gpus(case: Case, use: float) -> Iterator[Finding]:
    cores = _mean([vitals.cpu_percent for vitals in case.vitals])
    facts = {"value": f"{use:.0f}", "cpu": f"{cores:.0f}", "samples": len(case.vitals)}
    if use < _IDLE:
        yield _finding(case, "gpu_unused", "warning", facts, {})
    elif use < _HUNGRY and cores >= _BUSY_CORE:
        edits: dict[str, Any] = {}
        if str(case.run.model).startswith("builtin/"):
            edits = {"overrides.workers": _WORKERS}
        yield _finding(case, "data_bottleneck", "warning", facts, edits)


def _gpu_use(vitals: Vitals) -> float | None:
    known = [gpu.utilization for gpu in vitals.gpus if gpu.utilization is not None]
    return _mean(known) if known else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _finding(
    case: Case,
    code: str,
    severity: Literal["info", "warning", "error"],
    facts: dict[str, Any],
    edits: dict[str, Any],
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        message=say("finding", code, case.language),
        evidence=[say("evidence", code, case.language, **facts)],
        mend=say("advice", code, case.language),
        edits=edits,
        command=advice.clone(case.run, edits),
    )
