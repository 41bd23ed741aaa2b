"""The worker process: Temporal's activities, and the dispatcher beside them."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from trainwright import logs
from trainwright.settings import Settings
from trainwright.store import Database
from trainwright.workflows import temporal
from trainwright.workflows.activities import RunActivities
from trainwright.workflows.definitions import TrainingWorkflow
from trainwright.workflows.dispatcher import Dispatcher
from trainwright.workflows.fetching import FetchActivity
from trainwright.workflows.messages import TASK_QUEUE
from trainwright.workflows.mirroring import MirrorActivity, MirrorWorkflow
from trainwright.workflows.services import Services
from trainwright.workflows.training import TrainActivity

logger = logging.getLogger(__name__)

_CONCURRENT = 100  # training runs watched by one worker, and steps around them


def run_worker(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Training is detached and goes on.

    Raises:
        UnavailableError: Temporal cannot be reached.
    """
    logs.configure()
    for chatty in ("alembic", "httpx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    asyncio.run(_serve(settings))
    logging.shutdown()
    # Temporal's native threads may still call into an interpreter that is being taken down, which
    # ends it with a fatal error; everything of ours is closed by now
    os._exit(0)


async def _serve(settings: Settings) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, ending.set)
    database = Database(settings.database)
    await asyncio.to_thread(database.upgrade)
    services = Services(settings, database)
    client = await temporal.connect(settings.temporal_host or "127.0.0.1:7233")
    async with make_worker(client, services):
        dispatcher = asyncio.create_task(Dispatcher(services, client).run())
        ended = asyncio.create_task(ending.wait())
        done, _ = await asyncio.wait({dispatcher, ended}, return_when=asyncio.FIRST_COMPLETED)
        dispatcher.cancel()
        if dispatcher in done:
            dispatcher.result()
    database.dispose()


def make_worker(client: Client, services: Services) -> Worker:
    """A worker for the workflows and their activities; it serves once it is entered."""
    steps = RunActivities(services)
    passed = SandboxRestrictions.default.with_passthrough_modules("trainwright")
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[TrainingWorkflow, MirrorWorkflow],
        activities=[
            *steps.all(),
            FetchActivity(services).fetch,
            TrainActivity(services).train,
            MirrorActivity(services).mirror,
        ],
        activity_executor=ThreadPoolExecutor(_CONCURRENT),
        max_concurrent_activities=_CONCURRENT,
        workflow_runner=SandboxedWorkflowRunner(restrictions=passed),
        # a worker that died would otherwise keep its workflows waiting for ten seconds
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=1),
    )
