"""Projects: names that runs are grouped under. All see them; the owner or an admin removes."""

from __future__ import annotations

from fastapi import APIRouter

from trainwright.server.auth import Reader, Writer
from trainwright.server.services import Platform
from trainwright.spec.api import Page, ProjectCreate, ProjectView
from trainwright.spec.errors import ForbiddenError
from trainwright.store.repositories import Projects

router = APIRouter(prefix="/projects", tags=["projects"])


@router.get("")
def list_projects(user: Reader, services: Platform) -> Page[ProjectView]:  # noqa: ARG001
    """Projects, by name."""
    with services.database.session(write=False) as session:
        return Page(items=[ProjectView.of(row) for row in Projects(session).list()])


@router.post("", status_code=201)
def add(body: ProjectCreate, user: Writer, services: Platform) -> ProjectView:
    """Begin a project."""
    with services.database.session() as session:
        row = Projects(session).add(body.name, description=body.description, owner_id=user.id)
    return ProjectView.of(row)


@router.delete("/{project_id}", status_code=204)
def delete(project_id: str, user: Writer, services: Platform) -> None:
    """Remove a project; its runs and datasets stay, without one."""
    with services.database.session() as session:
        stored = Projects(session)
        row = stored.get(project_id)
        if not user.is_admin and row.owner_id != user.id:
            raise ForbiddenError(f"the project {row.name} is another user's")
        stored.delete(project_id)
