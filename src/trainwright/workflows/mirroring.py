"""What an ended run has left goes to the object store, however long that takes to be reachable."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.common import RetryPolicy, WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from trainwright.spec.errors import NotFoundError
from trainwright.store.mirror import Mirror
from trainwright.store.repositories.mirror import Mirrored
from trainwright.workflows.messages import TASK_QUEUE
from trainwright.workflows.services import Services
from trainwright.workflows.signs import with_signs_of_life

_AT_ONCE = 8
"""Runs that are mirrored side by side; more would only share the same line."""


@workflow.defn(name="MirrorWorkflow")
class MirrorWorkflow:
    """Copies what one run has left; it ends when the object store has all of it."""

    @workflow.run
    async def run(self, run_id: str) -> None:
        await workflow.execute_activity(
            "mirror",
            run_id,
            start_to_close_timeout=timedelta(days=7),
            heartbeat_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(
                initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)
            ),
        )


class MirrorActivity:
    """The activity `mirror`. It may be repeated: what the object store has is not sent again."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @activity.defn(name="mirror")
    async def mirror(self, run_id: str) -> None:
        """Mirror one run, with signs of life while it lasts."""
        mirror = self._services.mirror
        if mirror is None:
            return  # it was configured when the workflow began
        await with_signs_of_life(lambda: _keep(mirror, run_id))


def _keep(mirror: Mirror, run_id: str) -> None:
    with contextlib.suppress(NotFoundError):  # deleted meanwhile
        mirror.keep(run_id)


async def mirror_what_is_due(services: Services, client: Client) -> None:
    """Give runs that have left something new a workflow that mirrors it."""
    if services.mirror is None:
        return
    for run_id in await asyncio.to_thread(_due, services):
        await client.start_workflow(
            MirrorWorkflow.run,
            run_id,
            id=f"mirror-{run_id}",
            task_queue=TASK_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        )


def _due(services: Services) -> list[str]:
    with services.database.session(write=False) as session:
        return list(Mirrored(session).due(_AT_ONCE))
