"""Changing many runs at once."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from trainwright.server import creation
from trainwright.server.auth import Writer
from trainwright.server.services import Platform
from trainwright.spec.api.run_edits import RunBefore, RunsEdit, RunsEdited
from trainwright.spec.errors import InvalidRequestError
from trainwright.store.models import Run
from trainwright.store.repositories import Runs

MAX_TAGS = 50

run_router = APIRouter(tags=["runs"])


@run_router.post("/edit")
def edit(body: RunsEdit, user: Writer, services: Platform) -> RunsEdited:
    """Tag runs, or move them to a project: all of them, or none where one cannot be."""
    moves = "project_id" in body.model_fields_set
    project = creation.project_id(services, body.project_id) if moves else None
    before = []
    with services.database.session() as session:
        runs = Runs(session)
        found = [runs.resolve(ref, owner_id=user.scope) for ref in dict.fromkeys(body.runs)]
        for run in {run.id: run for run in found}.values():
            changes = _tags(run, body)
            if moves and run.project_id != project:
                changes["project_id"] = project
            if changes:
                tags = [str(tag) for tag in run.tags]
                before.append(RunBefore(id=run.id, tags=tags, project_id=run.project_id))
                runs.update_fields(run.id, **changes)
    return RunsEdited(before=before)


def _tags(run: Run, body: RunsEdit) -> dict[str, Any]:
    has = [str(tag) for tag in run.tags]
    wanted = [t for t in dict.fromkeys([*has, *body.add_tags]) if t not in body.remove_tags]
    if len(wanted) > MAX_TAGS:
        raise InvalidRequestError(
            f"run {run.name} would have {len(wanted)} tags",
            field="add_tags",
            expected=f"at most {MAX_TAGS}",
        )
    return {} if wanted == has else {"tags": wanted}
