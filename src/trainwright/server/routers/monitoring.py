"""The state of everything at a glance, and how one run is doing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from trainwright.server import monitoring
from trainwright.server.answers import SharedRoute
from trainwright.server.auth import Reader
from trainwright.server.resources import resources_of
from trainwright.server.run_access import VisibleRun
from trainwright.server.run_health import health_of
from trainwright.server.services import Platform
from trainwright.spec.api import Dashboard, ResourcesView, RunHealth

router = APIRouter(prefix="/monitoring", tags=["monitoring"], route_class=SharedRoute)


@router.get("/dashboard")
def dashboard(user: Reader, services: Platform) -> Dashboard:
    """What runs and waits, slots, open alerts, what ended today, and the machine."""
    return monitoring.dashboard(services.database, user.scope, services.settings.home.path)


@router.get("/{run_id}/health")
def health(run: VisibleRun, services: Platform) -> RunHealth:
    """How the run is doing (`good`, `fair`, `bad`), with the reasons."""
    return health_of(services.database, run)


@router.get("/{run_id}/resources")
def resources(
    run: VisibleRun, services: Platform, points: Annotated[int, Query(ge=1, le=2000)] = 200
) -> ResourcesView:
    """What it used of CPU, memory, disk and GPU, folded into at most so many points."""
    return resources_of(services.database, run.id, points)
