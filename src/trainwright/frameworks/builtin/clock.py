"""Speed and time left, as far as this process has seen them."""

from __future__ import annotations

import time


class Clock:
    """Counts training time only: no validation, no saving at the end of an epoch."""

    def __init__(self) -> None:
        self._samples = 0
        self._seconds = 0.0
        self._since = time.monotonic()
        self._steps = 0
        self._began = time.monotonic()

    def start(self) -> None:
        """An epoch begins, or goes on."""
        self._samples, self._seconds = 0, 0.0
        self._since = time.monotonic()

    def stop(self) -> None:
        self._seconds = time.monotonic() - self._since

    def count(self, *, samples: int = 0, steps: int = 0) -> None:
        self._samples += samples
        self._steps += steps

    @property
    def samples_per_second(self) -> float | None:
        """Of the epoch that was stopped last; `None` when it did nothing here."""
        return self._samples / self._seconds if self._samples and self._seconds else None

    def seconds_left(self, steps: int) -> float | None:
        """For so many more steps, validation and all, at the pace of the whole process so far."""
        if not self._steps:
            return None
        return (time.monotonic() - self._began) / self._steps * steps
