"""Projects: names that runs are grouped under. All see them; the owner or an admin removes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from trainwright.server.auth import Principal, Reader, Writer
from trainwright.server.paging import WHOLE, Limit, Start, page_view
from trainwright.server.services import Platform
from trainwright.spec.api import Page, ProjectCreate, ProjectPatch, ProjectView
from trainwright.spec.errors import ForbiddenError
from trainwright.store.models import Project
from trainwright.store.repositories import Projects

router = APIRouter(prefix="/projects", tags=["projects"])

Ref = Annotated[str, Path(max_length=200, description="Id or name.")]


@router.get("")
def list_projects(
    user: Reader, services: Platform, limit: Limit = WHOLE, cursor: Start = None
) -> Page[ProjectView]:
    """Projects, by name."""
    with services.database.session(write=False) as session:
        stored = Projects(session)
        counts = stored.count_runs(user.scope)
        page = page_view(stored.listed(limit, cursor), ProjectView.of)
    counted = [view.model_copy(update={"runs": counts.get(view.id, 0)}) for view in page.items]
    return page.model_copy(update={"items": counted})


@router.get("/{project_id}")
def show(project_id: Ref, user: Reader, services: Platform) -> ProjectView:
    """One project, by id or name."""
    with services.database.session(write=False) as session:
        stored = Projects(session)
        row = stored.named(project_id)
        runs = stored.count_runs(user.scope).get(row.id, 0)
        return ProjectView.of(row).model_copy(update={"runs": runs})


@router.post("", status_code=201)
def add(body: ProjectCreate, user: Writer, services: Platform) -> ProjectView:
    """Begin a project."""
    with services.database.session() as session:
        row = Projects(session).add(body.name, description=body.description, owner_id=user.id)
    return ProjectView.of(row)


@router.patch("/{project_id}")
def edit(project_id: Ref, body: ProjectPatch, user: Writer, services: Platform) -> ProjectView:
    """Change its name or description."""
    with services.database.session() as session:
        stored = Projects(session)
        row = _own(stored.named(project_id), user)
        changed = stored.change(row.id, name=body.name, description=body.description)
    return ProjectView.of(changed)


@router.delete("/{project_id}", status_code=204)
def delete(project_id: Ref, user: Writer, services: Platform) -> None:
    """Remove a project; its runs and datasets stay, without one."""
    with services.database.session() as session:
        stored = Projects(session)
        stored.delete(_own(stored.named(project_id), user).id)


def _own(row: Project, user: Principal) -> Project:
    if not user.is_admin and row.owner_id != user.id:
        raise ForbiddenError(f"the project {row.name} is another user's")
    return row
