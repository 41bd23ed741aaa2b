"""The durable story of one attempt: validate, prepare, wait for a slot, train, clean up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, CancelledError
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

from trainwright.workflows.messages import Attempt, Ending, EndRequest, Finish

_FOREVER = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30)
)
_THRICE = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=3)
_PATIENT = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_attempts=6)
_BRIEF = timedelta(minutes=2)


class _StopAskedError(Exception):
    """A stop arrived before there was a trainer to ask."""


@workflow.defn(name="TrainingWorkflow")
class TrainingWorkflow:
    """One attempt of a run.

    Activities only ever *observe* training; it ends when the trainer ends, and the trainer is
    asked to end only by the `stop` and `pause` signals (cancelling the workflow counts as a stop).
    `reattach` is sent by a worker that has just started: activities of a dead worker are given up
    at once instead of after their heartbeat timeout.
    """

    def __init__(self) -> None:
        self._stage = "created"
        self._stop: bool | None = None  # value of `now`, once asked
        self._pause = False
        self._granted = False
        self._generation = 0

    @workflow.signal
    def stop(self, now: bool = False) -> None:
        """End the run; `now` once said stays said."""
        self._stop = now or bool(self._stop)

    @workflow.signal
    def pause(self) -> None:
        """Have the trainer save and end."""
        self._pause = True  # carried as soon as there is a trainer to ask

    @workflow.signal
    def granted(self) -> None:
        """The run holds a slot."""
        self._granted = True

    @workflow.signal
    def reattach(self) -> None:
        """A worker has just started: begin the present activity anew."""
        self._generation += 1

    @workflow.query
    def stage(self) -> str:
        """The step that is under way."""
        return self._stage

    @workflow.run
    async def run(self, attempt: Attempt) -> Ending:
        story = asyncio.create_task(self._tell(attempt))
        while True:
            try:
                return await asyncio.shield(story)
            except asyncio.CancelledError:
                if story.done():
                    raise
                self.stop()

    async def _tell(self, attempt: Attempt) -> Ending:
        try:
            ending = await self._train_somewhere(attempt)
        except _StopAskedError:
            ending = Ending("stopped", reason=f"stopped during {self._stage}")
        except ActivityError as error:
            ending = _failed(self._stage, error)
        self._stage = "cleanup"
        finish = Finish(attempt, ending)
        await self._watch("finish", finish, timeout=_BRIEF, retry=_FOREVER, stoppable=False)
        return ending

    async def _train_somewhere(self, attempt: Attempt) -> Ending:
        if attempt.fetches:
            await self._do("fetch", attempt, timedelta(days=1), _PATIENT, heartbeat=_BRIEF)
        await self._do("validate", attempt, timedelta(minutes=5), _THRICE)
        await self._do("prepare", attempt, timedelta(minutes=10), _THRICE)
        await self._do("enqueue", attempt, _BRIEF, _FOREVER)
        await workflow.wait_condition(lambda: self._granted or self._stop is not None)
        if not self._granted:
            raise _StopAskedError
        self._stage = "train"
        ending: Ending = await self._watch(
            "train",
            attempt,
            # training itself is bounded by the activity; the extra day covers saving and shipping
            timeout=timedelta(hours=attempt.max_hours + 24),
            retry=_FOREVER,
            heartbeat=timedelta(minutes=5),
            on_wake=lambda: self._forward_requests(attempt),
            result_type=Ending,
        )
        return ending

    async def _do(
        self,
        name: str,
        attempt: Attempt,
        timeout: timedelta,
        retry: RetryPolicy,
        heartbeat: timedelta | None = None,
    ) -> None:
        self._stage = name
        if self._stop is not None:
            raise _StopAskedError
        await self._watch(
            name, attempt, timeout=timeout, retry=retry, heartbeat=heartbeat, stoppable=True
        )

    async def _forward_requests(self, attempt: Attempt) -> None:
        """Carry what is asked to the trainer; a second, harder stop is carried too."""
        if self._stop is not None:
            request = EndRequest(attempt, "stop", now=self._stop)
        else:
            request = EndRequest(attempt, "pause")
        self._stop, self._pause = None, False  # a stop outdoes a pause
        try:
            await self._watch("request_end", request, timeout=_BRIEF, retry=_FOREVER)
        except ActivityError as error:
            # there is nobody to ask any more: how the training ended is told by its own activity
            workflow.logger.warning("%s of %s: %s", request.kind, attempt.run_id, error.cause)

    async def _watch(
        self,
        name: str,
        argument: Any,
        *,
        timeout: timedelta,
        retry: RetryPolicy,
        heartbeat: timedelta | None = None,
        stoppable: bool = False,
        on_wake: Callable[[], Any] | None = None,
        result_type: type | None = None,
    ) -> Any:
        """Run an activity to its end; start it again whenever a new worker asks to re-attach."""
        while True:
            generation = self._generation
            task = workflow.start_activity(
                name,
                argument,
                start_to_close_timeout=timeout,
                heartbeat_timeout=heartbeat,
                retry_policy=retry,
                result_type=result_type,
                cancellation_type=workflow.ActivityCancellationType.TRY_CANCEL,
            )
            while not task.done() and generation == self._generation:
                await workflow.wait_condition(
                    lambda task=task, generation=generation: (  # type: ignore[misc]
                        task.done()
                        or generation != self._generation
                        or (self._stop is not None and (stoppable or on_wake is not None))
                        or (self._pause and on_wake is not None)
                    )
                )
                if stoppable and self._stop is not None and not task.done():
                    _let_go(task)
                    raise _StopAskedError
                asked = self._stop is not None or self._pause
                if on_wake is not None and asked and not task.done():
                    await on_wake()
            if not task.done():
                _let_go(task)
                continue
            try:
                return await task
            except ActivityError as error:
                # nobody here asked for it: the worker lost sight of the server, or was shut down
                if not isinstance(error.cause, CancelledError):
                    raise


def _let_go(task: asyncio.Task[Any]) -> None:
    """Cancel an activity nobody waits for any more; how it ends is of no interest."""
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    task.cancel()


def _failed(stage: str, error: ActivityError) -> Ending:
    cause = error.cause
    if isinstance(cause, ApplicationError):
        details = cause.details[0] if cause.details else {}
        body = {"code": cause.type or "internal_error", "message": cause.message}
        return Ending("failed", reason=cause.message, error=body | dict(details) | {"stage": stage})
    if isinstance(cause, ActivityTimeoutError):
        message = f"{stage} took longer than it may"
        return Ending(
            "failed",
            reason=message,
            error={"code": "timed_out", "message": message, "stage": stage},
        )
    message = f"{stage} failed: {cause or error}"
    return Ending(
        "failed",
        reason=message,
        error={"code": "internal_error", "message": message, "stage": stage},
    )
