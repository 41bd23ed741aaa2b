"""What is wrong with a run, in words: from its status, error, data report and alerts."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.job.report import PREFIX
from trainwright.spec.api import Diagnosis, Finding
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Events

_ALERTS = 200
_TAIL = 20
_SAID: dict[RunStatus, str] = {
    RunStatus.CREATED: "It was created and waits for the worker to take it up.",
    RunStatus.VALIDATING: "Its data is being checked.",
    RunStatus.PREPARING: "Its run directory is being made.",
    RunStatus.QUEUED: "It waits for a free slot.",
    RunStatus.ALLOCATING: "It is being started.",
    RunStatus.RUNNING: "It is training.",
    RunStatus.PAUSING: "It is saving, and will then be paused.",
    RunStatus.PAUSED: "It is paused; resume it to go on.",
    RunStatus.LOST: "It cannot be seen, and may still be training.",
    RunStatus.COMPLETED: "It completed.",
    RunStatus.FAILED: "It failed.",
    RunStatus.STOPPED: "It was stopped; resume it to go on.",
}


def diagnose(database: Database, run: Run) -> Diagnosis:
    """Everything known to be wrong with `run`, worst first."""
    with database.session(write=False) as session:
        alerts = Events(session).newest(run.id, "alert", _ALERTS)
    findings = [*_of_error(run), *_of_data(run), *_of_queue(run)]
    seen = {finding.code for finding in findings} | {finding.message for finding in findings}
    for event in alerts:
        if event.type == "alert" and not seen & {event.data.code, event.data.message}:
            seen.add(event.data.code)
            findings.append(
                Finding(
                    code=event.data.code,
                    severity=event.data.severity,
                    message=event.data.message,
                    evidence=[f"event {event.seq} at {event.timestamp.isoformat()}"],
                    mend=event.data.hint,
                )
            )
    order = {"error": 0, "warning": 1, "info": 2}
    findings.sort(key=lambda finding: order[finding.severity])
    return Diagnosis(
        run_id=run.id, status=run.status, summary=_summary(run, findings), findings=findings
    )


def _summary(run: Run, findings: list[Finding]) -> str:
    worst = findings[0].message if findings else "Nothing wrong is known."
    reason = run.status_reason or ""
    told = f" ({reason})" if reason and reason not in (worst, run.status.value) else ""
    return f"{_SAID[run.status].rstrip('.')}{told}. {worst}"


def _of_error(run: Run) -> Iterator[Finding]:
    if not run.error:
        return
    error = RunError.model_validate(run.error)
    status = f"exit code {error.exit_code}"
    told = error.exit_code is None or status in error.message
    lines = [line for line in error.log_tail if not line.startswith(PREFIX)]
    yield Finding(
        code=error.code,
        severity="error",
        message=error.message,
        evidence=[*([] if told else [status]), *lines[-_TAIL:]],
        mend=error.hint or f"trainwright runs logs {run.id}",
    )


def _of_data(run: Run) -> Iterator[Finding]:
    for found in (run.report or {}).get("findings", []):
        yield Finding(
            code=found["code"],
            severity=found["severity"],
            message=found["message"],
            evidence=[str(example) for example in found.get("examples", [])],
            mend=found.get("mend"),
        )


def _of_queue(run: Run) -> Iterator[Finding]:
    if run.status is RunStatus.QUEUED and run.queue_position:
        yield Finding(
            code="waiting",
            severity="info",
            message=f"It is number {run.queue_position} in the queue.",
            mend="trainwright runs list --status running",
        )
