"""The place of one worker, and the turns of those who ask it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from trainwright.serving.errors import AbandonedError, ModelTimeoutError
from trainwright.serving.worker import Recipe, Worker

_LOOK_SECONDS = 0.1
"""How often who waits for their turn is asked whether they still do."""


class Ahead(NamedTuple):
    """A request that is in the pipe of a worker before its turn."""

    worker: Worker
    number: int


class Slot:
    """The place of one key's worker.

    Its lock is held by whoever is answered; `next` by whoever comes then, whose request may be
    in the worker's pipe already, so that the worker is not idle in between.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.lock = threading.Lock()
        self.next = threading.Lock()
        self.doubtful = False
        """Whether a worker has died of a request that is asked again: it is then alone with it."""
        self.worker: Worker | None = None
        self.used = 0.0

    def give_up(self) -> None:
        """Let the next one be answered."""
        self.used = time.monotonic()
        self.lock.release()

    def send_ahead(self, recipe: Recipe, payload: Mapping[str, Any]) -> Ahead | None:
        """Put a request behind the one that is being answered, if that can do neither harm."""
        worker = self.worker
        if (
            worker is None
            or worker.recipe != recipe
            or not worker.hello
            or self.doubtful
            or not self.lock.locked()
        ):
            return None
        return Ahead(worker, worker.send(payload))

    def memory(self) -> int:
        """Resident bytes of the worker; 0 without one."""
        worker = self.worker  # another thread may be ending it
        return worker.memory() if worker is not None else 0


def take(lock: threading.Lock, deadline: float, gone: Callable[[], bool] | None = None) -> None:
    """Wait for one's turn.

    Args:
        lock: Held by those before.
        deadline: By the monotonic clock.
        gone: Whether nobody waits any more.

    Raises:
        ModelTimeoutError: It has not come by then.
        AbandonedError: Nobody waits for it.
    """
    while not lock.acquire(timeout=_slice(deadline, gone)):
        if gone is not None and gone():
            raise AbandonedError("whoever asked has gone away")
        if time.monotonic() >= deadline:
            raise ModelTimeoutError("the model is busy with earlier requests")


def _slice(deadline: float, gone: Callable[[], bool] | None) -> float:
    """Seconds to wait at once: a lock that is waited for cannot look who has gone away."""
    left = max(0.0, deadline - time.monotonic())
    return left if gone is None else min(left, _LOOK_SECONDS)
