"""For agents and the platform's own processes only.

An agent shows the token of its run and reaches nothing but that run; the worker shows the
service token. Both travel in `X-Internal-Auth`; people's tokens are of no use here.
"""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from trainwright.server.services import Platform
from trainwright.spec.api import Cursor
from trainwright.spec.errors import ForbiddenError, InvalidRequestError, UnauthorizedError
from trainwright.spec.events import Event
from trainwright.store.repositories import Events, Runs

router = APIRouter(prefix="/internal", tags=["internal"])

MAX_EVENTS = 1000


class EventBatch(BaseModel):
    events: Annotated[list[Event], Field(max_length=MAX_EVENTS)]


_BATCH_SCHEMA = EventBatch.model_json_schema(ref_template="#/components/schemas/{model}")
# the schemas it refers to are the API's own, as runs answer with the same events
_BATCH_SCHEMA.pop("$defs")
_BATCH = {"required": True, "content": {"application/json": {"schema": _BATCH_SCHEMA}}}

Token = Annotated[str | None, Header(alias="X-Internal-Auth", max_length=200)]


def _is_service(services: Platform, token: str) -> bool:
    return hmac.compare_digest(token.encode(), services.secrets.service_token.encode())


def agent_of(run_id: str, services: Platform, token: Token = None) -> str:
    """The run whose agent this is.

    Raises:
        UnauthorizedError: There is no token.
        ForbiddenError: It is another run's, or there is no such run: the two look the same.
    """
    if not token:
        raise UnauthorizedError("X-Internal-Auth is needed")
    if _is_service(services, token):
        return run_id
    with services.database.session(write=False) as session:
        if Runs(session).check_agent_token(run_id, token):
            return run_id
    raise ForbiddenError("this token is not for this run")


Agent = Annotated[str, Depends(agent_of)]


async def service_only(services: Platform, token: Token = None) -> None:
    if not token:
        raise UnauthorizedError("X-Internal-Auth is needed")
    if not _is_service(services, token):
        raise ForbiddenError("this token is not a service's")


@router.get("/runs/{run_id}/cursor")
def cursor(run_id: Agent, services: Platform) -> Cursor:
    """The highest `seq` of the agent that was applied."""
    with services.database.session(write=False) as session:
        return Cursor(last_seq=Events(session).last_agent_seq(run_id))


@router.post("/runs/{run_id}/events", openapi_extra={"requestBody": _BATCH})
async def ingest(run_id: Agent, request: Request, services: Platform) -> Cursor:
    """Apply events; those applied before are skipped, so a batch may be sent again."""
    try:
        # read in one go: building a thousand events from parsed JSON takes three times as long
        batch = EventBatch.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidRequestError(
            f"the batch is not valid: {place}: {first['msg']}", field=place
        ) from None
    applied = await run_in_threadpool(services.ingest.apply, run_id, batch.events)
    if applied.applied:
        services.hub.wake(run_id)
    return Cursor(last_seq=applied.last_seq)


@router.post("/wake/{run_id}", status_code=204, dependencies=[Depends(service_only)])
async def wake(run_id: str, services: Platform) -> None:
    """The worker wrote to the run's stream."""
    services.hub.wake(run_id)
