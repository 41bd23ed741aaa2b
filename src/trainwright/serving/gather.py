"""Requests that wait for the same model are put to it together: one large batch is cheaper."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from trainwright.serving.errors import BusyError, ModelError, ModelTimeoutError
from trainwright.serving.pool import WorkerPool
from trainwright.serving.worker import Recipe
from trainwright.spec.errors import InputError

MAX_INPUTS = 64
"""Inputs that are put to a model at once, where they are of several requests."""

MAX_WAITING = 48
"""Requests that may wait for one model."""

_SHARED_FAULTS = (InputError, ModelError, ModelTimeoutError)
"""What one request may have brought upon those it was put together with."""

Answers = list[dict[str, Any]]


@dataclass(eq=False)
class _Waiting:
    recipe: Recipe
    inputs: Sequence[str]
    top_k: int
    deadline: float
    answers: Future[Answers] = field(default_factory=Future)

    def left(self) -> float:
        return self.deadline - time.monotonic()

    def goes_with(self, other: _Waiting) -> bool:
        return self.recipe == other.recipe and self.top_k == other.top_k


class _Queue:
    """Who waits for one model; who holds `turn` talks to it for those in front."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.waiting: deque[_Waiting] = deque()


class Gathering:
    """Asks a pool, with what came together while its worker was busy as one request.

    Nobody waits for others to come: a request that finds its model idle is put to it at once.

    Args:
        pool: Where the workers are.
        max_inputs: Inputs put to a model at once; a larger request goes alone.
        max_waiting: Requests that may wait for one model.
    """

    def __init__(
        self, pool: WorkerPool, *, max_inputs: int = MAX_INPUTS, max_waiting: int = MAX_WAITING
    ) -> None:
        self._pool = pool
        self.max_inputs = max_inputs
        self.max_waiting = max_waiting
        self._lock = threading.Lock()
        self._queues: dict[str, _Queue] = {}

    def predict(
        self, key: str, recipe: Recipe, inputs: Sequence[str], top_k: int, *, timeout: float
    ) -> Answers:
        """One answer for each input, as the worker gave it.

        Args:
            key: Whose worker.
            recipe: How to start it.
            inputs: What it is asked of.
            top_k: How many classes to name for each.
            timeout: Seconds for waiting and for the answer, not for the start.

        Raises:
            BusyError: Too many wait for this model already.
            TrainwrightError: As `WorkerPool.request`.
        """
        mine = _Waiting(recipe, inputs, top_k, time.monotonic() + timeout)
        queue = self._join(key, mine)
        while not mine.answers.done() and queue.turn.acquire(timeout=max(0.0, mine.left())):
            try:
                if not mine.answers.done():
                    self._serve(key, self._front(queue))
            finally:
                queue.turn.release()
        if self._leave(queue, mine):
            raise ModelTimeoutError("the model is busy with earlier requests")
        # another is asking for it, within the time that is left to the two of them
        return mine.answers.result()

    def _join(self, key: str, mine: _Waiting) -> _Queue:
        with self._lock:
            queue = self._queues.setdefault(key, _Queue())
            if len(queue.waiting) >= self.max_waiting:
                raise BusyError(f"{len(queue.waiting)} requests wait for this model already")
            queue.waiting.append(mine)
            return queue

    def _leave(self, queue: _Queue, mine: _Waiting) -> bool:
        """Whether it still stood in the queue, and nobody had asked for it."""
        with self._lock:
            if mine in queue.waiting:
                queue.waiting.remove(mine)
                return True
            return False

    def _front(self, queue: _Queue) -> list[_Waiting]:
        """Those in front that can be put to the model together, taken out of the queue."""
        with self._lock:
            together = [queue.waiting.popleft()]
            count = len(together[0].inputs)
            while queue.waiting and queue.waiting[0].goes_with(together[0]):
                count += len(queue.waiting[0].inputs)
                if count > self.max_inputs:
                    break
                together.append(queue.waiting.popleft())
            return together

    def _serve(self, key: str, together: list[_Waiting]) -> None:
        try:
            answers = self._ask(key, together)
        except _SHARED_FAULTS as error:
            if len(together) == 1:
                together[0].answers.set_exception(error)
            else:  # it may be the fault of one
                for one in together:
                    self._serve(key, [one])
        # whoever waits is told, whatever it was
        except BaseException as error:  # noqa: BLE001
            for one in together:
                one.answers.set_exception(error)
        else:
            for one in together:
                one.answers.set_result(answers[: len(one.inputs)])
                del answers[: len(one.inputs)]

    def _ask(self, key: str, together: list[_Waiting]) -> Answers:
        first = together[0]
        left = min(one.left() for one in together)
        if left <= 0:
            raise ModelTimeoutError("the model is busy with earlier requests")
        inputs = [text for one in together for text in one.inputs]
        payload = {"inputs": inputs, "top_k": first.top_k}
        found = self._pool.request(key, first.recipe, payload, timeout=left).get("predictions")
        if not isinstance(found, list) or len(found) != len(inputs):
            count = len(found) if isinstance(found, list) else "none"
            raise ModelError(f"the model answered {count} inputs of {len(inputs)}")
        return found
