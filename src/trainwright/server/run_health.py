"""How a run is doing, in a word and with the reasons."""

from __future__ import annotations

from datetime import timedelta

from trainwright.server.alert_views import alert_view
from trainwright.spec.api import AlertView, RunHealth
from trainwright.spec.api.monitoring import Score
from trainwright.spec.events import utc_now
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import AlertQuery, Alerts

_SILENT = timedelta(seconds=30)
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def health_of(database: Database, run: Run) -> RunHealth:
    """Good, fair or bad, by its status, its open alerts, and when it was last heard of."""
    with database.session(write=False) as session:
        found = Alerts(session).list(AlertQuery(run_id=run.id, state="open", limit=100)).items
    alerts = sorted(map(alert_view, found), key=lambda alert: _GRAVITY[alert.severity])
    grave = [*_of_status(run), *(a.message for a in alerts if _is_grave(a, run))]
    slight = [alert.message for alert in alerts if alert.severity == "warning"]
    score = _score(run, grave, slight)
    reasons = list(dict.fromkeys([*grave, *slight])) or [_calm(run)]
    return RunHealth(
        run_id=run.id,
        status=run.status,
        ok=score != "bad",
        score=score,
        message=reasons[0],
        reasons=reasons,
        alerts=alerts,
        last_event_at=run.last_seen_at,
    )


def _is_grave(alert: AlertView, run: Run) -> bool:
    """What the status says already is not said twice."""
    told = (RunStatus.FAILED, RunStatus.LOST)
    return alert.severity == "error" and not (alert.rule == run.status and run.status in told)


def _of_status(run: Run) -> list[str]:
    if run.status is RunStatus.LOST:
        return ["it cannot be seen; it may still be training"]
    if run.status is RunStatus.FAILED:
        return [str((run.error or {}).get("message", "it failed"))]
    if run.status is RunStatus.RUNNING and run.last_seen_at is not None:
        silence = utc_now() - run.last_seen_at
        if silence > _SILENT:
            return [f"nothing was heard of it for {silence.total_seconds():.0f} s"]
    return []


def _score(run: Run, grave: list[str], slight: list[str]) -> Score:
    if grave:
        return "bad"
    if slight:
        return "fair"
    return "good" if run.started_at is not None else "unknown"


def _calm(run: Run) -> str:
    return "it is training" if run.status is RunStatus.RUNNING else f"it is {run.status}"
