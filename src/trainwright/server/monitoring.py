"""Runs at a glance."""

from __future__ import annotations

from datetime import timedelta

from trainwright.server.run_views import run_view
from trainwright.spec.api import Dashboard, Hardware, RunHealth
from trainwright.spec.events import utc_now
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import RunQuery, Runs

_ACTIVE = [status for status in RunStatus if not status.is_terminal]
_SHOWN = 20
_SILENT = timedelta(seconds=30)


def dashboard(database: Database, owner_id: str | None, machine: Hardware) -> Dashboard:
    """Counts by status, runs at work and latest runs, of one owner or of all."""
    with database.session(write=False) as session:
        runs = Runs(session)
        counts = runs.count_by_status(owner_id)
        active = runs.list(RunQuery(status=_ACTIVE, owner_id=owner_id, limit=_SHOWN)).items
        recent = runs.list(RunQuery(owner_id=owner_id, limit=_SHOWN)).items
    return Dashboard(
        runs_by_status={str(status): counts[status] for status in RunStatus if status in counts},
        active=[run_view(run) for run in active],
        recent=[run_view(run) for run in recent],
        hardware=machine,
    )


def health(run: Run) -> RunHealth:
    """Whether a run is as it should be: heard of lately, if it is at work."""
    ok, message = _judge(run)
    return RunHealth(
        run_id=run.id,
        status=run.status,
        ok=ok,
        message=message,
        last_event_at=run.last_seen_at,
    )


def _judge(run: Run) -> tuple[bool, str]:
    if run.status is RunStatus.LOST:
        return False, "it cannot be seen; it may still be training"
    if run.status is RunStatus.FAILED:
        return False, str((run.error or {}).get("message", "it failed"))
    if run.status is not RunStatus.RUNNING or run.last_seen_at is None:
        return True, f"it is {run.status}"
    silence = utc_now() - run.last_seen_at
    if silence > _SILENT:
        return False, f"nothing was heard of it for {silence.total_seconds():.0f} s"
    return True, "it is training"
