"""Stopping a trainer: it is asked, given time to save, and only then made to end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from trainwright.job.records import read_record
from trainwright.spec.events import Alert
from trainwright.spec.rundir import Control, Outcome

TERM_SECONDS = 3.0

STOPPING = {"stop": "stopping", "pause": "pausing"}
"""Alert codes that say in the spool that the trainer has been asked."""


class ControlFile:
    """Reads `control.json` when it has changed."""

    def __init__(self, path: Path, attempt: int) -> None:
        self._path = path
        self._attempt = attempt
        self._stamp: tuple[int, int] | None = None
        self._request: Control | None = None

    def read(self) -> Control | None:
        """What is asked of this attempt, if anything."""
        try:
            stat = self._path.stat()
        except OSError:
            return self._request
        if (stamp := (stat.st_mtime_ns, stat.st_ino)) != self._stamp:
            self._stamp = stamp
            found = read_record(self._path, Control)
            self._request = found if found and found.attempt == self._attempt else None
        return self._request


def outcome_of(request: Control) -> Outcome:
    """How an attempt ends that does as it is asked."""
    return Outcome.PAUSED if request.request == "pause" else Outcome.STOPPED


class Stopper:
    """SIGTERM and time to save, SIGTERM and three seconds, SIGKILL.

    Attributes:
        saving: The trainer has been asked and is in its time to save.
        asked: The trainer has been asked at all.
    """

    def __init__(
        self, signal_trainer: Callable[[int], None], *, saves: bool, asked_before: bool = False
    ) -> None:
        """Be ready.

        Args:
            signal_trainer: Sends a signal to the trainer's process group.
            saves: The trainer saves on SIGTERM, so it gets time for that.
            asked_before: An earlier agent has sent the first SIGTERM; a second one could break
                a save that is under way.
        """
        self._signal = signal_trainer
        self._saves = saves
        self._asked_before = asked_before
        self._save_until: float | None = None
        self._kill_at: float | None = None
        self.asked = asked_before

    @property
    def saving(self) -> bool:
        """Whether the trainer is in its time to save."""
        return self._save_until is not None and self._kill_at is None

    def act(self, request: Control) -> Alert | None:
        """Do what is due; to be called often while the trainer lives.

        Returns:
            What to tell people, once.
        """
        now = time.monotonic()
        first = not self.asked
        if self._kill_at is not None:
            if now >= self._kill_at:
                self._signal(signal.SIGKILL)
            return None
        if request.now or not self._saves:
            self._terminate(now)
        elif self._save_until is None:
            self._ask_to_save(now, request)
        elif now >= self._save_until:
            self._terminate(now)
        self.asked = True
        return self._alert(request) if first else None

    def _ask_to_save(self, now: float, request: Control) -> None:
        grace = request.save_grace_seconds
        if self._asked_before:
            grace -= (datetime.now(UTC) - request.requested_at).total_seconds()
        else:
            self._signal(signal.SIGTERM)
        self._save_until = now + max(0.0, grace)

    def _terminate(self, now: float) -> None:
        self._signal(signal.SIGTERM)
        self._kill_at = now + TERM_SECONDS

    def _alert(self, request: Control) -> Alert:
        verb = "pause" if request.request == "pause" else "stop"
        message = f"asked to {verb}"
        if self.saving:
            message += f"; the trainer has {request.save_grace_seconds:g} s to save"
        return Alert(code=STOPPING[request.request], severity="info", message=message)
