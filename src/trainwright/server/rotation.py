"""Logs of the platform's own processes, kept from growing without end.

A part writes to the file it was given, in append mode, whatever is done to the file's name. So the
file is copied and then emptied; what a part writes between the two is lost, a line at most.
"""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

LIMIT = 20 << 20
KEPT = 3
"""Older files of each log: `api.log.1` is the newest of them."""


def rotate(log: Path, limit: int = LIMIT, kept: int = KEPT) -> bool:
    """Put a log aside that has grown too large.

    Args:
        log: A file that others append to.
        limit: Bytes it may have.
        kept: Older files to keep.

    Returns:
        Whether it was too large, and there was room for the copy.
    """
    with contextlib.suppress(OSError):
        if log.stat().st_size <= limit:
            return False
        _older(log, kept).unlink(missing_ok=True)
        for number in range(kept - 1, 0, -1):
            if _older(log, number).exists():
                _older(log, number).replace(_older(log, number + 1))
        _copy_and_empty(log, _older(log, 1))
        return True
    return False


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")


def _copy_and_empty(log: Path, aside: Path) -> None:
    """On a disk that is full the log is emptied all the same: room is what is needed then."""
    with log.open("rb+") as file:
        try:
            with aside.open("wb") as copy:
                aside.chmod(0o600)
                shutil.copyfileobj(file, copy, 1 << 20)
        except OSError:
            aside.unlink(missing_ok=True)
        file.truncate(0)
