"""A batch while it is at work: portion after portion, each kept before the next is counted."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from filelock import FileLock

from trainwright.serving.batch.asking import Asker
from trainwright.serving.batch.folder import BatchFolder, is_error
from trainwright.spec.api import BatchStatus, BatchView
from trainwright.spec.errors import Fault, TrainwrightError
from trainwright.spec.events import utc_now

_FIRST, _LARGEST = 64, 8192
_MOST_LABELS = 400_000
"""What one answer may name, so that it stays well below the longest line of a worker."""
_QUICK, _SLOW = 0.25, 1.0
"""Seconds for a portion; those that ask for one image wait for it."""
_SAVE_SECONDS = 1.0


class _Portion(NamedTuple):
    size: int
    lines: Future[list[bytes]]


class Job:
    """One batch that has not ended. Safe to look at and to cancel from any thread.

    Args:
        folder: Its files.
    """

    def __init__(self, folder: BatchFolder) -> None:
        self.folder = folder
        self._view = folder.load()
        self._mutex = threading.Lock()
        """Of what is known of it. Never held while the disk is waited for: many look at it."""
        self._writing = threading.RLock()
        """Of its files, so that nothing is added to what has ended. Taken before the other."""
        self._lock = FileLock(folder.lock, thread_local=False)
        self._portion = _FIRST
        self._largest = max(1, min(_LARGEST, _MOST_LABELS // self._view.top_k))
        self._saved = 0.0
        self._pace: tuple[float, int] | None = None

    def adopt(self) -> None:
        """Take it over, from a process that may have been killed.

        Raises:
            filelock.Timeout: A living process is at it.
        """
        self._lock.acquire(timeout=0)
        done, failed = self.folder.mend()
        self._change(done=done, failed=failed)

    def release(self) -> None:
        """Let another process take it over."""
        self._lock.release()

    @property
    def ended(self) -> bool:
        return self._view.status.has_ended

    def view(self) -> BatchView:
        """How far it is, with the time that is left at the pace since it was last taken up."""
        with self._mutex:
            view, pace = self._view, self._pace
        if pace is None or view.status is not BatchStatus.RUNNING or view.done == pace[1]:
            return view
        rate = (view.done - pace[1]) / max(time.monotonic() - pace[0], 1e-6)
        left = (view.total - view.done) / rate
        return view.model_copy(update={"inputs_per_second": rate, "eta_seconds": left})

    def cancel(self) -> None:
        """End it as it is; what has been answered stays."""
        self._end(BatchStatus.CANCELLED)

    def fail(self, error: TrainwrightError) -> None:
        """End it for a reason; it may be resumed."""
        self._end(BatchStatus.FAILED, error=error.fault(""))

    def work(self, asker: Asker, enough: Callable[[], bool]) -> None:
        """Go on until it has ended, or `enough` says so between two portions.

        Raises:
            TrainwrightError: The model cannot be had, or results cannot be written.
            FileNotFoundError: Its folder is gone.
        """
        version = asker.warm()
        self._change(
            status=BatchStatus.RUNNING,
            started_at=self._view.started_at or utc_now(),
            model_version=version,
        )
        with self._mutex:
            self._pace = self._pace or (time.monotonic(), self._view.done)
        items = self.folder.items(self._view.done)
        place = self._view.done
        # while results are written, the model is at the next portion already
        with ThreadPoolExecutor(2) as threads:
            ahead: _Portion | None = None
            while not self.ended:
                now = [] if enough() else list(itertools.islice(items, self._portion))
                coming = None
                if now:
                    coming = _Portion(len(now), threads.submit(asker.answer, now, place))
                    place += len(now)
                if ahead is not None:
                    self._keep(ahead)
                if coming is None:
                    break
                ahead = coming
        if self._view.done >= self._view.total:
            self._end(BatchStatus.COMPLETED)

    def _keep(self, portion: _Portion) -> None:
        began = time.monotonic()
        lines = portion.lines.result()
        with self._writing:
            if self.ended:
                return
            self.folder.append(lines)
            failed = sum(is_error(line) for line in lines)
            self._change(done=self._view.done + len(lines), failed=self._view.failed + failed)
        if time.monotonic() - self._saved > _SAVE_SECONDS:
            self._save()
        self._adapt(time.monotonic() - began, portion.size)

    def _adapt(self, seconds: float, count: int) -> None:
        if seconds < _QUICK and count == self._portion:
            self._portion = min(self._largest, self._portion * 2)
        elif seconds > _SLOW:
            self._portion = max(1, self._portion // 2)

    def _change(self, **changes: object) -> bool:
        """Change what is known of it, unless it has ended; a restart knows the rest by itself."""
        with self._mutex:
            if self._view.status.has_ended:
                return False
            self._view = self._view.model_copy(update=changes)
            return True

    def _save(self) -> None:
        with self._writing:
            self.folder.save(self._view)
            self._saved = time.monotonic()

    def _end(self, status: BatchStatus, error: Fault | None = None) -> None:
        rate = self.view().inputs_per_second
        with self._writing:
            if self._change(status=status, ended_at=utc_now(), error=error, inputs_per_second=rate):
                self._save()
