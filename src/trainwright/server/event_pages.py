"""Pages of events as responses."""

from __future__ import annotations

from collections.abc import Collection

from fastapi import Response

from trainwright.server.services import Services
from trainwright.spec.api import Page
from trainwright.spec.events import Event
from trainwright.store.repositories import Events

MAX_EVENTS = 1000

EventPage = Page[Event]


def event_page(
    services: Services,
    run_id: str,
    *,
    after: int,
    limit: int = MAX_EVENTS,
    types: Collection[str] | None = None,
) -> Response:
    """Events beyond `seq` = `after`, in order; `next_cursor` is the next `after`.

    Serialized here: the framework's own way writes NaN in a union as null.
    """
    with services.database.session(write=False) as session:
        found = Events(session, services.logs).after(run_id, after, limit, types)
    more = str(found[-1].seq) if len(found) == limit else None
    page = EventPage(items=found, next_cursor=more)
    return Response(page.model_dump_json(), media_type="application/json")
