"""Long work over HTTP, told line by line: how far it is, and at last what came out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from threading import Event
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel
from starlette.requests import Request
from starlette.types import Scope

from trainwright.server.errors import response_for
from trainwright.server.services import Services
from trainwright.serving.errors import OverloadedError
from trainwright.spec.errors import TrainwrightError

T = TypeVar("T")

LINES = "application/x-ndjson"

Tell = Callable[[dict[str, Any]], None]


async def lines(
    work: Callable[[Tell], BaseModel],
    name: str,
    threads: CapacityLimiter,
    scope: Scope,
    gone: Event | None = None,
) -> AsyncIterator[bytes]:
    """What the work tells, and at last `{name: …}` or `{"error": …}`.

    Work that nobody listens to any more goes on to its end, unless it looks at `gone`.

    Args:
        work: Does it in a thread, and tells how far it is.
        name: What the last line calls the result.
        threads: Where it may.
        scope: Of the request, whose id an error bears.
        gone: Set when nobody listens any more.
    """
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def tell(said: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, said)

    async def do() -> None:
        try:
            made = await to_thread.run_sync(lambda: work(tell), limiter=threads)
            queue.put_nowait({name: made.model_dump(mode="json")})
        except TrainwrightError as error:
            queue.put_nowait(json.loads(bytes(response_for(scope, error).body)))
        finally:
            queue.put_nowait(None)

    task = asyncio.create_task(do())
    try:
        while (said := await queue.get()) is not None:
            yield json.dumps(said).encode() + b"\n"
        await task
    finally:
        if gone is not None:
            gone.set()


@asynccontextmanager
async def while_asked(request: Request) -> AsyncIterator[Event]:
    """An event that is set when whoever sent the request has gone away.

    Args:
        request: Its body has been read.
    """
    gone = Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    task = asyncio.create_task(watch())
    try:
        yield gone
    finally:
        gone.set()
        task.cancel()


def progress(tell: Tell) -> Callable[[int, int], None]:
    """Tells how much of how much is done."""
    return lambda done, total: tell({"progress": {"done": done, "total": total}})


async def in_turn(services: Services, threads: CapacityLimiter, work: Callable[[], T]) -> T:
    """Do it in a thread of its own kind, or refuse it where too many wait for one.

    Raises:
        OverloadedError: They do.
    """
    refuse_too_many(services, threads)
    return await to_thread.run_sync(work, limiter=threads)


def refuse_too_many(services: Services, threads: CapacityLimiter) -> None:
    """Raise `OverloadedError` where too many wait for a thread already."""
    if threads.statistics().tasks_waiting >= services.max_queued:
        raise OverloadedError("too much is asked of models at once", retry_after_seconds=5)
