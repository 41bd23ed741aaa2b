"""Live events over WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from trainwright.server.auth import Principal, cookie_token, identify, user_by_id
from trainwright.server.errors import response_for
from trainwright.server.run_access import find_run
from trainwright.server.services import Services, services_of
from trainwright.spec.errors import ForbiddenError, TrainwrightError, UnauthorizedError
from trainwright.spec.events import EventAdapter
from trainwright.telemetry import Subscription

router = APIRouter(prefix="/ws", tags=["live"])

GOING_AWAY = 1001


@router.websocket("/runs/{run_id}")
@router.websocket("/workflows/{run_id}")
@router.websocket("/jobs/{run_id}")
async def run_events(
    socket: WebSocket, run_id: str, after: Annotated[int, Query(ge=0)] = 0
) -> None:
    """Events of a run beyond `seq` = `after`, each once and in order, then those to come."""
    services = services_of(socket)
    try:
        found = await run_in_threadpool(_admit, services, socket, run_id)
    except TrainwrightError as error:
        await socket.send_denial_response(response_for(socket.scope, error))
        return
    await socket.accept()
    async with services.hub.subscribe(found, after) as subscription:
        await _until_either_ends(_send(socket, subscription), _drain(socket))


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
        return user_by_id(services, services.signer.read("ticket", ticket))
    if cookie := cookie_token(services, socket, changes=True):
        return identify(services, cookie)
    raise UnauthorizedError("a token is needed", expected="a bearer header, a cookie or a ticket")


def _admit(services: Services, socket: WebSocket, ref: str) -> str:
    return find_run(services, authenticate(services, socket), ref).id


async def _send(socket: WebSocket, subscription: Subscription) -> None:
    async for event in subscription:
        await socket.send_text(EventAdapter.dump_json(event).decode())


async def _drain(socket: WebSocket) -> None:
    """Wait for the client to leave; what it says is not listened to."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _until_either_ends(*parts: Coroutine[Any, Any, None]) -> None:
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
