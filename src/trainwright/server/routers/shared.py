"""A run as whoever has a link to it sees it: read, and nothing beside it.

Routes of their own rather than those of runs with another way in: what is not here is not shown.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response, WebSocket

from trainwright.server.auth import check_origin
from trainwright.server.event_pages import MAX_EVENTS, EventPage
from trainwright.server.paging import Place
from trainwright.server.routers.run_logs import LogQuery, read_log
from trainwright.server.routers.run_metrics import AskedCurves, read_curves
from trainwright.server.services import Platform, Services, services_of
from trainwright.server.sharing.access import Guest, GuestOf, guest_now
from trainwright.server.sharing.views import GuestView, shared_checkpoints
from trainwright.server.sockets import Heartbeat, admit, drain, send, stay_welcome, until_one_ends
from trainwright.server.throttle import client_of
from trainwright.spec.api import LogChunk, LogMatches, MetricsView, Page
from trainwright.spec.api.sharing import SharedCheckpoint, SharedRun
from trainwright.spec.errors import GoneError, NotFoundError, TrainwrightError
from trainwright.spec.events import EventAdapter
from trainwright.spec.result import Result
from trainwright.store.repositories import Checkpoints, Events
from trainwright.telemetry.hub import Told

router = APIRouter(prefix="/shared/{token}", tags=["sharing"])
live = APIRouter(prefix="/ws/shared", tags=["live"])


def _view(guest: GuestOf, services: Platform) -> GuestView:
    return GuestView(guest, services.settings.home)


View = Annotated[GuestView, Depends(_view)]


@router.get("")
def show(view: View) -> SharedRun:
    """The run."""
    return view.run()


@router.get("/result")
def result(view: View) -> Result:
    """How it ended: metrics, scores by class, confusion, error; without files."""
    return view.result()


@router.get("/checkpoints")
def checkpoints(guest: GuestOf, services: Platform) -> Page[SharedCheckpoint]:
    """What was measured where the model was saved, oldest first."""
    with services.database.session(write=False) as session:
        return Page(items=shared_checkpoints(Checkpoints(session).list(guest.run.id)))


@router.get("/metrics", response_model=MetricsView)
def metrics(guest: GuestOf, services: Platform, query: AskedCurves) -> Response:
    """Curves, as `GET /runs/{id}/metrics` has them."""
    return read_curves(services, guest.run.id, query)


@router.get(
    "/logs",
    response_model=LogChunk | LogMatches,
    responses={200: {"content": {"text/plain": {}}}},
)
def logs(
    guest: GuestOf, services: Platform, query: Annotated[LogQuery, Depends()]
) -> LogChunk | LogMatches | Response:
    """The log, as `GET /runs/{id}/logs` has it, where it was shared."""
    if not guest.share.with_log:
        raise NotFoundError("the log was not shared", expected="a link that was made with the log")
    return read_log(services, guest.run, query)


@router.get("/events", response_model=EventPage)
def events(
    guest: GuestOf,
    view: View,
    services: Platform,
    after: Place = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = MAX_EVENTS,
) -> Response:
    """Events beyond `seq` = `after` that may be seen, in order."""
    with services.database.session(write=False) as session:
        found = Events(session, services.logs).after(guest.run.id, after, limit, view.event_types)
    more = str(found[-1].seq) if len(found) == limit else None
    told = [shown for event in found if (shown := view.event(event)) is not None]
    page = EventPage(items=told, next_cursor=more)
    return Response(page.model_dump_json(), media_type="application/json")


@live.websocket("/{token}")
async def follow(
    socket: WebSocket,
    token: str,
    after: Place = 0,
    resync: bool = False,
    heartbeat: Heartbeat | None = None,
) -> None:
    """Events of the run beyond `seq` = `after` that may be seen, then those to come."""
    services = services_of(socket)
    guest = await admit(socket, lambda: _let_in(services, socket, token))
    if guest is None:
        return
    view, run_id = GuestView(guest, services.settings.home), guest.run.id
    async with services.hub.subscribe(run_id, after, skip=resync) as subscription:

        async def following() -> str:
            while True:
                told = await subscription.next()
                if not isinstance(told, Told):
                    return told.text
                if (event := view.event(told.event)) is not None:
                    return EventAdapter.dump_json(event).decode()

        def beat() -> str:
            return json.dumps({"type": "heartbeat", "run_id": run_id, "seq": subscription.seq})

        await until_one_ends(
            send(socket, following, beat, heartbeat),
            drain(socket),
            stay_welcome(
                services,
                lambda: _is_welcome(services, token),
                guest.share.expires_at.timestamp(),
            ),
        )


def _let_in(services: Services, socket: WebSocket, token: str) -> Guest:
    check_origin(services, socket)
    return guest_now(services, token, client_of(socket))


def _is_welcome(services: Services, token: str) -> bool:
    try:
        guest_now(services, token, "")
    except GoneError:
        return False
    except TrainwrightError:
        return True  # a database that cannot be asked just now throws nobody out
    return True
