"""Carries what the database says to Temporal: new attempts, stops, pauses, granted slots."""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta

from pydantic import ValidationError
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from trainwright.datasets.s3 import is_in_s3
from trainwright.spec import RunStatus, TrainwrightError
from trainwright.spec.result import RunError
from trainwright.store.models import Run
from trainwright.store.repositories import Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.workflows.definitions import TrainingWorkflow
from trainwright.workflows.messages import TASK_QUEUE, Attempt, workflow_id
from trainwright.workflows.mirroring import mirror_what_is_due
from trainwright.workflows.services import Services
from trainwright.workflows.slots import grant_slots

logger = logging.getLogger(__name__)

_TICK = 0.2
_PAUSE_AFTER_TROUBLE = 1.0
_PULSE = timedelta(seconds=2)  # between looks whether Temporal is there, and for its answer
_LOOK_OVER = 10.0  # seconds between looks for runs whose workflow is gone
_MIRROR = 2.0  # seconds between looks for runs that have left something new
_OPEN = "ExecutionStatus = 'Running' AND WorkflowType = 'TrainingWorkflow'"


class Dispatcher:
    """One loop per worker. Everything it does may be repeated."""

    def __init__(self, services: Services, client: Client) -> None:
        self._services = services
        self._client = client
        self._felt_at = self._looked_over_at = self._mirrored_at = time.monotonic()
        self._untold: list[str] = []  # granted a slot, but their workflows do not know it yet

    async def run(self) -> None:
        """Mend what a crash left behind, then serve until cancelled."""
        mended = False
        while True:
            try:
                if not mended:
                    await self._mend()
                    mended = True
                await self._feel_pulse()
                await self._tick()
                await self._look_over()
                await self._mirror()
                await asyncio.sleep(_TICK)
            except (RPCError, TrainwrightError) as error:
                # while Temporal was away, activities ended whose results nobody took: without
                # another look at them, they would be missed as late as by their timeouts
                mended = mended and not isinstance(error, RPCError)
                logger.warning("trying again in a moment: %s", error)
                await asyncio.sleep(_PAUSE_AFTER_TROUBLE)

    async def _feel_pulse(self) -> None:
        """Notice an absence of Temporal that the SDK's own retries would hide.

        Raises:
            RPCError: It does not answer.
        """
        if time.monotonic() - self._felt_at >= _PULSE.total_seconds():
            await self._client.service_client.check_health(timeout=_PULSE)
            self._felt_at = time.monotonic()

    async def _mend(self) -> None:
        """Every run that has not ended gets a living workflow that watches it again."""
        for run in await asyncio.to_thread(self._unfinished):
            await self._bring_up(run)
            await self._signal(run, TrainingWorkflow.reattach)

    async def _mirror(self) -> None:
        if time.monotonic() - self._mirrored_at >= _MIRROR:
            await mirror_what_is_due(self._services, self._client)
            self._mirrored_at = time.monotonic()

    async def _look_over(self) -> None:
        """Give those runs a workflow that lost theirs, as with Temporal's database."""
        if time.monotonic() - self._looked_over_at < _LOOK_OVER:
            return
        self._looked_over_at = time.monotonic()
        runs = [run for run in await asyncio.to_thread(self._unfinished) if _is_dispatched(run)]
        if not runs:
            return
        living = {execution.id async for execution in self._client.list_workflows(_OPEN)}
        for run in runs:
            # the list may lag behind; for a workflow that lives, all of this changes nothing
            if workflow_id(run.id, run.attempt) not in living:
                await self._bring_up(run)

    async def _bring_up(self, run: Run) -> None:
        """A living workflow that knows what the row says was granted and asked."""
        await self._start(run)
        if run.status.holds_slot:
            await self._signal(run, TrainingWorkflow.granted)
        if run.request:
            await self._deliver(run)

    async def _tick(self) -> None:
        for run in await asyncio.to_thread(self._undispatched):
            await self._start(run)
        for run in await asyncio.to_thread(self._asked):
            if not await self._deliver(run) and not run.status.is_terminal:
                await self._bring_up(run)
        granted = await asyncio.to_thread(grant_slots, self._services)
        self._untold += granted
        while self._untold:
            run = await asyncio.to_thread(self._get, self._untold[0])
            await self._signal(run, TrainingWorkflow.granted)
            self._untold.pop(0)
        for run_id in granted:
            await asyncio.to_thread(self._services.wake, run_id)

    async def _start(self, run: Run) -> None:
        try:
            spec = run.run_spec
        except ValidationError as error:
            await asyncio.to_thread(self._give_up, run, error)
            return
        hours = spec.resources.max_hours
        attempt = Attempt(run.id, run.attempt, hours, fetches=is_in_s3(spec.dataset))
        await self._client.start_workflow(
            TrainingWorkflow.run,
            attempt,
            id=workflow_id(run.id, run.attempt),
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            # a workflow that closed while its run has not ended is told again from the start
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )
        await asyncio.to_thread(self._mark_dispatched, run)

    async def _deliver(self, run: Run) -> bool:
        request = run.request or {}
        if request.get("kind") == "pause":
            delivered = await self._signal(run, TrainingWorkflow.pause)
        else:
            delivered = await self._signal(run, TrainingWorkflow.stop, bool(request.get("now")))
        if delivered or run.status.is_terminal:
            await asyncio.to_thread(self._mark_delivered, run)
        return delivered

    async def _signal(self, run: Run, signal: object, *arguments: object) -> bool:
        """Whether there was a workflow to tell; else the run's row says how it closed."""
        handle = self._client.get_workflow_handle(workflow_id(run.id, run.attempt))
        try:
            await handle.signal(signal, args=list(arguments))  # type: ignore[call-overload]
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True

    def _give_up(self, run: Run, error: ValidationError) -> None:
        """One row that this version cannot read must not keep the others waiting."""
        logger.error("run %s has a spec that cannot be read: %s", run.id, error)
        told = RunError(
            code="invalid_spec",
            message="this version of Trainwright cannot read the run's spec",
            hint=f"trainwright runs clone {run.id}",
        )
        with self._services.database.session() as session:
            Runs(session).set_status(run.id, RunStatus.FAILED, reason=told.message, error=told)

    def _unfinished(self) -> list[Run]:
        with self._services.database.session(write=False) as session:
            return list(Runs(session).active())

    def _undispatched(self) -> list[Run]:
        with self._services.database.session(write=False) as session:
            return Dispatch(session).undispatched()

    def _asked(self) -> list[Run]:
        with self._services.database.session(write=False) as session:
            return Dispatch(session).asked()

    def _get(self, run_id: str) -> Run:
        with self._services.database.session(write=False) as session:
            return Runs(session).get(run_id)

    def _mark_dispatched(self, run: Run) -> None:
        with self._services.database.session() as session:
            Dispatch(session).mark_dispatched(run.id, run.attempt)

    def _mark_delivered(self, run: Run) -> None:
        with self._services.database.session() as session:
            Dispatch(session).mark_delivered(run.id, run.request)


def _is_dispatched(run: Run) -> bool:
    return run.dispatched_attempt == run.attempt
