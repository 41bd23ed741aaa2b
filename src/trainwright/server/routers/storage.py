"""What takes space, and making some."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from trainwright.server import pruning
from trainwright.server.auth import Reader, Writer
from trainwright.server.run_access import OwnRun
from trainwright.server.services import Platform, Services
from trainwright.spec.api import Page
from trainwright.spec.api.storage import KeptCheckpoint, Pruned, PruneRequest, StorageReport
from trainwright.store.models import Run
from trainwright.telemetry.retention import Retention
from trainwright.telemetry.storage import Storage

router = APIRouter(prefix="/monitoring", tags=["monitoring"])
run_router = APIRouter(tags=["runs"])

Step = Annotated[int, Path(ge=0, le=2**63 - 1)]


@router.get("/storage")
def storage(
    user: Reader, services: Platform, limit: Annotated[int, Query(ge=0, le=10_000)] = 20
) -> StorageReport:
    """Bytes by kind, by run (the largest first) and by project, and what could be freed how."""
    return Storage(services.database, services.settings.home).report(user.scope, limit)


@run_router.post("/prune")
def prune(body: PruneRequest, user: Writer, services: Platform) -> Pruned:
    """Delete ended runs by status, age and merit, or what retention would not keep of them."""
    return pruning.prune(services, user, body)


@run_router.post("/{run_id}/checkpoints/{step}/keep")
def keep(run: OwnRun, step: Step, services: Platform) -> Page[KeptCheckpoint]:
    """Keep the checkpoint of a step, whatever retention says."""
    return _pin(services, run, step, kept=True)


@run_router.delete("/{run_id}/checkpoints/{step}/keep")
def release(run: OwnRun, step: Step, services: Platform) -> Page[KeptCheckpoint]:
    """Leave the checkpoint of a step to retention again."""
    return _pin(services, run, step, kept=False)


def _pin(services: Services, run: Run, step: int, *, kept: bool) -> Page[KeptCheckpoint]:
    retention = Retention(services.database, services.settings.home)
    rows = retention.pin(run.id, step, kept=kept)
    return Page(
        items=[
            KeptCheckpoint(
                run_id=run.id, path=r.path, step=r.step, kept=r.kept, created_at=r.created_at
            )
            for r in rows
        ]
    )
