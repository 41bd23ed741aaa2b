"""A process, named so that neither a reused pid nor a clock that was set deceives.

Only the standard library and psutil: the shim of every trainer imports this.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

CLOCK_SLACK = 2.0
"""Seconds. Where a kernel tells no exact birth, creation times may be rounded anew each time."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def identify(pid: int | None = None) -> dict[str, Any]:
    """Name a living process; default: this one.

    Returns:
        `pid`, `started` (creation time in seconds since the epoch, which moves when the clock is
        set) and `birth` (does not, and names it exactly; `None` where the kernel does not tell).

    Raises:
        psutil.NoSuchProcess: There is none.
    """
    process = psutil.Process(pid)
    born = _birth(process.pid)
    return {"pid": process.pid, "started": process.create_time(), "birth": born}


def living(who: Mapping[str, Any] | None) -> psutil.Process | None:
    """The process that was named, or `None` when it has ended or its pid is another's now."""
    try:
        process = psutil.Process(int(who["pid"])) if who else None
        if process is None or not is_running(process):
            return None
        return process if _is_same(process, who or {}) else None
    except (psutil.Error, KeyError, TypeError, ValueError, OverflowError):
        return None


def is_running(process: psutil.Process) -> bool:
    """Whether it is there, other than as a zombie."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def age(process: psutil.Process) -> float | None:
    """Seconds since it began, by the clock that counts from boot, where the kernel tells.

    Returns:
        `None` when it has ended.
    """
    if (born := _birth(process.pid)) and hasattr(time, "CLOCK_BOOTTIME"):
        ticks = int(born.rpartition(":")[2])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    try:
        return time.time() - process.create_time()
    except psutil.NoSuchProcess:
        return None


def marked(variable: str, value: str) -> Iterator[psutil.Process]:
    """Living processes that were started with `variable=value` in their environment.

    It is inherited, so children are found that no record names. Others' processes cannot be read.
    """
    for process in psutil.process_iter():
        if is_running(process) and is_marked(process, variable, value):
            yield process


def is_marked(process: psutil.Process, variable: str, value: str) -> bool:
    """Whether it was started with `variable=value`; not, where nobody may look."""
    try:
        return process.environ().get(variable) == value
    except (psutil.Error, OSError, SystemError):
        return False


def real(path: Path) -> str:
    """A folder as processes are marked with it, whatever links lead there."""
    return os.path.realpath(path)


def end(processes: Iterable[psutil.Process], *, patience: float = 3.0) -> list[psutil.Process]:
    """End processes: SIGTERM, then SIGKILL to those left after `patience` seconds.

    Returns:
        Those that live even so (asleep in the kernel, or not ours to signal).
    """
    left = list(processes)
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 2.0)):
        for process in left:
            try:
                process.send_signal(number)
            except psutil.Error:
                continue
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            left = [p for p in left if is_running(p)]
            time.sleep(0.02 if left else 0)
    return left


def _is_same(process: psutil.Process, who: Mapping[str, Any]) -> bool:
    told, born = who.get("birth"), _birth(process.pid)
    if told and born:
        return bool(told == born)
    return abs(process.create_time() - float(who["started"])) <= CLOCK_SLACK


def _birth(pid: int) -> str | None:
    """This boot of the machine, and the clock tick of it in which the process began (Linux)."""
    try:
        # the second field is the program's name, which may hold anything
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return f"{_BOOT.read_text().strip()}:{fields[19]}"
    except (OSError, IndexError):
        return None
