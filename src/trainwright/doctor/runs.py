"""Checks of runs on this machine: dead agents, processes without a run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from trainwright.doctor.installation import missing_packages
from trainwright.doctor.records import records
from trainwright.doctor.registry import Finding, Fix, check, ok, warn
from trainwright.settings import Settings
from trainwright.spec import RunDir

if TYPE_CHECKING:
    from trainwright.store.models import Run


@check("runs", "Runs")
def runs(settings: Settings) -> Iterator[Finding]:
    """Dead agents, and processes that no run knows."""
    if missing_packages("server"):
        return  # `extras` has said so; a machine without a platform keeps no runs of its own
    from trainwright.targets.local.target import LocalTarget  # noqa: PLC0415 (optional extra)

    target = LocalTarget(settings.home)
    strays = target.find_strays({run.id for run in active_runs(settings)})
    if not strays:
        yield ok("every process has its run, and every run its process")
    for stray in strays:
        message = f"{stray.run_id}: {stray.message}"
        if stray.code == "dead_agent":
            # the platform starts another, which goes on from the spool
            yield warn(message, mend="trainwright up")
            continue
        pids = ", ".join(map(str, stray.pids))
        yield warn(
            f"{message} (pid {pids})",
            mend="trainwright doctor --fix",
            fix=Fix(
                f"end the processes of run {stray.run_id} (pid {pids})",
                partial(target.cleanup, RunDir(settings.home.runs / stray.run_id)),
            ),
        )


def active_runs(settings: Settings) -> list[Run]:
    """Runs that have not ended, by the database; none when there is none yet."""
    from trainwright.store.repositories import Runs  # noqa: PLC0415 (optional extra)

    with records(settings) as session:
        return list(Runs(session).active()) if session else []
