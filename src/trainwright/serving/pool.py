"""Warm workers within a memory budget: least recently used ones give way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple, Self

from trainwright.serving.errors import ModelError, ModelTimeoutError, WorkerDiedError
from trainwright.serving.worker import Recipe, Worker
from trainwright.spec.errors import UnavailableError

CLOSE_SECONDS = 2.0
"""Time a worker has to end by itself before it is killed."""


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """A warm worker, as the dashboard shows it.

    Attributes:
        key: What it serves, usually a run id.
        pid: Its process.
        memory_bytes: Resident.
        idle_seconds: Since its last answer; 0 while it works.
        model_version: As it says itself.
    """

    key: str
    pid: int
    memory_bytes: int
    idle_seconds: float
    model_version: str | None


class _Ahead(NamedTuple):
    """A request that is in the pipe of a worker before its turn."""

    worker: Worker
    number: int


class _Slot:
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

    def send_ahead(self, recipe: Recipe, payload: Mapping[str, Any]) -> _Ahead | None:
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
        return _Ahead(worker, worker.send(payload))

    def memory(self) -> int:
        """Resident bytes of the worker; 0 without one."""
        worker = self.worker  # another thread may be ending it
        return worker.memory() if worker is not None else 0


class WorkerPool:
    """Keeps one worker process a key, started when first asked, ended when idle or too large.

    Safe to use from many threads; requests to one key take turns, the next in the worker's pipe.

    Args:
        memory_budget_bytes: Resident memory all workers together may take.
        idle_seconds: A worker nobody asked for this long is ended.
        start_seconds: Time a worker has until it is ready.
        sweep_seconds: How often idleness and memory are looked at.
    """

    def __init__(
        self,
        memory_budget_bytes: int,
        idle_seconds: float = 300.0,
        *,
        start_seconds: float = 120.0,
        sweep_seconds: float = 1.0,
    ) -> None:
        self._budget = memory_budget_bytes
        self._idle = idle_seconds
        self._start_seconds = start_seconds
        self._slots: dict[str, _Slot] = {}
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._sweeper = threading.Thread(
            target=self._sweep, args=(sweep_seconds,), daemon=True, name="worker-pool"
        )
        self._sweeper.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.close()

    def request(
        self, key: str, recipe: Recipe, payload: Mapping[str, Any], *, timeout: float = 60.0
    ) -> dict[str, Any]:
        """Ask the worker of `key`, starting it when it is not warm.

        A worker that dies in the middle is started afresh once and asked again.

        Args:
            key: Whose worker; requests to it are answered one after the other.
            recipe: How to start it; a warm worker of another recipe is replaced.
            payload: Fields of the request.
            timeout: Seconds for waiting one's turn and for the answer, not for the start.

        Returns:
            The worker's answer.

        Raises:
            TrainwrightError: What the worker reports of its model or of the input.
            ModelError: It died twice, or takes more memory than there is.
            ModelTimeoutError: No answer in time; the worker is ended.
            UnavailableError: The pool is closed.
        """

        def send(slot: _Slot) -> _Ahead | None:
            return slot.send_ahead(recipe, payload)

        with self._turn(key, timeout, send) as (slot, ahead):
            try:
                return self._ask(slot, recipe, payload, timeout, ahead)
            except WorkerDiedError as error:
                if error.final:
                    raise ModelError(f"the model's process: {error.why}") from None
            slot.doubtful = True
            try:
                return self._ask(slot, recipe, payload, timeout)
            except WorkerDiedError as error:
                raise ModelError(f"the model's process died twice: {error.why}") from None
            finally:
                slot.doubtful = False

    def warm(self, key: str, recipe: Recipe, *, timeout: float = 60.0) -> dict[str, Any]:
        """Start the worker of `key`, if it is not warm; its first words.

        Args:
            key: Whose worker.
            recipe: How to start it.
            timeout: Seconds for waiting one's turn, not for the start.

        Raises:
            TrainwrightError: As `request`.
        """
        with self._turn(key, timeout) as (slot, _):
            try:
                return dict(self._warm(slot, recipe).hello)
            except WorkerDiedError as error:
                raise ModelError(f"the model's process: {error.why}") from None

    def stop(self, key: str) -> None:
        """End the worker of `key`, after its present request, if there is one."""
        with self._lock:
            slot = self._slots.get(key)
        if slot is not None:
            with slot.lock:
                _end(slot)

    def status(self) -> list[WorkerStatus]:
        """The warm workers, most recently used first."""
        now = time.monotonic()
        rows = []
        for slot in sorted(self._all(), key=lambda s: -s.used):
            worker = slot.worker
            if worker is None or not worker.alive():
                continue
            idle = 0.0 if slot.lock.locked() else now - slot.used
            version = worker.hello.get("model_version")
            rows.append(WorkerStatus(slot.key, worker.pid, worker.memory(), idle, version))
        return rows

    def close(self) -> None:
        """End all workers; those that are busy get a moment to finish."""
        self._closed.set()
        self._sweeper.join()
        for slot in self._all():
            if slot.lock.acquire(timeout=CLOSE_SECONDS):
                _end(slot)
                slot.lock.release()
            elif slot.worker is not None:
                slot.worker.kill("the service is shutting down")

    @contextlib.contextmanager
    def _turn(
        self, key: str, timeout: float, send: Callable[[_Slot], _Ahead | None] = lambda _: None
    ) -> Iterator[tuple[_Slot, _Ahead | None]]:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot(key))
        deadline = time.monotonic() + timeout
        with contextlib.ExitStack() as after:
            _take(slot.next, deadline)
            try:
                ahead = send(slot)
                if ahead is not None:
                    after.callback(ahead.worker.forget, ahead.number)
                _take(slot.lock, deadline)
            finally:
                slot.next.release()
            after.callback(slot.give_up)
            if self._closed.is_set():
                raise UnavailableError("the service is shutting down")
            yield slot, ahead

    def _ask(
        self,
        slot: _Slot,
        recipe: Recipe,
        payload: Mapping[str, Any],
        timeout: float,
        ahead: _Ahead | None = None,
    ) -> dict[str, Any]:
        worker = self._warm(slot, recipe)
        if ahead is not None and ahead.worker is worker:
            number = ahead.number
        else:  # not sent, or to one that has ended since, of which it was not the cause
            number = worker.send(payload)
        try:
            return worker.answer(number, timeout)
        except (WorkerDiedError, ModelTimeoutError):
            slot.worker = None
            worker.kill()
            raise

    def _warm(self, slot: _Slot, recipe: Recipe) -> Worker:
        worker = slot.worker
        if worker is not None and worker.recipe == recipe and worker.alive():
            return worker
        _end(slot)
        worker = slot.worker = Worker(recipe)
        try:
            if self._closed.is_set():  # `close` may have looked before this one was there
                raise UnavailableError("the service is shutting down")
            worker.wait_ready(self._start_seconds)
            self._make_room(slot)
        except BaseException as error:
            slot.worker = None
            worker.kill()
            if isinstance(error, WorkerDiedError):
                error.final = True
            raise
        return worker

    def _make_room(self, mine: _Slot) -> None:
        """End idle workers, longest idle first, until all fit beside a new one."""
        self._shrink(keep=mine)
        own = mine.memory()
        if own > self._budget:
            raise WorkerDiedError(_too_large(own, self._budget))

    def _shrink(self, keep: _Slot | None = None) -> int:
        """End idle workers until the budget holds; the bytes still in use."""
        sizes = {slot: slot.memory() for slot in self._all()}
        total = sum(sizes.values())
        for slot in sorted(sizes, key=lambda s: s.used):
            if total <= self._budget:
                break
            if slot is not keep and sizes[slot] and slot.lock.acquire(blocking=False):
                try:
                    _end(slot)
                finally:
                    slot.lock.release()
                total -= sizes[slot]
        return total

    def _sweep(self, seconds: float) -> None:
        while not self._closed.wait(seconds):
            self._end_idle()
            if self._shrink() > self._budget:
                self._end_bloated()

    def _end_idle(self) -> None:
        for slot in self._all():
            if slot.worker is None or not slot.lock.acquire(blocking=False):
                continue
            try:
                stale = time.monotonic() - slot.used > self._idle
                if slot.worker is not None and (stale or not slot.worker.alive()):
                    _end(slot)
            finally:
                slot.lock.release()

    def _end_bloated(self) -> None:
        """Kill busy workers that grew beyond the whole budget by themselves."""
        for slot in self._all():
            worker = slot.worker
            if worker is not None and (size := worker.memory()) > self._budget:
                worker.kill(_too_large(size, self._budget))

    def _all(self) -> list[_Slot]:
        with self._lock:
            return list(self._slots.values())


def _take(lock: threading.Lock, deadline: float) -> None:
    if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        raise ModelTimeoutError("the model is busy with earlier requests")


def _end(slot: _Slot) -> None:
    worker, slot.worker = slot.worker, None
    if worker is not None:
        worker.close(CLOSE_SECONDS)


def _too_large(size: int, budget: int) -> str:
    return f"it takes {size / 1e6:.0f} MB, more than the {budget / 1e6:.0f} MB models may take"
