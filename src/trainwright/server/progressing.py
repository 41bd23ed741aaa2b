"""Long work over HTTP, told line by line: how far it is, and at last what came out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from anyio import CapacityLimiter, to_thread
from pydantic import BaseModel
from starlette.types import Scope

from trainwright.server.errors import response_for
from trainwright.spec.errors import TrainwrightError

LINES = "application/x-ndjson"

Told = Callable[[int, int], None]


async def lines(
    work: Callable[[Told], BaseModel], name: str, threads: CapacityLimiter, scope: Scope
) -> AsyncIterator[bytes]:
    """`{"progress": {"done", "total"}}`, and at last `{name: …}` or `{"error": …}`.

    Work that nobody listens to any more goes on to its end.

    Args:
        work: Does it in a thread, and tells how far it is.
        name: What the last line calls the result.
        threads: Where it may.
        scope: Of the request, whose id an error bears.
    """
    loop, queue = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def told(done: int, total: int) -> None:
        progress = {"progress": {"done": done, "total": total}}
        loop.call_soon_threadsafe(queue.put_nowait, progress)

    async def do() -> None:
        try:
            made = await to_thread.run_sync(lambda: work(told), limiter=threads)
            queue.put_nowait({name: made.model_dump(mode="json")})
        except TrainwrightError as error:
            queue.put_nowait(json.loads(bytes(response_for(scope, error).body)))
        finally:
            queue.put_nowait(None)

    task = asyncio.create_task(do())
    while (said := await queue.get()) is not None:
        yield json.dumps(said).encode() + b"\n"
    await task
