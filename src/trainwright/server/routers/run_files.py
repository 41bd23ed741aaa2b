"""Files a run has left."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import FileResponse

from trainwright.files import contained
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform
from trainwright.spec.api import ArtifactView, CheckpointView, Page
from trainwright.spec.errors import NotFoundError
from trainwright.store.repositories import Artifacts, Checkpoints

router = APIRouter(tags=["runs"])


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
