"""Is it alive, is it ready. The only answers given without a token."""

from __future__ import annotations

from fastapi import APIRouter, Response

from trainwright import __version__
from trainwright.server.services import Platform
from trainwright.spec.api import Health, Readiness
from trainwright.spec.errors import TrainwrightError

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


@router.get("/readyz")
def readyz(services: Platform, response: Response) -> Readiness:
    """The database can be read and has the schema this version needs; 503 otherwise."""
    try:
        current = services.database.current()
        problem = None if current else "it is empty"
    except TrainwrightError as error:
        problem = error.message
    if problem:
        response.status_code = 503
    status = "degraded" if problem else "ok"
    return Readiness(status=status, version=__version__, checks={"database": problem or "ok"})
