"""A run's log: read by bytes, lines or time, and searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import AwareDatetime

from trainwright.server.answers import SharedRoute
from trainwright.server.paging import Place
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform, Services
from trainwright.spec.api import LogChunk, LogLine, LogMatches
from trainwright.store.models import Run
from trainwright.store.repositories import Events
from trainwright.telemetry.logs import Matches

router = APIRouter(tags=["runs"], route_class=SharedRoute)

MAX_CHUNK = 1024 * 1024
MAX_LINES = 100_000
MAX_MATCHES = 1_000
MAX_SEARCH = 500

Line = Annotated[int | None, Query(ge=1, le=2**53, alias="from", description="From this line on.")]


@dataclass
class LogQuery:
    """Which part of a log is asked for, as its address says."""

    offset: Place = 0
    since: Annotated[AwareDatetime | None, Query(description="What came from then on.")] = None
    from_line: Line = None
    lines: Annotated[int | None, Query(ge=1, le=MAX_LINES, description="With `from`.")] = None
    tail: Annotated[int | None, Query(ge=1, le=MAX_LINES)] = None
    search: Annotated[str | None, Query(min_length=1, max_length=MAX_SEARCH)] = None
    regex: Annotated[bool, Query(description="`search` is a regular expression.")] = False
    limit: Annotated[int, Query(ge=1, le=MAX_CHUNK)] = MAX_CHUNK
    format: Literal["json", "text"] = "json"


@router.get(
    "/{run_id}/logs",
    response_model=LogChunk | LogMatches,
    responses={200: {"content": {"text/plain": {}}}},
)
def logs(
    run: VisibleRun, services: Platform, query: Annotated[LogQuery, Depends()]
) -> LogChunk | LogMatches | Response:
    """The log from a byte, a time or a line on, or its last `tail` lines; `limit` bytes at most.

    With `search`, the lines from there on that contain it, whatever the case and the colours, at
    most `limit` (1,000). Long logs are looked through in portions: go on at `next_offset` until
    that is `size`, then `from` `next_line` for what is still to come.
    """
    return read_log(services, run, query)


def read_log(services: Services, run: Run, query: LogQuery) -> LogChunk | LogMatches | Response:
    """The part of a run's log that is asked for."""
    store, offset = services.logs, query.offset
    if query.since is not None:
        offset = max(offset, _offset_at(services, run, query.since))
    if query.search is not None:
        found = store.search(
            run.id,
            query.search,
            regex=query.regex,
            first=query.from_line or 1,
            offset=offset,
            limit=min(query.limit, MAX_MATCHES),
        )
        return _matches(run, found, query.format)
    if query.tail:
        part = store.tail(run.id, query.tail, query.limit)
    elif query.from_line is not None:
        part = store.read_lines(run.id, query.from_line, query.lines, query.limit)
    else:
        part = store.read_chunk(run.id, offset, query.limit)
    if query.format == "text":
        return _text(part.text)
    return LogChunk(
        text=part.text,
        offset=part.offset,
        line=store.line_at(run.id, part.offset),
        next_offset=part.end,
        size=part.total,
        ended=_ended(run, part.end, part.total),
    )


def _offset_at(services: Services, run: Run, since: AwareDatetime) -> int:
    with services.database.session(write=False) as session:
        found = Events(session).log_offset(run.id, since)
    return services.logs.size(run.id) if found is None else found


def _matches(run: Run, found: Matches, format: str) -> LogMatches | Response:  # noqa: A002
    if format == "text":
        return _text("".join(f"{match.line}:{match.text}\n" for match in found.found))
    return LogMatches(
        matches=[LogLine(line=m.line, offset=m.offset, text=m.text) for m in found.found],
        next_line=found.next_line,
        next_offset=found.end,
        size=found.total,
        ended=_ended(run, found.end, found.total),
    )


def _ended(run: Run, end: int, total: int) -> bool:
    return run.status.is_terminal and end >= total


def _text(text: str) -> Response:
    return Response(text, media_type="text/plain; charset=utf-8")
