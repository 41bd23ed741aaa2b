"""Writes to the spool whatever the disk does: what cannot be written is kept and tried again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainwright.job.spool import Entry, Spool
from trainwright.spec.events import Alert

RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class _Batch:
    attempt: int
    entries: Sequence[Entry]
    cursor: Mapping[str, Any]


class Journal:
    """The spool with patience. While a batch waits, nothing further may be read."""

    def __init__(self, spool: Spool, on_write: Callable[[], None]) -> None:
        """Wrap a spool.

        Args:
            spool: Where the batches go.
            on_write: Called after each batch that was written.
        """
        self._spool = spool
        self._on_write = on_write
        self._waiting: _Batch | None = None
        self._failing_since: float | None = None
        self._tried_at = 0.0
        self._reason = ""

    def write(self, attempt: int, entries: Sequence[Entry], cursor: Mapping[str, Any]) -> bool:
        """Write a batch; one that cannot be written waits for `flush`."""
        self._waiting = _Batch(attempt, entries, cursor)
        return self._try()

    def flush(self) -> bool:
        """Whether nothing waits; a waiting batch is tried again about once a second."""
        if self._waiting and time.monotonic() - self._tried_at >= RETRY_SECONDS:
            self._try()
        return self._waiting is None

    def _try(self) -> bool:
        batch = self._waiting
        if batch is None:
            return True
        self._tried_at = time.monotonic()
        entries = [*batch.entries, *self._recovery()]
        important = any(entry.sync for entry in entries)
        try:
            self._spool.append(batch.attempt, entries, batch.cursor, sync=important)
        except OSError as error:
            self._failing_since = self._failing_since or self._tried_at
            self._reason = os.strerror(error.errno or 0)
            return False
        self._waiting = self._failing_since = None
        self._on_write()
        return True

    def _recovery(self) -> list[Entry]:
        if self._failing_since is None:
            return []
        seconds = time.monotonic() - self._failing_since
        alert = Alert(
            code="spool_blocked",
            message=f"events could not be written for {seconds:.0f} s ({self._reason}); "
            "they were kept back, and none is lost",
            hint="keep some disk space free: trainwright runs prune --status failed --now",
        )
        return [Entry(alert)]
