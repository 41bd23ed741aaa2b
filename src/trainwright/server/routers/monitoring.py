"""The state of everything at a glance, and the health of one run."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from trainwright.server import hardware, monitoring
from trainwright.server.auth import Reader
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform
from trainwright.spec.api import Dashboard, Page, RunHealth
from trainwright.spec.events import Event
from trainwright.store.repositories import Events

router = APIRouter(prefix="/monitoring", tags=["monitoring"])


@router.get("/dashboard")
def dashboard(user: Reader, services: Platform) -> Dashboard:
    """Runs by status, those at work, the latest, and the machine."""
    machine = hardware.read(services.settings.home.path)
    return monitoring.dashboard(services.database, user.scope, machine)


@router.get("/{run_id}/health")
def health(run: VisibleRun) -> RunHealth:
    """Whether the run shows signs of life."""
    return monitoring.health(run)


@router.get("/{run_id}/alerts")
def alerts(
    run: VisibleRun, services: Platform, after: Annotated[int, Query(ge=0)] = 0
) -> Page[Event]:
    """Its alerts, oldest first."""
    return _events(services, run.id, after, "alert")


@router.get("/{run_id}/resources")
def resources(
    run: VisibleRun, services: Platform, after: Annotated[int, Query(ge=0)] = 0
) -> Page[Event]:
    """What it used of CPU, memory and GPU, oldest first."""
    return _events(services, run.id, after, "vitals")


def _events(services: Platform, run_id: str, after: int, kind: str) -> Page[Event]:
    with services.database.session(write=False) as session:
        found = Events(session).after(run_id, after, 1000, [kind])
    return Page(items=found, next_cursor=str(found[-1].seq) if len(found) == 1000 else None)
