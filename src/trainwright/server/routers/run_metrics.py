"""A run's metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from trainwright.server.answers import SharedRoute
from trainwright.server.run_access import VisibleRun
from trainwright.server.run_views import curves_json
from trainwright.server.services import Platform, Services
from trainwright.spec.api import MetricsView
from trainwright.store.repositories import CurveQuery, Metrics
from trainwright.store.repositories.metrics import PAGE_POINTS

router = APIRouter(tags=["runs"], route_class=SharedRoute)

MAX_NAMES = 200
MAX_MARK = 8_000

Step = Annotated[int, Query(ge=-(2**63), le=2**63 - 1)]


def curve_query(
    *,
    names: Annotated[list[str] | None, Query(max_length=MAX_NAMES)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    from_step: Step | None = None,
    to_step: Step | None = None,
    buckets: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    limit: Annotated[int, Query(ge=1, le=100_000)] = PAGE_POINTS,
    cursor: Annotated[str | None, Query(max_length=MAX_MARK)] = None,
    after: Annotated[str | None, Query(max_length=MAX_MARK)] = None,
    attempt: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="All that this attempt measured.")
    ] = None,
) -> CurveQuery:
    """Which curves are asked for, as their address says."""
    return CurveQuery(
        names=_split(names) if names else None,
        q=q,
        from_step=from_step,
        to_step=to_step,
        buckets=buckets,
        limit=limit,
        cursor=cursor,
        after=after,
        attempt=attempt,
    )


AskedCurves = Annotated[CurveQuery, Depends(curve_query)]


@router.get("/{run_id}/metrics", response_model=MetricsView)
def metrics(run: VisibleRun, services: Platform, query: AskedCurves) -> Response:
    """Curves by name (all, those in `names`, or those that contain `q`), `limit` points a page.

    With `buckets`, a longer curve is folded into at most so many, each with mean, least, greatest,
    first and last value; asked for a range of steps, it is folded as little as that allows. `after`
    of an answer that was whole asks on for what has come since. What a later attempt has done again
    is left out, but for an `attempt` that is asked for by its number.
    """
    return read_curves(services, run.id, query)


def read_curves(services: Services, run_id: str, query: CurveQuery) -> Response:
    """The curves of a run that are asked for."""
    with services.database.session(write=False) as session:
        page = Metrics(session).page(run_id, query)
    return Response(curves_json(run_id, page), media_type="application/json")


def _split(names: list[str]) -> list[str]:
    return list(dict.fromkeys(n for entry in names for n in entry.split(",") if n))
