"""Live events over WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from trainwright.server.auth import Principal, cookie_token, holder_now, identify, signed_in
from trainwright.server.errors import response_for
from trainwright.server.paging import Place
from trainwright.server.run_access import find_run
from trainwright.server.services import Services, services_of
from trainwright.spec.errors import (
    ForbiddenError,
    NotFoundError,
    TrainwrightError,
    UnauthorizedError,
)

router = APIRouter(prefix="/ws", tags=["live"])

T = TypeVar("T")

Heartbeat = Annotated[float, Query(ge=0.1, le=3600)]

WELCOME_SECONDS = 5.0
"""How long an open socket outlives its user's right to it."""


@router.websocket("/runs/{run_id}")
@router.websocket("/workflows/{run_id}")
@router.websocket("/jobs/{run_id}")
async def run_events(
    socket: WebSocket,
    run_id: str,
    after: Place = 0,
    resync: bool = False,
    heartbeat: Heartbeat | None = None,
) -> None:
    """Events of a run beyond `seq` = `after`, each once and in order, then those to come.

    A client that reads slowly is waited for; with `resync` it is told what it has missed instead,
    and goes on with what is new. With `heartbeat`, so many seconds of silence are broken by one.
    """
    services = services_of(socket)
    found = await _admit(socket, lambda: _user_and_run(services, socket, run_id))
    if found is not None:
        user, found_id = found
        async with services.hub.subscribe(found_id, after, skip=resync) as subscription:

            async def following() -> str:
                return (await subscription.next()).text

            def beat() -> str:
                said = {"type": "heartbeat", "run_id": found_id, "seq": subscription.seq}
                return json.dumps(said)

            await _until_one_ends(
                _send(socket, following, beat, heartbeat),
                _drain(socket),
                _stay_welcome(services, user, found_id),
            )


@router.websocket("/dashboard")
async def dashboard(socket: WebSocket, heartbeat: Heartbeat | None = None) -> None:
    """The dashboard, now and whenever there are others of a status, and each run that changes."""
    services = services_of(socket)
    user = await _admit(socket, lambda: authenticate(services, socket))
    if user is not None:
        async with services.board.look(user.scope) as viewer:
            await _until_one_ends(
                _send(socket, viewer.next, lambda: json.dumps({"type": "heartbeat"}), heartbeat),
                _drain(socket),
                _stay_welcome(services, user),
            )


def authenticate(services: Services, socket: WebSocket) -> Principal:
    """Who opens the socket: by header, ticket or cookie.

    Raises:
        UnauthorizedError: Nobody known.
        ForbiddenError: A page of another origin opens it.
    """
    headers = socket.headers
    if not services.hosts.allows_origin(headers.get("origin"), headers.get("host")):
        raise ForbiddenError("this socket is opened by a page of another origin")
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and bearer:
        return identify(services, bearer).user
    if ticket := socket.query_params.get("ticket"):
        return signed_in(services, "ticket", ticket)
    if cookie := cookie_token(services, socket, changes=True):
        return identify(services, cookie).user
    raise UnauthorizedError("a token is needed", expected="a bearer header, a cookie or a ticket")


async def _admit(socket: WebSocket, check: Callable[[], T]) -> T | None:
    """Accept the socket if `check` passes; refuse it with the error's status if not."""
    try:
        found = await run_in_threadpool(check)
    except TrainwrightError as error:
        await socket.send_denial_response(response_for(socket.scope, error))
        return None
    await socket.accept()
    return found


def _user_and_run(services: Services, socket: WebSocket, ref: str) -> tuple[Principal, str]:
    user = authenticate(services, socket)
    return user, find_run(services, user, ref).id


async def _stay_welcome(services: Services, user: Principal, run_id: str | None = None) -> None:
    """Wait until the user is let in no more, or as somebody else than when the socket opened."""
    known = None
    while True:
        version = (await services.moments.now()).version
        # as long as nothing is committed, nobody's rights change
        if version is None or version != known:
            if not await run_in_threadpool(_is_welcome, services, user, run_id):
                return
            known = version
        await asyncio.sleep(WELCOME_SECONDS)


def _is_welcome(services: Services, user: Principal, run_id: str | None) -> bool:
    try:
        if holder_now(services, user.holder) != user:
            return False
        return run_id is None or find_run(services, user, run_id) is not None
    except (UnauthorizedError, NotFoundError):
        return False
    except TrainwrightError:
        return True  # a database that cannot be asked just now throws nobody out


async def _send(
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


async def _drain(socket: WebSocket) -> None:
    """Wait for the client to leave; what it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_one_ends(*parts: Coroutine[Any, Any, None]) -> None:
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
