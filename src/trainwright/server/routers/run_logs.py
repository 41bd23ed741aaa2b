"""A run's log."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from trainwright.server.paging import Place
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform
from trainwright.spec.api import LogChunk

router = APIRouter(tags=["runs"])

MAX_CHUNK = 1024 * 1024


@router.get(
    "/{run_id}/logs",
    response_model=LogChunk,
    responses={200: {"content": {"text/plain": {}}}},
)
def logs(
    *,
    run: VisibleRun,
    services: Platform,
    offset: Place = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_CHUNK)] = MAX_CHUNK,
    tail: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    format: Literal["json", "text"] = "json",  # noqa: A002 (the name in the URL)
) -> LogChunk | Response:
    """The log from a byte offset on, or its last `tail` lines; `limit` bytes at most."""
    store = services.logs
    part = store.tail(run.id, tail, limit) if tail else store.read_chunk(run.id, offset, limit)
    if format == "text":
        return Response(part.text, media_type="text/plain; charset=utf-8")
    return LogChunk(
        text=part.text,
        offset=part.offset,
        next_offset=part.end,
        size=part.total,
        ended=run.status.is_terminal and part.end >= part.total,
    )
