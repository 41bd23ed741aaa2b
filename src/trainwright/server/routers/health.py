"""Is it alive, is it ready, and how does it do: for machines that look after it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from trainwright import __version__
from trainwright.server.meter import CONTENT_TYPE
from trainwright.server.readiness import OK, VITAL
from trainwright.server.scraping import may_scrape
from trainwright.server.services import Platform
from trainwright.spec.api import ErrorResponse, Health, Readiness

router = APIRouter(tags=["health"])
api_router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers."""
    return Health(status="ok", version=__version__)


@api_router.get("/health")
async def health() -> Health:
    """The API answers."""
    return Health(status="ok", version=__version__)


@router.get("/readyz", responses={503: {"model": Readiness, "description": "It cannot answer"}})
def readyz(services: Platform, response: Response) -> Readiness:
    """Asks database, disk, objects, Temporal and worker.

    503 when the API cannot answer: without database or room. `degraded` with 200 when it can, but
    runs wait: without Temporal, worker or objects.
    """
    checks = services.readiness.checks()
    if any(checks[part] != OK for part in VITAL):
        response.status_code = 503
    is_whole = all(found == OK for found in checks.values())
    return Readiness(status="ok" if is_whole else "degraded", version=__version__, checks=checks)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}},
        "4XX": {"model": ErrorResponse, "description": "Whoever asks may not read them"},
    },
)
def metrics(request: Request, services: Platform) -> Response:
    """For Prometheus: with the scrape token, or that of somebody who sees everyone's runs."""
    may_scrape(request, services)
    return Response(services.meter.text(), media_type=CONTENT_TYPE)
