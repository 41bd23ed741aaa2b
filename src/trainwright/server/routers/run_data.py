"""What a run tells of itself: events, result, diagnosis, the command it was started with."""

from __future__ import annotations

import shlex
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from trainwright.server.answers import SharedRoute
from trainwright.server.diagnosis import Language, diagnose
from trainwright.server.event_pages import MAX_EVENTS, EventPage, event_page
from trainwright.server.paging import Place
from trainwright.server.run_access import VisibleRun
from trainwright.server.run_views import run_result
from trainwright.server.services import Platform
from trainwright.spec.api import AttemptView, Diagnosis, Page, Script
from trainwright.spec.errors import NotFoundError
from trainwright.spec.result import Result
from trainwright.spec.rundir import Launch, RunDir
from trainwright.store.repositories import Artifacts, Attempts
from trainwright.store.repositories.attempts import horizons_of

router = APIRouter(tags=["runs"], route_class=SharedRoute)

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


@router.get("/{run_id}/attempts")
def attempts(run: VisibleRun, services: Platform) -> Page[AttemptView]:
    """Every start of its trainer, and which of its steps a later one has not done again."""
    with services.database.session(write=False) as session:
        rows = Attempts(session).list(run.id)
    horizons = horizons_of([(row.number, row.start_step) for row in rows])
    views = [AttemptView.of(row) for row in rows]
    return Page(
        items=[v.model_copy(update={"counts_until": horizons.get(v.number)}) for v in views]
    )


@router.get("/{run_id}/result")
def result(run: VisibleRun, services: Platform) -> Result:
    """How it ended: metrics, files, scores by class, confusion, error."""
    with services.database.session(write=False) as session:
        return run_result(run, list(Artifacts(session).list(run.id)))


@router.get("/{run_id}/diagnose")
def explain(run: VisibleRun, services: Platform, language: Language = "en") -> Diagnosis:
    """What is wrong with the run, in words, with the evidence and what to do."""
    return diagnose(services.database, run, language)


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
