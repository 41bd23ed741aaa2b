"""Files a run has left."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response
from fastapi.responses import FileResponse, RedirectResponse

from trainwright.files import contained
from trainwright.server.answers import DirectRoute
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform, Services
from trainwright.spec.api import ArtifactView, CheckpointView, Page
from trainwright.spec.errors import NotFoundError
from trainwright.store.models import Run
from trainwright.store.repositories import Artifacts, Checkpoints
from trainwright.workflows.resuming import Standing, standings

router = APIRouter(tags=["runs"], route_class=DirectRoute)

PRESIGNED_SECONDS = 300
"""How long a download may wait to begin at the object store."""

T = TypeVar("T", ArtifactView, CheckpointView)


@router.get("/{run_id}/checkpoints")
def checkpoints(run: VisibleRun, services: Platform) -> Page[CheckpointView]:
    """Checkpoints, oldest first."""
    with services.database.session(write=False) as session:
        views = [_view(s) for s in standings(session, services.settings.home, run)]
    return Page(items=_placed(services, run, views))


@router.get("/{run_id}/artifacts")
def artifacts(run: VisibleRun, services: Platform) -> Page[ArtifactView]:
    """Files the run has left."""
    with services.database.session(write=False) as session:
        views = [ArtifactView.of(row) for row in Artifacts(session).list(run.id)]
    return Page(items=_placed(services, run, views))


@router.get(
    "/{run_id}/artifacts/{name:path}",
    response_class=FileResponse,
    responses={307: {"description": "To the object store, with `redirect`"}},
)
def download(
    run: VisibleRun,
    name: str,
    services: Platform,
    redirect: Annotated[
        bool, Query(description="Send me to the object store, where it has the file.")
    ] = False,
) -> Response:
    """One artifact by name or path in the run directory, or a checkpoint by path; or a `Range`.

    A file that is lost here is brought back from the object store, and checked, before its first
    byte is sent. With `redirect` it comes from there, by a URL that is good for five minutes.
    """
    with services.database.session(write=False) as session:
        rows = Artifacts(session).list(run.id)
        saved = {checkpoint.path for checkpoint in Checkpoints(session).list(run.id)}
    known = next((r.path for r in rows if name in (r.path, r.name)), None)
    known = known or (name if name in saved else None)
    if known is not None:
        if redirect and (url := _presigned(services, run, known)):
            return RedirectResponse(url, headers={"Cache-Control": "no-store"})
        path = contained(services.settings.home.runs / run.id, known)
        if not path.is_file() and services.mirror is not None:
            services.mirror.bring_file(run.id, known)
        if path.is_file():
            return FileResponse(
                path, media_type="application/octet-stream", filename=known.rpartition("/")[2]
            )
    raise NotFoundError(
        f"run {run.name} has no artifact {name!r}",
        expected=", ".join(r.name for r in rows) or "a run that has ended",
    )


def _view(standing: Standing) -> CheckpointView:
    said = {
        "present": standing.is_present,
        "given_up": standing.is_given_up,
        "resumable": standing.can_resume,
    }
    return CheckpointView.of(standing.row).model_copy(update=said)


def _placed(services: Services, run: Run, views: list[T]) -> list[T]:
    """With the places of those that the object store has."""
    if services.mirror is None:
        return views
    uris = services.mirror.uris(run.id)
    places = [uris.get((v.path, v.sha256 or "")) or uris.get((v.path, "")) for v in views]
    return [view.model_copy(update={"uri": uri}) for view, uri in zip(views, places, strict=True)]


def _presigned(services: Services, run: Run, path: str) -> str | None:
    mirror = services.mirror
    return mirror.presign(run.id, path, PRESIGNED_SECONDS) if mirror else None
