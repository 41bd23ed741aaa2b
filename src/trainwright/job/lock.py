"""One agent, one shim to a run: file locks that the kernel frees when their holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


def take(path: Path, *, tries: int = 5) -> int | None:
    """Take a lock for the life of this process.

    Args:
        path: Lock file; made if absent.
        tries: Attempts, 50 ms apart, so that a passing `held` is not taken for a holder.

    Returns:
        The descriptor that holds the lock, or `None` when another process has it.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    for attempt in range(tries):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt + 1 < tries:
                time.sleep(0.05)
        else:
            return fd
    os.close(fd)
    return None


def held(path: Path) -> bool:
    """Whether a living process holds the lock."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False
