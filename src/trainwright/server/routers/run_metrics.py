"""A run's metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from trainwright.server.paging import Place
from trainwright.server.run_access import VisibleRun
from trainwright.server.run_views import series_view
from trainwright.server.services import Platform
from trainwright.spec.api import MetricsView
from trainwright.store.repositories import CurveQuery, Metrics
from trainwright.store.repositories.metrics import PAGE_POINTS

router = APIRouter(tags=["runs"])

MAX_NAMES = 200


@router.get("/{run_id}/metrics", response_model=MetricsView)
def metrics(
    *,
    run: VisibleRun,
    services: Platform,
    names: Annotated[list[str] | None, Query(max_length=MAX_NAMES)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    max_points: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    after_step: Place | None = None,
    limit: Annotated[int, Query(ge=1, le=100_000)] = PAGE_POINTS,
    cursor: Annotated[str | None, Query(max_length=4000)] = None,
) -> Response:
    """Curves by name (all, those in `names`, or those that contain `q`), `limit` points a page.

    With `max_points`, a longer curve is folded into so many buckets of mean, least and greatest.
    """
    query = CurveQuery(
        names=_split(names) if names else None,
        q=q,
        after_step=after_step,
        max_points=max_points,
        limit=limit,
        cursor=cursor,
    )
    with services.database.session(write=False) as session:
        page = Metrics(session).page(run.id, query)
    found = [series_view(name, points) for name, points in page.curves]
    view = MetricsView(run_id=run.id, series=found, next_cursor=page.next_cursor)
    # serialized here: the framework's own way takes three times as long for as many points
    return Response(view.model_dump_json(), media_type="application/json")


def _split(names: list[str]) -> list[str]:
    return list(dict.fromkeys(n for entry in names for n in entry.split(",") if n))
