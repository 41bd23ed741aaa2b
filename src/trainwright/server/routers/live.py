"""Live events over WebSockets."""

from __future__ import annotations

import json

from fastapi import APIRouter, WebSocket

from trainwright.server.auth import Principal, cookie_token, holder_now, identify, signed_in
from trainwright.server.paging import Place
from trainwright.server.run_access import find_run
from trainwright.server.services import Services, services_of
from trainwright.server.sockets import Heartbeat, admit, drain, send, stay_welcome, until_one_ends
from trainwright.spec.errors import (
    ForbiddenError,
    NotFoundError,
    TrainwrightError,
    UnauthorizedError,
)

router = APIRouter(prefix="/ws", tags=["live"])


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
    found = await admit(socket, lambda: _user_and_run(services, socket, run_id))
    if found is not None:
        user, found_id = found
        async with services.hub.subscribe(found_id, after, skip=resync) as subscription:

            async def following() -> str:
                return (await subscription.next()).text

            def beat() -> str:
                said = {"type": "heartbeat", "run_id": found_id, "seq": subscription.seq}
                return json.dumps(said)

            await until_one_ends(
                send(socket, following, beat, heartbeat),
                drain(socket),
                stay_welcome(services, lambda: _is_welcome(services, user, found_id)),
            )


@router.websocket("/dashboard")
async def dashboard(socket: WebSocket, heartbeat: Heartbeat | None = None) -> None:
    """The dashboard, now and whenever there are others of a status, and each run that changes."""
    services = services_of(socket)
    user = await admit(socket, lambda: authenticate(services, socket))
    if user is not None:
        async with services.board.look(user.scope) as viewer:
            await until_one_ends(
                send(socket, viewer.next, lambda: json.dumps({"type": "heartbeat"}), heartbeat),
                drain(socket),
                stay_welcome(services, lambda: _is_welcome(services, user)),
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


def _user_and_run(services: Services, socket: WebSocket, ref: str) -> tuple[Principal, str]:
    user = authenticate(services, socket)
    return user, find_run(services, user, ref).id


def _is_welcome(services: Services, user: Principal, run_id: str | None = None) -> bool:
    try:
        if holder_now(services, user.holder) != user:
            return False
        return run_id is None or find_run(services, user, run_id) is not None
    except (UnauthorizedError, NotFoundError):
        return False
    except TrainwrightError:
        return True  # a database that cannot be asked just now throws nobody out
