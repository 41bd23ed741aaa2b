"""Datasets: samples and registered folders. Everyone sees all; the owner or an admin changes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from trainwright.server import datasets
from trainwright.server.auth import Reader, Writer
from trainwright.server.services import Platform
from trainwright.spec.api import DatasetCreate, DatasetReport, DatasetView, Page
from trainwright.spec.errors import ForbiddenError
from trainwright.spec.tasks import Task
from trainwright.store.repositories import Datasets

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.get("")
def list_datasets(
    *,
    user: Reader,  # noqa: ARG001 (only for those signed in)
    services: Platform,
    task: Task | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Page[DatasetView]:
    """Samples of the catalogue, then what was registered, by name."""
    return datasets.list_datasets(services.database, task=task, q=q, limit=limit, cursor=cursor)


@router.post("", status_code=201)
def register(
    body: DatasetCreate, user: Writer, services: Platform, response: Response
) -> DatasetView:
    """Register a folder on the platform's host; 200 when it is registered already."""
    row, is_new = datasets.register(services.database, services.settings.home, body, user)
    response.status_code = 201 if is_new else 200
    return datasets.registered_view(row)


@router.get("/{dataset_id}")
def show(dataset_id: str, user: Reader, services: Platform) -> DatasetView:  # noqa: ARG001
    """One dataset, by id or name, with its last report."""
    return datasets.view_of(datasets.find_dataset(services.database, dataset_id))


@router.post("/{dataset_id}/validate")
def validate(dataset_id: str, user: Writer, services: Platform) -> DatasetReport:  # noqa: ARG001
    """Look at the data as training would: what is usable, what is left out and why."""
    return datasets.validate(services.database, services.settings.home, dataset_id)


@router.delete("/{dataset_id}", status_code=204)
def delete(dataset_id: str, user: Writer, services: Platform) -> None:
    """Forget a registered dataset; its files stay."""
    with services.database.session() as session:
        stored = Datasets(session)
        row = stored.get(dataset_id)
        if not datasets.may_change(row, user):
            raise ForbiddenError(f"{row.name} was registered by another user")
        stored.delete(row.id)
