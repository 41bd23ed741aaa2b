"""What can be trained."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from trainwright.frameworks import inventory
from trainwright.server.answers import DirectRoute
from trainwright.server.auth import Reader
from trainwright.server.paging import page_of
from trainwright.spec.api import Page
from trainwright.spec.catalog import ModelInfo
from trainwright.spec.errors import InvalidRequestError
from trainwright.spec.tasks import Task

router = APIRouter(prefix="/models", tags=["models"], route_class=DirectRoute)


@router.get("")
def list_models(
    *,
    user: Reader,  # noqa: ARG001 (only for those signed in)
    task: Task | None = None,
    task_type: Annotated[Task | None, Query(description="The same as `task`.")] = None,
    framework: Annotated[str | None, Query(max_length=64)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[ModelInfo]:
    """Models, installed or not; with `q` the best match is first."""
    if task and task_type and task != task_type:
        raise InvalidRequestError("task and task_type differ", field="task_type")
    return page_of(inventory.find_models(task or task_type, framework, q), limit, cursor)


@router.get("/{model_id:path}")
def show(model_id: str, user: Reader) -> ModelInfo:  # noqa: ARG001
    """One model, with its options."""
    return inventory.find_model(model_id)
