"""Long work of an activity, in a thread, with signs of life for Temporal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from temporalio import activity

from trainwright.spec.errors import TrainwrightError
from trainwright.workflows.activities import as_application_error

_BEAT = 5.0


async def with_signs_of_life(work: Callable[[], object]) -> None:
    """Do the work, with a heartbeat every few seconds, and say in Temporal's words what fails."""
    working = asyncio.create_task(asyncio.to_thread(work))
    while not working.done():
        activity.heartbeat()
        await asyncio.wait({working}, timeout=_BEAT)
    try:
        await working
    except TrainwrightError as error:
        ours = error.exit_code != 2 or error.status >= 500
        raise as_application_error(error, retry=ours) from error
