"""Runs that go on although their directory was lost."""

from __future__ import annotations

from trainwright.job.output import Output
from trainwright.job.spool import Entry, Spool
from trainwright.spec.events import Alert
from trainwright.spec.rundir import RunDir
from trainwright.store.models import Run
from trainwright.workflows.services import Services


def bring_back(services: Services, run: Run) -> None:
    """Put back what is missing from the directory of a run that is to go on.

    Raises:
        ObjectDamagedError: The mirror has something else than it was given.
        UnavailableError: Something is missing, and the mirror cannot be reached.
    """
    directory = services.directory(run.id)
    brought = services.mirror.bring_back(run.id) if services.mirror else 0
    if brought or not directory.events.exists():
        catch_up(directory, run)


def catch_up(directory: RunDir, run: Run) -> None:
    """Have the run's next agent number its events beyond those that the platform knows.

    A spool that was lost is gone, or an earlier attempt's: an agent that began to count where it
    ends would tell its news under numbers that are taken, and nobody would hear of them.
    """
    if not run.agent_seq:
        return
    directory.path.mkdir(parents=True, exist_ok=True)
    spool = Spool(directory.events, run.id)
    try:
        if spool.last_seq >= run.agent_seq:
            return
        spool.last_seq = run.agent_seq - 1
        told = Alert(
            code="brought_back",
            severity="info",
            message="the run directory was lost; the run goes on from what was left of it",
        )
        read = directory.log.stat().st_size if directory.log.exists() else 0
        cursor = Output(directory.log, read).cursor()
        spool.append(run.attempt - 1, [Entry(told)], cursor, sync=True)
    finally:
        spool.close()
