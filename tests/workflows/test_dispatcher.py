"""The dispatcher against a real Temporal: what it owes to runs whose workflow is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import update
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from trainwright.settings import Settings
from trainwright.spec import RunSpec, RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.testing.stores_runs import TO_RUNNING
from trainwright.workflows.dispatcher import Dispatcher
from trainwright.workflows.messages import workflow_id
from trainwright.workflows.services import Services
from trainwright.workflows.temporal import find_binary

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

STOP = {"kind": "stop", "now": False, "by": "person", "at": "2026-01-01T00:00:00+00:00"}


class Post:
    """A dispatcher, the Temporal it speaks to, and runs for it."""

    def __init__(self, database: Database, environment: WorkflowEnvironment, home: Path) -> None:
        self.database = database
        self.client = environment.client
        self.services = Services(Settings(trainwright_home=home), database)
        self.dispatcher = Dispatcher(self.services, self.client)

    def add(self, *statuses: RunStatus) -> str:
        with self.database.session() as session:
            runs = Runs(session)
            run = runs.add(RunSpec(model="builtin/mlp"))
            for status in statuses:
                runs.set_status(run.id, status)
            return run.id

    async def workflow(self, run_id: str) -> WorkflowExecutionStatus | None:
        handle = self.client.get_workflow_handle(workflow_id(run_id, 1))
        try:
            return (await handle.describe()).status
        except RPCError:
            return None

    async def signals(self, run_id: str) -> list[str]:
        handle = self.client.get_workflow_handle(workflow_id(run_id, 1))
        history = (await handle.fetch_history()).events
        return [
            event.workflow_execution_signaled_event_attributes.signal_name
            for event in history
            if event.HasField("workflow_execution_signaled_event_attributes")
        ]

    async def lose(self, run_id: str) -> None:
        await self.client.get_workflow_handle(workflow_id(run_id, 1)).terminate()

    async def look_over(self) -> None:
        self.dispatcher._looked_over_at = float("-inf")  # it is time
        await self.dispatcher._look_over()

    def ask(self, run_id: str) -> None:
        with self.database.session() as session:
            Dispatch(session).ask(run_id, STOP, pending=True)


@asynccontextmanager
async def post(database: Database, home: Path) -> AsyncIterator[Post]:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=find_binary()
    ) as environment:
        yield Post(database, environment, home)


def test_a_run_whose_workflow_is_gone_gets_another(database: Database, tmp_path: Path) -> None:
    async def tell() -> None:
        async with post(database, tmp_path) as here:
            run_id = here.add(*TO_RUNNING)
            await here.dispatcher._tick()
            assert await here.workflow(run_id) is WorkflowExecutionStatus.RUNNING
            await here.lose(run_id)
            await here.look_over()
            assert await here.workflow(run_id) is WorkflowExecutionStatus.RUNNING
            assert await here.signals(run_id) == ["granted"]

    asyncio.run(tell())


def test_a_stop_is_owed_to_the_run_not_to_its_workflow(database: Database, tmp_path: Path) -> None:
    async def tell() -> None:
        async with post(database, tmp_path) as here:
            run_id = here.add(*TO_RUNNING)
            await here.dispatcher._tick()
            await here.lose(run_id)
            here.ask(run_id)
            await here.dispatcher._tick()
            assert await here.signals(run_id) == ["granted", "stop"]
            # carried, but lost with the workflow before it was acted upon
            await here.lose(run_id)
            await here.look_over()
            assert await here.signals(run_id) == ["granted", "stop"]

    asyncio.run(tell())


def test_a_row_that_cannot_be_read_keeps_nobody_waiting(database: Database, tmp_path: Path) -> None:
    async def tell() -> None:
        async with post(database, tmp_path) as here:
            odd, good = here.add(), here.add()
            with database.session() as session:
                spec = {"model": "builtin/mlp", "no_such_field": 1}
                session.execute(update(Run).where(Run.id == odd).values(spec=spec))
            await here.dispatcher._tick()
            with database.session(write=False) as session:
                run = Runs(session).get(odd)
                assert run.status is RunStatus.FAILED
                assert run.error is not None and run.error["code"] == "invalid_spec"
            assert await here.workflow(good) is WorkflowExecutionStatus.RUNNING

    asyncio.run(tell())


def test_runs_are_watched_anew_when_temporal_was_away(database: Database, tmp_path: Path) -> None:
    async def tell() -> None:
        async with post(database, tmp_path) as here:
            run_id = here.add(*TO_RUNNING)
            serving = asyncio.create_task(here.dispatcher.run())
            await until(here, run_id, ["granted", "reattach"])
            (server,) = temporal_of(here)
            server.suspend()
            await asyncio.sleep(6)
            server.resume()
            await until(here, run_id, ["granted", "reattach"] * 2)
            serving.cancel()

    asyncio.run(tell())


async def until(here: Post, run_id: str, signals: list[str]) -> None:
    async with asyncio.timeout(30):
        while not await here.workflow(run_id):
            await asyncio.sleep(0.1)
        while (await here.signals(run_id))[: len(signals)] != signals:
            await asyncio.sleep(0.1)


def temporal_of(here: Post) -> list[psutil.Process]:
    port = int(here.client.service_client.config.target_host.rpartition(":")[2])
    return [
        child
        for child in psutil.Process().children()
        if any(c.laddr.port == port for c in child.net_connections("tcp") if c.status == "LISTEN")
    ]
