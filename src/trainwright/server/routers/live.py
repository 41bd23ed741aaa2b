"""Live events over WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from trainwright.server import hardware, monitoring
from trainwright.server.auth import Principal, cookie_token, identify, signed_in, user_by_id
from trainwright.server.errors import response_for
from trainwright.server.paging import Place
from trainwright.server.run_access import find_run
from trainwright.server.services import Services, services_of
from trainwright.spec.errors import ForbiddenError, TrainwrightError, UnauthorizedError
from trainwright.spec.events import EventAdapter
from trainwright.telemetry import Subscription

router = APIRouter(prefix="/ws", tags=["live"])

T = TypeVar("T")

DASHBOARD_SECONDS = 1.0
WELCOME_SECONDS = 5.0
"""How long an open socket outlives its user's right to it."""


@router.websocket("/runs/{run_id}")
@router.websocket("/workflows/{run_id}")
@router.websocket("/jobs/{run_id}")
async def run_events(socket: WebSocket, run_id: str, after: Place = 0) -> None:
    """Events of a run beyond `seq` = `after`, each once and in order, then those to come."""
    services = services_of(socket)
    found = await _admit(socket, lambda: _user_and_run(services, socket, run_id))
    if found is not None:
        user, found_id = found
        async with services.hub.subscribe(found_id, after) as subscription:
            await _until_one_ends(
                _send(socket, subscription), _drain(socket), _stay_welcome(services, user)
            )


@router.websocket("/dashboard")
async def dashboard(socket: WebSocket) -> None:
    """The dashboard, now and whenever a run has changed."""
    services = services_of(socket)
    user = await _admit(socket, lambda: authenticate(services, socket))
    if user is not None:
        await _until_one_ends(
            _send_dashboards(socket, services, user), _drain(socket), _stay_welcome(services, user)
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
        return identify(services, bearer)
    if ticket := socket.query_params.get("ticket"):
        return signed_in(services, "ticket", ticket)
    if cookie := cookie_token(services, socket, changes=True):
        return identify(services, cookie)
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


async def _stay_welcome(services: Services, user: Principal) -> None:
    """Wait until the user is let in no more, or as somebody else than when the socket opened."""
    while await run_in_threadpool(_is_welcome, services, user):
        await asyncio.sleep(WELCOME_SECONDS)


def _is_welcome(services: Services, user: Principal) -> bool:
    try:
        return user_by_id(services, user.id) == user
    except UnauthorizedError:
        return False
    except TrainwrightError:
        return True  # a database that cannot be asked just now throws nobody out


async def _send_dashboards(socket: WebSocket, services: Services, user: Principal) -> None:
    shown: object = None
    while True:
        mark = await run_in_threadpool(monitoring.last_change, services.database, user.scope)
        if mark != shown:
            shown = mark
            machine = await run_in_threadpool(hardware.read, services.settings.home.path)
            found = await run_in_threadpool(
                monitoring.dashboard, services.database, user.scope, machine
            )
            await socket.send_text(found.model_dump_json())
        await asyncio.sleep(DASHBOARD_SECONDS)


async def _send(socket: WebSocket, subscription: Subscription) -> None:
    async for event in subscription:
        await socket.send_text(EventAdapter.dump_json(event).decode())


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
