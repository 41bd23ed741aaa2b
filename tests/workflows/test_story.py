"""The workflow on a real Temporal server, with activities that a test can hold and fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from trainwright.workflows.definitions import TrainingWorkflow
from trainwright.workflows.messages import Attempt, Ending, EndRequest, Finish
from trainwright.workflows.temporal import find_binary

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

QUEUE = "test"


@dataclass
class Steps:
    """Activities that note what was asked of them, and wait where a test says so."""

    held: set[str] = field(default_factory=set)
    failing: dict[str, Exception] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    requests: list[EndRequest] = field(default_factory=list)
    ending: Ending | None = None
    losing_sight: int = 0
    trained: asyncio.Event = field(default_factory=asyncio.Event)
    train_ending: Ending = field(default_factory=lambda: Ending("completed"))

    def all(self) -> list[Callable[..., Any]]:
        named = (self._step(name) for name in ("validate", "prepare", "enqueue"))
        return [*named, self.train, self.request_end, self.finish]

    def _step(self, name: str) -> Callable[[Attempt], Awaitable[None]]:
        @activity.defn(name=name)
        async def step(attempt: Attempt) -> None:
            self.calls.append(name)
            if name in self.failing:
                raise self.failing[name]
            while name in self.held:
                activity.heartbeat()
                await asyncio.sleep(0.02)

        return step

    @activity.defn
    async def train(self, attempt: Attempt) -> Ending:
        self.calls.append("train")
        if self.losing_sight:
            self.losing_sight -= 1
            raise asyncio.CancelledError
        while not self.trained.is_set():
            activity.heartbeat()
            await asyncio.sleep(0.02)
        return self.train_ending

    @activity.defn
    async def request_end(self, request: EndRequest) -> None:
        self.requests.append(request)
        self.train_ending = Ending("paused" if request.kind == "pause" else "stopped")
        self.trained.set()

    @activity.defn
    async def finish(self, finish: Finish) -> None:
        self.ending = finish.ending


@asynccontextmanager
async def running(steps: Steps) -> AsyncIterator[WorkflowHandle[Any, Ending]]:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=find_binary()
    ) as environment:
        client: Client = environment.client
        passed = SandboxRestrictions.default.with_passthrough_modules("trainwright")
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[TrainingWorkflow],
            activities=steps.all(),
            workflow_runner=SandboxedWorkflowRunner(restrictions=passed),
        ):
            yield await client.start_workflow(
                TrainingWorkflow.run, Attempt("r1", 1), id="run-r1-1", task_queue=QUEUE
            )


async def until(look: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not look():
            await asyncio.sleep(0.02)


def story(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]


def test_the_road_in_order() -> None:
    async def tell() -> None:
        steps = Steps()
        async with running(steps) as handle:
            await until(lambda: "enqueue" in steps.calls)
            await asyncio.sleep(0.2)
            assert "train" not in steps.calls  # no slot has been granted
            await handle.signal(TrainingWorkflow.granted)
            await until(lambda: "train" in steps.calls)
            steps.trained.set()
            assert (await handle.result()).status == "completed"
            assert steps.calls == ["validate", "prepare", "enqueue", "train"]
            assert steps.ending == Ending("completed")

    story(tell)


@pytest.mark.parametrize("stage", ["validate", "prepare", "enqueue"])
def test_a_stop_before_training_ends_at_once_and_cleans_up(stage: str) -> None:
    async def tell() -> None:
        steps = Steps(held={stage})
        async with running(steps) as handle:
            await until(lambda: stage in steps.calls)
            await handle.signal(TrainingWorkflow.stop, False)
            assert (await handle.result()).status == "stopped"
            assert steps.ending is not None and stage in (steps.ending.reason or "")
            assert not steps.requests

    story(tell)


def test_a_stop_in_the_queue() -> None:
    async def tell() -> None:
        steps = Steps()
        async with running(steps) as handle:
            await until(lambda: "enqueue" in steps.calls)
            await handle.signal(TrainingWorkflow.stop, False)
            assert (await handle.result()).status == "stopped"
            assert "train" not in steps.calls

    story(tell)


@pytest.mark.parametrize("how", ["stop", "stop now", "pause", "cancel"])
def test_a_request_while_training_reaches_the_trainer(how: str) -> None:
    async def tell() -> None:
        steps = Steps()
        async with running(steps) as handle:
            await handle.signal(TrainingWorkflow.granted)
            await until(lambda: "train" in steps.calls)
            if how == "pause":
                await handle.signal(TrainingWorkflow.pause)
            elif how == "cancel":
                await handle.cancel()
            else:
                await handle.signal(TrainingWorkflow.stop, how == "stop now")
            status = (await handle.result()).status
            (request,) = steps.requests
            assert status == ("paused" if how == "pause" else "stopped")
            assert (request.kind, request.now) == (
                "pause" if how == "pause" else "stop",
                how == "stop now",
            )

    story(tell)


def test_a_harder_stop_follows_a_soft_one() -> None:
    async def tell() -> None:
        steps = Steps()
        async with running(steps) as handle:
            await handle.signal(TrainingWorkflow.granted)
            await until(lambda: "train" in steps.calls)
            steps.trained.set = lambda: None  # type: ignore[method-assign]  # it takes its time
            await handle.signal(TrainingWorkflow.stop, False)
            await until(lambda: len(steps.requests) == 1)
            await handle.signal(TrainingWorkflow.stop, True)
            await until(lambda: len(steps.requests) == 2)
            assert [request.now for request in steps.requests] == [False, True]
            del steps.trained.set
            steps.trained.set()
            assert (await handle.result()).status == "stopped"

    story(tell)


def test_a_new_worker_watches_again() -> None:
    async def tell() -> None:
        steps = Steps()
        async with running(steps) as handle:
            await handle.signal(TrainingWorkflow.granted)
            await until(lambda: "train" in steps.calls)
            await handle.signal(TrainingWorkflow.reattach)
            await until(lambda: steps.calls.count("train") == 2)
            steps.trained.set()
            assert (await handle.result()).status == "completed"
            assert not steps.requests

    story(tell)


def test_a_worker_that_lost_sight_of_the_server_ends_nothing() -> None:
    async def tell() -> None:
        steps = Steps(losing_sight=2)
        async with running(steps) as handle:
            await handle.signal(TrainingWorkflow.granted)
            await until(lambda: steps.calls.count("train") == 3)
            steps.trained.set()
            assert (await handle.result()).status == "completed"

    story(tell)


def test_a_wrong_request_fails_with_its_code_and_stage() -> None:
    async def tell() -> None:
        error = ApplicationError("no such folder", {"hint": "mkdir x"}, type="bad_dataset",
                                 non_retryable=True)  # fmt: skip
        steps = Steps(failing={"validate": error})
        async with running(steps) as handle:
            ending = await handle.result()
            assert ending.status == "failed"
            assert ending.error == {
                "code": "bad_dataset", "message": "no such folder", "hint": "mkdir x",
                "stage": "validate",
            }  # fmt: skip
            assert steps.calls == ["validate"]

    story(tell)


def test_a_fault_of_ours_is_tried_three_times() -> None:
    async def tell() -> None:
        steps = Steps(failing={"prepare": ApplicationError("busy", type="storage")})
        async with running(steps) as handle:
            assert (await handle.result()).status == "failed"
            assert steps.calls.count("prepare") == 3

    story(tell)
