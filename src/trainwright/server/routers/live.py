"""Live events over WebSockets."""

from __future__ import annotations

import json
import math
import time

from fastapi import APIRouter, WebSocket

from trainwright.server.auth import Caller, Principal, caller_now, cookie_token, identify
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
    found = await admit(socket, lambda: _caller_and_run(services, socket, run_id))
    if found is not None:
        caller, found_id = found
        async with services.hub.subscribe(found_id, after, skip=resync) as subscription:

            async def following() -> str:
                return (await subscription.next()).text

            def beat() -> str:
                said = {"type": "heartbeat", "run_id": found_id, "seq": subscription.seq}
                return json.dumps(said)

            await until_one_ends(
                send(socket, following, beat, heartbeat),
                drain(socket),
                _stay_welcome(services, caller, found_id),
            )


@router.websocket("/dashboard")
async def dashboard(socket: WebSocket, heartbeat: Heartbeat | None = None) -> None:
    """The dashboard, now and whenever there are others of a status, and each run that changes."""
    services = services_of(socket)
    caller = await admit(socket, lambda: authenticate(services, socket))
    if caller is not None:
        async with services.board.look(caller.user.scope) as viewer:
            await until_one_ends(
                send(socket, viewer.next, lambda: json.dumps({"type": "heartbeat"}), heartbeat),
                drain(socket),
                _stay_welcome(services, caller),
            )


def authenticate(services: Services, socket: WebSocket) -> Caller:
    """Who opens the socket, by header, ticket or cookie, and until when it may stay open.

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
        return _of_ticket(services, ticket)
    if cookie := cookie_token(services, socket, changes=True):
        return identify(services, cookie)
    raise UnauthorizedError("a token is needed", expected="a bearer header, a cookie or a ticket")


def _of_ticket(services: Services, ticket: str) -> Caller:
    """A ticket is soon over, what it opens is not: that lasts as long as what it was made with."""
    holder = services.signer.read("ticket", ticket)
    life = math.inf if holder.token_id else services.signer.life("access")
    return caller_now(services, holder._replace(until=time.time() + life))


def _caller_and_run(services: Services, socket: WebSocket, ref: str) -> tuple[Caller, str]:
    caller = authenticate(services, socket)
    return caller, find_run(services, caller.user, ref).id


async def _stay_welcome(services: Services, caller: Caller, run_id: str | None = None) -> None:
    user, until = caller
    await stay_welcome(services, lambda: _is_welcome(services, user, run_id), until)


def _is_welcome(services: Services, user: Principal, run_id: str | None) -> bool:
    try:
        if caller_now(services, user.holder).user != user:
            return False
        return run_id is None or find_run(services, user, run_id) is not None
    except (UnauthorizedError, NotFoundError):
        return False
    except TrainwrightError:
        return True  # a database that cannot be asked just now throws nobody out
