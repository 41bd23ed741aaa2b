"""The state of everything at a glance, and the health of one run."""

from __future__ import annotations

from fastapi import APIRouter, Response

from trainwright.server import hardware, monitoring
from trainwright.server.auth import Reader
from trainwright.server.event_pages import EventPage, event_page
from trainwright.server.paging import Place
from trainwright.server.run_access import VisibleRun
from trainwright.server.services import Platform
from trainwright.spec.api import Dashboard, RunHealth

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


@router.get("/{run_id}/resources", response_model=EventPage)
def resources(run: VisibleRun, services: Platform, after: Place = 0) -> Response:
    """What it used of CPU, memory and GPU, oldest first."""
    return event_page(services, run.id, after=after, types=["vitals"])
