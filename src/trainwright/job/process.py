"""Processes of a run: the trainer, its session, and whoever carries the run's mark."""

from __future__ import annotations

import contextlib
import os
import signal as signals

import psutil

from trainwright import process
from trainwright.process import age, end
from trainwright.spec.rundir import ProcessId, RunDir, ShimRecord

__all__ = ["MARK", "age", "end", "family", "identify", "living", "mark_of", "signal_group"]

MARK = "TRAINWRIGHT_RUN_DIR"
"""Every process of a run carries this environment variable, inherited from its trainer.

The directory, not the run's id: a home that was copied has the same ids.
"""


def identify(pid: int | None = None) -> ProcessId:
    """Name a living process; default: this one.

    Raises:
        psutil.NoSuchProcess: There is none.
    """
    return ProcessId.model_validate(process.identify(pid))


def mark_of(run: RunDir) -> str:
    """The mark of a run's processes."""
    return process.real(run.path)


def living(who: ProcessId | None) -> psutil.Process | None:
    """The process itself, or `None` when it has ended or its pid is somebody else's now."""
    return process.living(who.model_dump()) if who else None


def family(record: ShimRecord | None, mark: str) -> list[psutil.Process]:
    """Living processes of the run: the trainer's session and whoever carries the run's mark.

    The shim is not among them, for it ends by itself once it has written how the trainer ended;
    nor are this process and its ancestors.
    """
    trainer = record.trainer if record else None
    spared = {p.pid for p in [psutil.Process(), *psutil.Process().parents()]}
    if record and (shim := living(record.shim)):
        spared.add(shim.pid)
    session = trainer.pid if trainer and not _taken_over(trainer) else None
    found = []
    for one in psutil.process_iter():
        if one.pid in spared or not process.is_running(one):
            continue
        in_session = session is not None and _session(one.pid) == session
        if in_session or process.is_marked(one, MARK, mark):
            found.append(one)
    return found


def _taken_over(trainer: ProcessId) -> bool:
    # a session outlives its leader; only once it is empty can the number belong to a stranger
    return psutil.pid_exists(trainer.pid) and living(trainer) is None and not _zombie(trainer)


def _zombie(who: ProcessId) -> bool:
    try:
        return psutil.Process(who.pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def signal_group(trainer: ProcessId, number: int) -> None:
    """Signal the trainer's process group, if it is still the trainer's."""
    if living(trainer):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(trainer.pid, number)
            if number == signals.SIGTERM:
                os.killpg(trainer.pid, signals.SIGCONT)  # a frozen one could not act on it
