"""What a run has produced so far: metrics, log, events, files, its result and its diagnosis."""

from __future__ import annotations

import shlex
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse

from trainwright.files import contained
from trainwright.server.diagnosis import diagnose
from trainwright.server.event_pages import MAX_EVENTS, EventPage, event_page
from trainwright.server.paging import Place
from trainwright.server.run_access import VisibleRun
from trainwright.server.run_views import run_result, series_view
from trainwright.server.services import Platform
from trainwright.spec.api import (
    ArtifactView,
    CheckpointView,
    Diagnosis,
    LogChunk,
    MetricsView,
    Page,
    Script,
)
from trainwright.spec.errors import NotFoundError
from trainwright.spec.result import Result
from trainwright.spec.rundir import Launch, RunDir
from trainwright.store.repositories import Artifacts, Checkpoints, CurveQuery, Metrics
from trainwright.store.repositories.metrics import PAGE_POINTS

router = APIRouter(tags=["runs"])

MAX_CHUNK = 1024 * 1024
MAX_NAMES = 200

EventType = Literal[
    "status_changed",
    "training_progress",
    "metrics",
    "checkpoint_saved",
    "log",
    "vitals",
    "alert",
    "training_complete",
    "training_error",
]


@router.get("/{run_id}/metrics", response_model=MetricsView)
def metrics(
    *,
    run: VisibleRun,
    services: Platform,
    names: Annotated[list[str] | None, Query(max_length=MAX_NAMES)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    max_points: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    after_step: Place | None = None,
    limit: Annotated[int, Query(ge=1, le=100_000)] = PAGE_POINTS,
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
) -> Response:
    """Curves by name (all, those in `names`, or those that contain `q`), `limit` points a page.

    With `max_points`, a longer curve is folded into so many buckets of mean, least and greatest.
    """
    query = CurveQuery(
        names=_split(names) if names else None,
        q=q,
        after_step=after_step,
        max_points=max_points,
        limit=limit,
        cursor=cursor,
    )
    with services.database.session(write=False) as session:
        page = Metrics(session).page(run.id, query)
    found = [series_view(name, points) for name, points in page.curves]
    view = MetricsView(run_id=run.id, series=found, next_cursor=page.next_cursor)
    # serialized here: the framework's own way takes three times as long for as many points
    return Response(view.model_dump_json(), media_type="application/json")


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


@router.get("/{run_id}/events", response_model=EventPage)
def events(
    run: VisibleRun,
    services: Platform,
    after: Place = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_EVENTS)] = MAX_EVENTS,
    types: Annotated[list[EventType] | None, Query()] = None,
) -> Response:
    """Events beyond `seq` = `after`, in order; `next_cursor` is the next `after`."""
    return event_page(services, run.id, after=after, limit=limit, types=types)


@router.get("/{run_id}/checkpoints")
def checkpoints(run: VisibleRun, services: Platform) -> Page[CheckpointView]:
    """Checkpoints, oldest first."""
    with services.database.session(write=False) as session:
        return Page(items=[CheckpointView.of(row) for row in Checkpoints(session).list(run.id)])


@router.get("/{run_id}/artifacts")
def artifacts(run: VisibleRun, services: Platform) -> Page[ArtifactView]:
    """Files the run has left."""
    with services.database.session(write=False) as session:
        return Page(items=[ArtifactView.of(row) for row in Artifacts(session).list(run.id)])


@router.get("/{run_id}/artifacts/{name:path}", response_class=FileResponse)
def download(run: VisibleRun, name: str, services: Platform) -> FileResponse:
    """One artifact, by its name or its path in the run directory."""
    with services.database.session(write=False) as session:
        rows = Artifacts(session).list(run.id)
    row = next((r for r in rows if name in (r.path, r.name)), None)
    if row is not None:
        path = contained(services.settings.home.runs / run.id, row.path)
        if path.is_file():
            return FileResponse(
                path, media_type="application/octet-stream", filename=row.name.rpartition("/")[2]
            )
    raise NotFoundError(
        f"run {run.name} has no artifact {name!r}",
        expected=", ".join(r.name for r in rows) or "a run that has ended",
    )


@router.get("/{run_id}/result")
def result(run: VisibleRun, services: Platform) -> Result:
    """How it ended: metrics, files, scores by class, confusion, error."""
    with services.database.session(write=False) as session:
        return run_result(run, list(Artifacts(session).list(run.id)))


@router.get("/{run_id}/diagnose")
def explain(run: VisibleRun, services: Platform) -> Diagnosis:
    """What is wrong with the run, in words, with the evidence and what to do."""
    return diagnose(services.database, run)


@router.get("/{run_id}/script")
def script(run: VisibleRun, services: Platform) -> Script:
    """The command its trainer was started with."""
    directory = RunDir(services.settings.home.runs / run.id)
    try:
        launch = Launch.model_validate_json(directory.command.read_bytes())
    except (OSError, ValueError):
        raise NotFoundError(f"run {run.name} has not been started yet") from None
    return Script(
        run_id=run.id,
        attempt=launch.attempt,
        argv=launch.argv,
        cwd=launch.cwd,
        env_names=sorted({*launch.env, *launch.env_names}),
        command=shlex.join(launch.argv),
        files=launch.files,
    )


def _split(names: list[str]) -> list[str]:
    return list(dict.fromkeys(n for entry in names for n in entry.split(",") if n))
