"""Runs: created, listed, changed. The same router answers at /workflows and /jobs."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from trainwright.server import creation
from trainwright.server.auth import Reader, Writer
from trainwright.server.run_access import DeletableRun, KnownRun, OwnRun, TrashedRun, VisibleRun
from trainwright.server.run_views import run_detail, run_view
from trainwright.server.services import Platform
from trainwright.spec.api import (
    CloneRequest,
    Page,
    RunCreate,
    RunDetail,
    RunPatch,
    RunView,
    StopRequest,
)
from trainwright.spec.rundir import RunDir
from trainwright.spec.status import RunStatus
from trainwright.store.repositories import RunQuery, Runs

router = APIRouter(tags=["runs"])


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
        owner_id=user.scope,
        project_id=creation.project_id(services, project_id),
        trashed=trashed,
        sort=sort,
        limit=limit,
        cursor=cursor,
    )
    with services.database.session(write=False) as session:
        page = Runs(session).list(query)
        items = [run_view(run) for run in page.items]
    return Page(items=items, next_cursor=page.next_cursor, total=page.total)


@router.get("/{run_id}")
def show(run: KnownRun, services: Platform) -> RunDetail:
    """One run, with its spec and where each value came from."""
    return run_detail(run, origin=_origin(RunDir(services.settings.home.runs / run.id)))


@router.patch("/{run_id}")
def edit(body: RunPatch, run: OwnRun, services: Platform) -> RunDetail:
    """Change the name, notes or tags."""
    with services.database.session() as session:
        changed = Runs(session).update_fields(run.id, **body.model_dump(exclude_none=True))
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
def resume(run: OwnRun, services: Platform) -> RunDetail:
    """Start the next attempt of a paused, failed or stopped run."""
    return run_detail(services.runs.resume(run.id))


@router.post("/{run_id}/clone", status_code=201)
def clone(
    run: VisibleRun, user: Writer, services: Platform, body: CloneRequest | None = None
) -> RunDetail:
    """Start a new run of the same spec, with some fields changed."""
    changes = dict(body.changes) if body else {}
    creation.resolve_dataset(services, changes)
    return run_detail(services.runs.clone(run.id, changes, owner_id=user.id))


def _origin(directory: RunDir) -> dict[str, Any]:
    try:
        found = json.loads(directory.provenance.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
