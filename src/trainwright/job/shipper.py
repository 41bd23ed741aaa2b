"""Ships the spool to the platform: at least once, in order, for as long as it takes."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainwright.job.address import Address, TooLargeError, UnansweredError
from trainwright.job.spool import Spool, read_lines
from trainwright.spec.rundir import RunDir

if TYPE_CHECKING:
    from trainwright.job.api import Api

BATCH_EVENTS = 1_000
BATCH_BYTES = 1 << 20
PAUSES = (0.02, 0.1)
"""Seconds from one request to the next, at least and at most, so that events gather; the first
after a silence goes at once."""

SHARE = 4
"""In between, the pause is so many times what the request took: a platform with little else to do
is told sooner."""

BACK_OFF = (0.2, 10.0)
"""Seconds before the first repetition, and at most."""

KNOCK_SECONDS = 2.0
"""How often a refused agent looks whether the platform has moved, or the token is new."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the spool: just after the line of event `seq`."""

    offset: int
    seq: int


class Shipper(threading.Thread):
    """Sends what is in the spool, on a thread of its own.

    Attributes:
        shipped_seq: The platform has applied events up to this one.
        succeeded_at: Monotonic time of the last answer; of the thread's making before the first.
    """

    def __init__(self, run: RunDir, spool: Spool) -> None:
        """Get ready; `start` begins."""
        super().__init__(name="shipper", daemon=True)
        self.shipped_seq = 0
        self.succeeded_at = time.monotonic()
        self._run_id = run.run_id
        self._spool = spool
        self._address = Address(run)
        self._position: Position | None = None
        self._batch_events = BATCH_EVENTS
        self._wake = threading.Event()

    @property
    def done(self) -> bool:
        """Nothing is left to ship, or nobody takes it."""
        return self.shipped_seq >= self._spool.last_seq or self._address.is_refused

    def wake(self) -> None:
        """There is something new in the spool."""
        self._wake.set()

    def run(self) -> None:
        # importing httpx takes a quarter of a second, for which no trainer should wait
        from trainwright.job.api import Api  # noqa: PLC0415

        delay = BACK_OFF[0]
        with Api(self._address, self._run_id) as api:
            while True:
                if self._address.is_refused:
                    time.sleep(KNOCK_SECONDS)
                    self._address.look_again()
                    continue
                began = time.monotonic()
                try:
                    self._ship(api)
                except (UnansweredError, OSError) as error:
                    self._position = None  # whoever answers next may stand somewhere else
                    if isinstance(error, TooLargeError):
                        self._batch_events = max(1, self._batch_events // 2)
                    time.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 (jitter)
                    delay = min(BACK_OFF[1], delay * 2)
                else:
                    delay = BACK_OFF[0]
                    self.succeeded_at = time.monotonic()
                    self._rest(began)

    def _rest(self, began: float) -> None:
        pause = min(PAUSES[1], max(PAUSES[0], SHARE * (time.monotonic() - began)))
        if self._position and self._position.offset >= self._spool.size:
            self._wake.wait(1.0)
        self._wake.clear()
        time.sleep(max(0.0, began + pause - time.monotonic()))

    def _ship(self, api: Api) -> None:
        """One request at most."""
        if self._position is None:
            self.shipped_seq = api.cursor()
            self._position = self._seek(self.shipped_seq)
            return
        # what a power cut could still take back from us must not be known elsewhere
        self._spool.sync(at_once=True)
        events, end = self._gather(self._position)
        if not events:
            return
        applied = api.ship(events)
        if applied != end.seq:
            raise UnansweredError(f"sent up to {end.seq}, applied up to {applied}")
        self.shipped_seq, self._position = applied, end

    def _gather(self, position: Position) -> tuple[list[dict[str, Any]], Position]:
        """Events for one request, of those that are safe on the disk."""
        events: list[dict[str, Any]] = []
        size, end = 0, position
        for line, offset in read_lines(self._spool.path, position.offset, self._spool.synced):
            size += offset - end.offset
            if events and (size > BATCH_BYTES or len(events) >= self._batch_events):
                break
            line.pop("cursor")
            events.append(line)
            end = Position(offset, line["seq"])
        return events, end

    def _seek(self, seq: int) -> Position:
        position = Position(0, 0)
        for line, offset in read_lines(self._spool.path, 0, self._spool.size):
            if line["seq"] > seq:
                break
            position = Position(offset, line["seq"])
        return position
