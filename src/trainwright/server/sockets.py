"""What live routes are made of: a socket is let in, sent to, and ended with the right to it."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import Query, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from trainwright.server.errors import response_for
from trainwright.server.services import Services
from trainwright.spec.errors import TrainwrightError

T = TypeVar("T")

Heartbeat = Annotated[float, Query(ge=0.1, le=3600)]

WELCOME_SECONDS = 2.0
"""How long an open socket outlives its user's right to it."""


async def admit(socket: WebSocket, check: Callable[[], T]) -> T | None:
    """Accept the socket if `check` passes; refuse it with the error's status if not."""
    try:
        found = await run_in_threadpool(check)
    except TrainwrightError as error:
        await socket.send_denial_response(response_for(socket.scope, error))
        return None
    await socket.accept()
    return found


async def stay_welcome(
    services: Services, is_welcome: Callable[[], bool], until: float = math.inf
) -> None:
    """Wait until whoever opened the socket is let in no more.

    Args:
        services: Of the platform.
        is_welcome: Whether they still are, by what the database says.
        until: When their right ends by itself, seconds since the epoch.
    """
    known = None
    while time.time() < until:
        version = (await services.moments.now()).version
        # as long as nothing is committed, nobody's rights change
        if version is None or version != known:
            if not await run_in_threadpool(is_welcome):
                return
            known = version
        await asyncio.sleep(min(WELCOME_SECONDS, max(0.0, until - time.time())))


async def send(
    socket: WebSocket,
    following: Callable[[], Awaitable[str]],
    beat: Callable[[], str],
    seconds: float | None,
) -> None:
    """Send what follows until there is no more; after so long a silence a heartbeat."""
    while True:
        try:
            text = await _within(seconds, following())
        except TimeoutError:
            text = beat()
        except StopAsyncIteration:
            return
        await socket.send_text(text)


async def _within(seconds: float | None, awaited: Awaitable[str]) -> str:
    if seconds is None:  # without the cost of a limit, for each message to each client
        return await awaited
    async with asyncio.timeout(seconds):
        return await awaited


async def drain(socket: WebSocket) -> None:
    """Wait for the client to leave; what it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def until_one_ends(*parts: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(part) for part in parts]
    done, waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    for task in done:
        error = task.exception()
        # the client may leave in the middle of a message
        if error is not None and not isinstance(error, WebSocketDisconnect):
            raise error
