"""Processes of a run, told apart by pid and creation time or by the run's mark, never by name."""

from __future__ import annotations

import contextlib
import os
import signal as signals
import time
from collections.abc import Iterable

import psutil

from trainwright.spec.rundir import ProcessId, RunDir, ShimRecord

MARK = "TRAINWRIGHT_RUN_DIR"
"""Every process of a run carries this environment variable, inherited from its trainer.

The directory, not the run's id: a home that was copied has the same ids.
"""

CLOCK_SLACK = 2.0
"""Seconds. Linux counts creation times from a boot time that it rounds anew at each reading."""


def identify(pid: int | None = None) -> ProcessId:
    """Name a living process; default: this one.

    Raises:
        psutil.NoSuchProcess: There is none.
    """
    process = psutil.Process(pid)
    return ProcessId(pid=process.pid, started=process.create_time())


def mark_of(run: RunDir) -> str:
    """The mark of a run's processes."""
    return os.path.realpath(run.path)


def living(who: ProcessId | None, mark: str) -> psutil.Process | None:
    """The process itself, or `None` when it has ended or its pid is somebody else's now.

    Creation times move when the host's clock is set; the run's mark in the environment then
    tells that it is still ours.
    """
    if who is None:
        return None
    try:
        process = psutil.Process(who.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        if abs(process.create_time() - who.started) <= CLOCK_SLACK or marked(process, mark):
            return process
    except psutil.Error:
        pass
    return None


def marked(process: psutil.Process, mark: str) -> bool:
    """Whether the process was started by the run's trainer or one of its children."""
    try:
        return process.environ().get(MARK) == mark
    except (psutil.Error, OSError, SystemError):
        return False


def family(record: ShimRecord | None, mark: str) -> list[psutil.Process]:
    """Living processes of the run: the trainer's session and whoever carries the run's mark.

    The shim is not among them, for it ends by itself once it has written how the trainer ended;
    nor are this process and its ancestors.
    """
    trainer = record.trainer if record else None
    spared = {p.pid for p in [psutil.Process(), *psutil.Process().parents()]}
    if record and (shim := living(record.shim, mark)):
        spared.add(shim.pid)
    session = trainer.pid if trainer and not _taken_over(trainer, mark) else None
    found = []
    for process in psutil.process_iter():
        if process.pid in spared or not _is_running(process):
            continue
        if (session and _session(process.pid) == session) or marked(process, mark):
            found.append(process)
    return found


def _taken_over(trainer: ProcessId, mark: str) -> bool:
    # a session outlives its leader; only once it is empty can the number belong to a stranger
    return psutil.pid_exists(trainer.pid) and living(trainer, mark) is None and not _zombie(trainer)


def _zombie(who: ProcessId) -> bool:
    try:
        return psutil.Process(who.pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def signal_group(trainer: ProcessId, mark: str, signal: int) -> None:
    """Signal the trainer's process group, if it is still the trainer's."""
    if living(trainer, mark):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(trainer.pid, signal)


def end(processes: Iterable[psutil.Process], *, patience: float = 3.0) -> list[psutil.Process]:
    """End processes: SIGTERM, then SIGKILL to those left after `patience` seconds.

    Returns:
        Those that live even so (asleep in the kernel, or not ours to signal).
    """
    left = list(processes)
    for signal, seconds in ((signals.SIGTERM, patience), (signals.SIGKILL, 2.0)):
        for process in left:
            try:
                process.send_signal(signal)
            except psutil.Error:
                continue
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            left = [p for p in left if _is_running(p)]
            time.sleep(0.02 if left else 0)
    return left
