"""Whether each part that the platform stands on is there, found out by asking it."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from trainwright.platform import read_platform
from trainwright.settings import Settings
from trainwright.spec.errors import TrainwrightError
from trainwright.store import Database
from trainwright.store.migrations import HEAD
from trainwright.store.objects import open_objects
from trainwright.workflows import temporal
from trainwright.workflows.messages import TASK_QUEUE

OK = "ok"
VITAL = ("database", "disk")
"""Without these the API cannot answer; without the others runs are taken, and wait."""

_KEPT_SECONDS = 2.0
_PATIENCE = 1.0
_POLLED_WITHIN = timedelta(seconds=90)
"""A worker asks for work at least once a minute."""

_PROBE_BYTES = 64 * 1024
_PROBE = "readiness/probe"


class Readiness:
    """Asks every part, at most once in two seconds however many probes there are.

    Args:
        settings: Where the parts are.
        database: The platform's.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._lock = threading.Lock()
        self._asked_at = float("-inf")
        self._found: dict[str, str] = {}

    def checks(self) -> dict[str, str]:
        """Part → `ok`, or what is wrong with it."""
        with self._lock:
            if time.monotonic() - self._asked_at > _KEPT_SECONDS:
                self._found = {
                    "database": self._ask_database(),
                    "disk": self._ask_disk(),
                    "objects": self._ask_objects(),
                    **self._ask_temporal(),
                }
                self._asked_at = time.monotonic()
            return dict(self._found)

    def _ask_database(self) -> str:
        try:
            current = self._database.current()
        except TrainwrightError as error:
            return error.message
        except SQLAlchemyError as error:
            return f"it does not answer: {type(error).__name__}"
        if current is None:
            return "it is empty"
        return OK if current == HEAD else f"it has schema {current}, not {HEAD}"

    def _ask_disk(self) -> str:
        try:
            with tempfile.TemporaryFile(dir=self._settings.home.path) as file:
                file.write(b"\0" * _PROBE_BYTES)
                file.flush()
        except OSError as error:
            return f"the home cannot be written: {error.strerror}"
        return OK

    def _ask_objects(self) -> str:
        try:
            open_objects(self._settings, patience=_PATIENCE).exists(_PROBE)
        except TrainwrightError as error:
            return error.message
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        return OK

    def _ask_temporal(self) -> dict[str, str]:
        host = self._settings.temporal_host or _embedded(self._settings)
        if host is None:
            unknown = "no platform is running on this home, and TEMPORAL_HOST is not set"
            return {"temporal": unknown, "worker": "unknown without Temporal"}
        try:
            seen = asyncio.run(_last_poll(host))
        except (TrainwrightError, TimeoutError, OSError) as error:
            said = getattr(error, "message", "") or "it does not answer"
            return {"temporal": said, "worker": "unknown without Temporal"}
        if seen is None or datetime.now(UTC) - seen > _POLLED_WITHIN:
            return {"temporal": OK, "worker": "no worker asks for work"}
        return {"temporal": OK, "worker": OK}


def _embedded(settings: Settings) -> str | None:
    port = (read_platform(settings.home) or {}).get("temporal_port")
    return f"127.0.0.1:{port}" if port else None


async def _last_poll(host: str) -> datetime | None:
    """When a worker asked for work last."""
    from temporalio.api.enums.v1 import TaskQueueType  # noqa: PLC0415 (slow to load)
    from temporalio.api.taskqueue.v1 import TaskQueue  # noqa: PLC0415
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest  # noqa: PLC0415

    async with asyncio.timeout(3 * _PATIENCE):
        client = await temporal.connect(host, patience=_PATIENCE)
        found = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=TASK_QUEUE),
                task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
            )
        )
    return max((poller.last_access_time.ToDatetime(UTC) for poller in found.pollers), default=None)
