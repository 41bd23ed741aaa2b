"""Checks of runs that do not get on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from trainwright.doctor.installation import missing_packages
from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.doctor.runs import active_runs
from trainwright.platform import find_platform
from trainwright.settings import Settings
from trainwright.spec import RunStatus
from trainwright.spec.events import utc_now

if TYPE_CHECKING:
    from trainwright.store.models import Run

SILENT = timedelta(minutes=10)
"""Agents send a sign of life every few seconds."""

LONG = timedelta(minutes=30)
"""More than any step before training may take."""

_HEARD_OF = frozenset({RunStatus.RUNNING, RunStatus.PAUSING, RunStatus.LOST})
_PASSING = frozenset(
    {RunStatus.CREATED, RunStatus.VALIDATING, RunStatus.PREPARING, RunStatus.ALLOCATING}
)


@check("waiting", "Runs under way")
def waiting(settings: Settings) -> Iterator[Finding]:
    """Does each get on, or is it stuck?"""
    if missing_packages("server"):
        return  # `extras` has said so
    runs = active_runs(settings)
    if not runs:
        yield ok("none")
        return
    if find_platform(settings) is None:
        names = ", ".join(run.name for run in runs[:5]) + ("…" if len(runs) > 5 else "")
        yield warn(f"{len(runs)} wait for the platform, which is not running: {names}",
                   mend="trainwright up")  # fmt: skip
        return
    stuck = [(run, why) for run in runs if (why := _stuck(run, utc_now()))]
    for run, why in stuck:
        yield warn(f"{run.name} ({run.id}) {why}", mend=f"trainwright runs diagnose {run.id}")
    if not stuck:
        yield ok(f"{len(runs)} get on")


def _stuck(run: Run, now: datetime) -> str | None:
    if run.status in _HEARD_OF:
        seen = run.last_seen_at or run.started_at or run.updated_at
        if now - seen > SILENT:
            return f"is {run.status}, and was last heard of {_minutes(now - seen)} ago"
    if run.status in _PASSING and now - run.updated_at > LONG:
        return f"has been {run.status} for {_minutes(now - run.updated_at)}"
    return None


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
