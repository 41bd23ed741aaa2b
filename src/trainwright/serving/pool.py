"""Warm workers within a memory budget: least recently used ones give way."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from trainwright.serving.errors import (
    AbandonedError,
    ModelError,
    ModelTimeoutError,
    WorkerDiedError,
)
from trainwright.serving.slots import Ahead, Slot, take
from trainwright.serving.worker import Recipe, Worker
from trainwright.spec.errors import UnavailableError

CLOSE_SECONDS = 2.0
"""Time a worker has to end by itself before it is killed."""

QUIET_SECONDS = 300.0
"""How long a worker that answers piece by piece may say nothing: it reads what it was asked."""


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
        self._slots: dict[str, Slot] = {}
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

        def send(slot: Slot) -> Ahead | None:
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

    def converse(
        self,
        key: str,
        recipe: Recipe,
        payload: Mapping[str, Any],
        *,
        tell: Callable[[str], None],
        gone: Callable[[], bool],
        timeout: float,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> dict[str, Any]:
        """Ask the worker of `key` for an answer that is told piece by piece.

        A worker that dies before it has said anything is started afresh once and asked again.

        Args:
            key: Whose worker; requests to it are answered one after the other.
            recipe: How to start it; a warm worker of another recipe is replaced.
            payload: Fields of the request.
            tell: Told each piece.
            gone: Whether nobody waits for the answer any more; it is asked a few times a second.
            timeout: Seconds for waiting one's turn.
            quiet_seconds: How long the worker may say nothing.

        Returns:
            The worker's last message.

        Raises:
            AbandonedError: Nobody waited any more; the worker was told to end its answer.
            TrainwrightError: As `request`.
        """
        pieces = 0

        def pass_on(piece: str) -> None:
            nonlocal pieces
            pieces += 1
            tell(piece)

        def follow(worker: Worker) -> dict[str, Any]:
            return worker.follow(worker.send(payload), pass_on, gone, quiet_seconds)

        with self._turn(key, timeout, gone=gone) as (slot, _):
            if gone():  # before a model is loaded for nobody
                raise AbandonedError("whoever asked has gone away")
            try:
                return self._with(slot, recipe, follow)
            except WorkerDiedError as error:
                if error.final or pieces:
                    raise ModelError(f"the model's process: {error.why}") from None
            try:
                return self._with(slot, recipe, follow)
            except WorkerDiedError as error:
                raise ModelError(f"the model's process died twice: {error.why}") from None

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
        """End the worker of `key`; a request that it is at gets a moment to be answered."""
        with self._lock:
            slot = self._slots.get(key)
        if slot is not None:
            _stop(slot, "its model was taken away")

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
            _stop(slot, "the service is shutting down")

    @contextlib.contextmanager
    def _turn(
        self,
        key: str,
        timeout: float,
        send: Callable[[Slot], Ahead | None] = lambda _: None,
        gone: Callable[[], bool] | None = None,
    ) -> Iterator[tuple[Slot, Ahead | None]]:
        with self._lock:
            slot = self._slots.setdefault(key, Slot(key))
        deadline = time.monotonic() + timeout
        with contextlib.ExitStack() as after:
            take(slot.next, deadline, gone)
            try:
                ahead = send(slot)
                if ahead is not None:
                    after.callback(ahead.worker.forget, ahead.number)
                take(slot.lock, deadline, gone)
            finally:
                slot.next.release()
            after.callback(slot.give_up)
            if self._closed.is_set():
                raise UnavailableError("the service is shutting down")
            yield slot, ahead

    def _ask(
        self,
        slot: Slot,
        recipe: Recipe,
        payload: Mapping[str, Any],
        timeout: float,
        ahead: Ahead | None = None,
    ) -> dict[str, Any]:
        def answer(worker: Worker) -> dict[str, Any]:
            if ahead is not None and ahead.worker is worker:
                number = ahead.number
            else:  # not sent, or to one that has ended since, of which it was not the cause
                number = worker.send(payload)
            return worker.answer(number, timeout)

        return self._with(slot, recipe, answer)

    def _with(
        self, slot: Slot, recipe: Recipe, ask: Callable[[Worker], dict[str, Any]]
    ) -> dict[str, Any]:
        """Have a warm worker asked; one that fails at it is ended."""
        worker = self._warm(slot, recipe)
        try:
            return ask(worker)
        except (WorkerDiedError, ModelTimeoutError):
            slot.worker = None
            worker.kill()
            raise

    def _warm(self, slot: Slot, recipe: Recipe) -> Worker:
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

    def _make_room(self, mine: Slot) -> None:
        """End idle workers, longest idle first, until all fit beside a new one."""
        self._shrink(keep=mine)
        own = mine.memory()
        if own > self._budget:
            raise WorkerDiedError(_too_large(own, self._budget))

    def _shrink(self, keep: Slot | None = None) -> int:
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

    def _all(self) -> list[Slot]:
        with self._lock:
            return list(self._slots.values())


def _stop(slot: Slot, why: str) -> None:
    """End a worker, and what it is at if that takes long."""
    if slot.lock.acquire(timeout=CLOSE_SECONDS):
        try:
            _end(slot)
        finally:
            slot.lock.release()
    elif (worker := slot.worker) is not None:
        worker.kill(why)


def _end(slot: Slot) -> None:
    worker, slot.worker = slot.worker, None
    if worker is not None:
        worker.close(CLOSE_SECONDS)


def _too_large(size: int, budget: int) -> str:
    return f"it takes {size / 1e6:.0f} MB, more than the {budget / 1e6:.0f} MB models may take"
