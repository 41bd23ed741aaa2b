"""All batches of a home: made, found again after a crash, worked on in turn."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import Timeout

from trainwright.serving.batch.asking import Asker
from trainwright.serving.batch.folder import FOLDER, BatchFolder
from trainwright.serving.batch.job import Job
from trainwright.serving.batch.sources import Source
from trainwright.serving.errors import ModelTimeoutError
from trainwright.serving.pool import WorkerPool
from trainwright.serving.worker import Recipe
from trainwright.spec.api import BatchStatus, BatchView
from trainwright.spec.errors import (
    ConflictError,
    InvalidRequestError,
    TrainwrightError,
    UnavailableError,
)
from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id

log = logging.getLogger("trainwright.serving")

_TURN_SECONDS = 5.0
"""How long a batch is worked on while others wait."""


class Batches:
    """Batches of predictions.

    Args:
        runs: Folder of the run directories.
        recipe_of: Run id → how to start its model's worker.
        pool: Where those are.
        allow_private: Also fetch URLs from private networks.
        threads: How many batches are worked on at a time.
    """

    def __init__(
        self,
        runs: Path,
        recipe_of: Callable[[str], Recipe],
        pool: WorkerPool,
        *,
        allow_private: bool = False,
        threads: int = 2,
    ) -> None:
        self._runs = runs
        self._recipe_of = recipe_of
        self._pool = pool
        self._allow_private = allow_private
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._jobs: dict[str, Job] = {}
        self._mutex = threading.Lock()
        self._closed = threading.Event()
        self._workers = threads
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Go on with what a process that ended has left; from now on batches are worked on."""
        self._waiting = queue.SimpleQueue()  # the last end may have left its signals in the old one
        for record in sorted(self._runs.glob(f"*/{FOLDER}/*/batch.json")):
            with contextlib.suppress(TrainwrightError):
                if not BatchFolder(record.parent).load().status.has_ended:
                    self._take_up(BatchFolder(record.parent))
        self._closed.clear()
        self._threads = [
            threading.Thread(target=self._run, name=f"batches-{number}", daemon=True)
            for number in range(self._workers)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop between two portions; the next start goes on there."""
        self._closed.set()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(10)

    def new_folder(self, run_id: str) -> BatchFolder:
        """Where the inputs of a batch to come are put."""
        return BatchFolder(self._runs / run_id / FOLDER / new_id("b"))

    def create(
        self, run_id: str, folder: BatchFolder, source: Source, *, owner_id: str | None, top_k: int
    ) -> BatchView:
        """Begin a batch; on an error its folder is gone.

        Raises:
            InvalidRequestError: There is no input, or the run has no model that predicts.
            StorageError: The list of inputs cannot be written.
        """
        try:
            self._recipe_of(run_id)
            total = folder.write_inputs(source.items)
            if not total:
                raise InvalidRequestError(
                    f"there is no image in {source.words}",
                    field="dataset",
                    expected="image files",
                    details={"left_out": source.left_out},
                )
            view = BatchView(
                id=folder.path.name,
                run_id=run_id,
                owner_id=owner_id,
                source=source.words,
                top_k=top_k,
                total=total,
                left_out=source.left_out,
                created_at=utc_now(),
            )
            folder.save(view)
        except BaseException:
            folder.remove()
            raise
        self._take_up(folder)
        return view

    def list(self, run_id: str) -> list[BatchView]:
        """The batches of a run, newest first."""
        found = []
        for record in (self._runs / run_id / FOLDER).glob("*/batch.json"):
            with contextlib.suppress(TrainwrightError):
                found.append(self.get(run_id, record.parent.name))
        return sorted(found, key=lambda view: (view.created_at, view.id), reverse=True)

    def get(self, run_id: str, batch_id: str) -> BatchView:
        """One batch.

        Raises:
            NotFoundError: There is none.
        """
        job = self._jobs.get(batch_id)
        if job is not None and (view := job.view()).run_id == run_id and job.folder.exists():
            return view
        return self.folder(run_id, batch_id).load()

    def folder(self, run_id: str, batch_id: str) -> BatchFolder:
        """The files of a batch.

        Raises:
            NotFoundError: There is none.
        """
        parent = self._runs / run_id / FOLDER
        folder = BatchFolder(parent / batch_id)
        # an id comes from a stranger, and may be a path
        if folder.path.parent != parent or not batch_id.isalnum():
            folder = BatchFolder(parent / "_")
        folder.load()
        return folder

    def cancel(self, run_id: str, batch_id: str) -> BatchView:
        """End a batch; what has been answered stays.

        Raises:
            ConflictError: It has ended.
        """
        view = self.get(run_id, batch_id)
        job = self._jobs.get(batch_id)
        if job is None or view.status.has_ended:
            raise ConflictError(
                f"batch {batch_id} has already ended: it is {view.status}", field="status"
            )
        job.cancel()
        return job.view()

    def resume(self, run_id: str, batch_id: str) -> BatchView:
        """Go on with a failed or cancelled batch, where it ended.

        Raises:
            ConflictError: It is neither.
        """
        folder, view = self.folder(run_id, batch_id), self.get(run_id, batch_id)
        if view.status not in (BatchStatus.FAILED, BatchStatus.CANCELLED):
            raise ConflictError(
                f"batch {batch_id} is {view.status} and cannot be resumed",
                field="status",
                expected="a failed or cancelled batch",
            )
        with self._mutex:
            if batch_id in self._jobs:
                raise ConflictError(f"batch {batch_id} is still ending", field="status")
        again = {"status": BatchStatus.QUEUED, "error": None, "ended_at": None}
        folder.save(view.model_copy(update=again))
        self._take_up(folder)
        return self.get(run_id, batch_id)

    def delete(self, run_id: str, batch_id: str) -> None:
        """End a batch if it is at work, and delete its results.

        Raises:
            NotFoundError: There is none.
        """
        folder, job = self.folder(run_id, batch_id), self._jobs.get(batch_id)
        if job is not None:
            job.cancel()
        folder.remove()

    def _take_up(self, folder: BatchFolder) -> None:
        job = Job(folder)
        try:
            job.adopt()
        except Timeout:
            return  # another process is at it
        with self._mutex:
            self._jobs[folder.path.name] = job
        self._waiting.put(job)

    def _run(self) -> None:
        while (job := self._waiting.get()) is not None and not self._closed.is_set():
            with self._kept_from_harm(job):
                if not job.ended:
                    job.work(self._asker(job), self._enough())
            if job.ended or self._closed.is_set():
                self._let_go(job)
            else:
                self._waiting.put(job)

    def _asker(self, job: Job) -> Asker:
        view = job.view()
        recipe = self._recipe_of(view.run_id)
        return Asker(self._pool, view.run_id, recipe, view.top_k, allow_private=self._allow_private)

    def _enough(self) -> Callable[[], bool]:
        """Whether it is another's turn, or the time to stop."""
        until = time.monotonic() + _TURN_SECONDS

        def enough() -> bool:
            others = time.monotonic() > until and not self._waiting.empty()
            return others or self._closed.is_set()

        return enough

    @contextlib.contextmanager
    def _kept_from_harm(self, job: Job) -> Iterator[None]:
        """An error ends the batch, never the thread that works on it."""
        try:
            yield
        except Exception as error:
            if isinstance(error, UnavailableError) and not isinstance(error, ModelTimeoutError):
                self._closed.wait(1)  # the service is shutting down
                return
            if not isinstance(error, TrainwrightError):
                log.exception("a batch broke off", extra={"batch": job.view().id})
                error = TrainwrightError(f"{type(error).__name__}: {error}")
            # of a batch that was deleted there is nothing to be said any more
            with contextlib.suppress(TrainwrightError, OSError):
                job.fail(error)

    def _let_go(self, job: Job) -> None:
        with self._mutex:
            self._jobs.pop(job.view().id, None)
        job.release()
