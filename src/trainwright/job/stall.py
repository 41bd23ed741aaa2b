"""Notices when a trainer gives no sign of life any more."""

from __future__ import annotations

import time
from collections.abc import Callable

from trainwright.spec.events import Alert


class StallWatch:
    """Output and checkpoints are signs of life. What to do about a stall is not decided here."""

    def __init__(
        self, minutes: float, *, stalled: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start the clock.

        Args:
            minutes: Silence before a stall is called one.
            stalled: An earlier agent has called it already.
            clock: Seconds, never going back.
        """
        self.stalled = stalled
        self._minutes = minutes
        self._clock = clock
        self._alive_at = clock()

    def check(self, *, sign_of_life: bool) -> Alert | None:
        """The alert to raise, once for each stall and once for its end."""
        now = self._clock()
        silence = now - self._alive_at
        if sign_of_life:
            self._alive_at = now
            if self.stalled:
                self.stalled = False
                return Alert(
                    code="stall_over",
                    severity="info",
                    message=f"the trainer shows life again after {silence / 60:.1f} minutes",
                )
        elif not self.stalled and silence >= self._minutes * 60:
            self.stalled = True
            return Alert(
                code="stall",
                message=f"no output and no checkpoint for {self._minutes:g} minutes",
                hint="a long epoch that prints nothing looks the same: look at the CPU and GPU "
                "use, raise supervision.stall_minutes, or stop the run",
            )
        return None
