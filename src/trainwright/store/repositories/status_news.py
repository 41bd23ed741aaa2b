"""What a run's new status opens, closes and has told: one transaction with the status itself."""

from __future__ import annotations

from sqlalchemy.orm import Session

from trainwright.spec.events import StatusChanged
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.store.repositories.alerts import LASTING, Alerts, Trouble
from trainwright.store.repositories.notices import Notices

_NEWS = {
    RunStatus.RUNNING: "run.started",
    RunStatus.COMPLETED: "run.completed",
    RunStatus.FAILED: "run.failed",
    RunStatus.STOPPED: "run.stopped",
    RunStatus.LOST: "run.lost",
}


def follow_status(session: Session, run: Run, changed: StatusChanged) -> None:
    """Bring alerts and news in line with the status that a locked run has by now."""
    previous = changed.previous
    _alert(Alerts(session), run, previous, changed.reason)
    came_back = previous is RunStatus.LOST and run.status is RunStatus.RUNNING
    if run.status in _NEWS and not came_back:
        why = f": {changed.reason}" if changed.reason else ""
        text = f"{run.name} ({run.id}) is {run.status}{why}"
        details = {"error": dict(run.error) if run.error else None}
        Notices(session).tell(_NEWS[run.status], run, text, details)


def _alert(alerts: Alerts, run: Run, previous: RunStatus | None, reason: str | None) -> None:
    if previous is not None and previous.is_terminal:
        alerts.resolve(run, None, f"attempt {run.attempt} goes on")
    elif run.status.is_terminal:
        passing = alerts.open_of(run.id).keys() - LASTING
        alerts.resolve(run, passing, f"the run is {run.status}")
    elif previous is RunStatus.LOST:
        alerts.resolve(run, ["lost"], "it was seen again")
    if run.status is RunStatus.FAILED:
        alerts.report(run, _failure(run, reason))
    elif run.status is RunStatus.LOST:
        alerts.report(
            run,
            Trouble(
                "lost",
                "error",
                reason or "it cannot be seen; it may still be training",
                "it is seen again by itself when its machine answers; trainwright targets list",
                {"why": reason} if reason else {},
            ),
        )


def _failure(run: Run, reason: str | None) -> Trouble:
    error = run.error or {}
    facts = {name: error[name] for name in ("code", "exit_code", "signal") if error.get(name)}
    message = str(error.get("message") or reason or "it failed")
    hint = f"trainwright runs diagnose {run.id}"
    return Trouble("failed", "error", message, hint, facts)
