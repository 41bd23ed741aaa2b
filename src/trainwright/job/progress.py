"""Progress as people want it: not too often, and with the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable

from trainwright.job.output import countable, encodable
from trainwright.job.parsers import Progress
from trainwright.spec.events import TrainingProgress

BATCH_SECONDS = 0.2
SMOOTHING_SECONDS = 30.0


class ProgressMeter:
    """Turns what the log says about progress into events.

    Progress within an epoch is shown at most five times a second, the end of an epoch always.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate = Rate()
        self._kept: TrainingProgress | None = None
        self._shown_at = float("-inf")

    def take(self, item: Progress) -> TrainingProgress | None:
        """The event to show now, or `None` while it is too early for one."""
        now = self._clock()
        self._rate.see(now, fraction(item))
        event = TrainingProgress(
            phase=item.phase,
            epoch=countable(item.epoch),
            epochs=countable(item.epochs),
            step=countable(item.step),
            total=countable(item.total),
            metrics={encodable(name): value for name, value in item.metrics.items()},
            eta_seconds=self._eta(item),
        )
        if item.phase == "batch" and now - self._shown_at < BATCH_SECONDS:
            self._kept = event
            return None
        self._shown_at, self._kept = now, None
        return event

    def due(self) -> TrainingProgress | None:
        """Progress that was held back and may be shown by now."""
        if self._kept is None or self._clock() - self._shown_at < BATCH_SECONDS:
            return None
        event, self._kept = self._kept, None
        self._shown_at = self._clock()
        return event

    def _eta(self, item: Progress) -> float | None:
        if item.eta_seconds is not None:
            return item.eta_seconds
        done = fraction(item)
        return None if done is None else self._rate.seconds_for(1 - done)


def fraction(item: Progress) -> float | None:
    """Share of the run that is done, 0 to 1, if it can be told."""
    within = item.step / item.total if item.step is not None and item.total else None
    if item.epoch is None or not item.epochs:
        done = within
    elif item.phase == "epoch":
        done = item.epoch / item.epochs
    else:
        before, after = (item.epoch - 1) / item.epochs, item.epoch / item.epochs
        if within is None:
            done = before
        else:
            # steps may be counted over the run or anew in each epoch
            done = within if before <= within <= after else before + within / item.epochs
    return None if done is None else min(1.0, max(0.0, done))


class Rate:
    """Speed of work, smoothed over about half a minute."""

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None
        self._speed: float | None = None

    def see(self, now: float, done: float | None) -> None:
        """Note that the share `done` of the work was done by `now` (seconds)."""
        if done is None:
            return
        if self._last is None or done < self._last[1]:
            self._last, self._speed = (now, done), None
            return
        then, before = self._last
        if done == before or now <= then:
            return
        speed = (done - before) / (now - then)
        weight = min(1.0, (now - then) / SMOOTHING_SECONDS)
        self._speed = speed if self._speed is None else self._speed + weight * (speed - self._speed)
        self._last = (now, done)

    def seconds_for(self, share: float) -> float | None:
        """Seconds that a share of the work will take; unknown until some was seen done."""
        if share <= 0:
            return 0.0
        return share / self._speed if self._speed else None
