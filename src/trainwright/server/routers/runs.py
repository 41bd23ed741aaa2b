"""Runs: created, listed, changed. The same router answers at /workflows and /jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from trainwright.server import creation
from trainwright.server.answers import SharedRoute
from trainwright.server.auth import Reader, Writer
from trainwright.server.comparison import compared
from trainwright.server.run_access import (
    DeletableRun,
    KnownRun,
    OwnRun,
    TrashedRun,
    VisibleRun,
    find_run,
)
from trainwright.server.run_views import run_detail, run_origin, run_view
from trainwright.server.services import Platform
from trainwright.spec.api import (
    CloneRequest,
    Page,
    ResumeRequest,
    RunComparison,
    RunCreate,
    RunDetail,
    RunPatch,
    RunView,
    StopRequest,
)
from trainwright.spec.api.comparing import MAX_COMPARED
from trainwright.spec.status import RunStatus
from trainwright.store.repositories import RunQuery, Runs

router = APIRouter(tags=["runs"], route_class=SharedRoute)


@router.post("", status_code=201)
def create(body: RunCreate, user: Writer, services: Platform) -> RunDetail:
    """Start a run, from a spec (whole or some fields) or from a sentence."""
    return run_detail(creation.create_run(services, user, body))


@router.get("")
def list_runs(
    *,
    user: Reader,
    services: Platform,
    status: Annotated[list[RunStatus] | None, Query()] = None,
    task: Annotated[str | None, Query(max_length=64)] = None,
    model: Annotated[str | None, Query(max_length=300)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[list[str] | None, Query(max_length=50, description="All of them.")] = None,
    project_id: Annotated[str | None, Query(max_length=200, description="Id or name.")] = None,
    trashed: Annotated[bool, Query(description="Those in the trash instead.")] = False,
    sort: Annotated[str, Query(max_length=32)] = "-created_at",
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Page[RunView]:
    """Runs the asker may see; `sort` is a column, with `-` before it for last first."""
    query = RunQuery(
        status=status,
        task=task,
        model=model,
        q=q,
        tags=tag or (),
        owner_id=user.scope,
        project_id=creation.project_id(services, project_id),
        trashed=trashed,
        sort=sort,
        limit=limit,
        cursor=cursor,
        brief=True,
    )
    with services.database.session(write=False) as session:
        page = Runs(session).list(query)
        items = [run_view(run) for run in page.items]
    return Page(items=items, next_cursor=page.next_cursor, total=page.total)


@router.get("/compare")
def compare(
    user: Reader,
    services: Platform,
    run: Annotated[list[str], Query(min_length=2, max_length=MAX_COMPARED)],
) -> RunComparison:
    """Runs side by side: what differs in their specs and in how they came about, and metrics."""
    rows = [find_run(services, user, ref) for ref in run]
    return compared(services.settings.home, rows)


@router.get("/{run_id}")
def show(run: KnownRun, services: Platform) -> RunDetail:
    """One run, with its spec and where each value came from."""
    return run_detail(run, origin=run_origin(services.settings.home, run.id))


@router.patch("/{run_id}")
def edit(body: RunPatch, run: OwnRun, services: Platform) -> RunDetail:
    """Change the name, notes, tags or project."""
    changes = body.model_dump(exclude_none=True)
    if "project_id" in body.model_fields_set:
        changes["project_id"] = creation.project_id(services, body.project_id)
    with services.database.session() as session:
        changed = Runs(session).update_fields(run.id, **changes)
    return run_detail(changed)


@router.delete("/{run_id}", status_code=204)
def delete(
    run: DeletableRun,
    services: Platform,
    now: Annotated[bool, Query(description="For good, with its files and its log.")] = False,
) -> None:
    """Put a run that has ended into the trash, or delete it for good."""
    services.runs.delete(run.id, now=now)
    services.pool.stop(run.id)


@router.post("/{run_id}/restore")
def restore(run: TrashedRun, services: Platform) -> RunDetail:
    """Take a run out of the trash."""
    return run_detail(services.runs.restore(run.id))


@router.post("/{run_id}/stop", status_code=202)
def stop(run: OwnRun, services: Platform, body: StopRequest | None = None) -> RunDetail:
    """Ask the run to end. The trainer saves first, unless `now`."""
    return run_detail(services.runs.stop(run.id, now=body.now if body else False))


@router.post("/{run_id}/pause", status_code=202)
def pause(run: OwnRun, services: Platform) -> RunDetail:
    """Ask the run to save a checkpoint and free its slot."""
    return run_detail(services.runs.pause(run.id))


@router.post("/{run_id}/resume", status_code=202)
def resume(run: OwnRun, services: Platform, body: ResumeRequest | None = None) -> RunDetail:
    """Start the next attempt of a paused, failed or stopped run, from a checkpoint or the last."""
    return run_detail(services.runs.resume(run.id, body.checkpoint if body else None))


@router.post("/{run_id}/clone", status_code=201)
def clone(
    run: VisibleRun, user: Writer, services: Platform, body: CloneRequest | None = None
) -> RunDetail:
    """Start a new run of the same spec, with some fields changed, or from a checkpoint of it."""
    changes = dict(body.changes) if body else {}
    creation.resolve_dataset(services, changes)
    caller = body.caller.model_dump(mode="json") if body and body.caller else None
    checkpoint = body.checkpoint if body else None
    cloned = services.runs.clone(
        run.id, changes, owner_id=user.id, caller=caller, checkpoint=checkpoint
    )
    return run_detail(cloned)
