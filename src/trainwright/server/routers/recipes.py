"""Settings that are known to work."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from trainwright import catalog
from trainwright.server import creation
from trainwright.server.auth import Reader, Writer
from trainwright.server.paging import WHOLE, Limit, Start, page_of
from trainwright.server.run_views import run_detail
from trainwright.server.services import Platform
from trainwright.spec.api import Page, RecipeApply, RunCreate, RunDetail
from trainwright.spec.catalog import Recipe
from trainwright.spec.tasks import Task

router = APIRouter(prefix="/recipes", tags=["recipes"])


@router.get("")
def list_recipes(
    user: Reader,  # noqa: ARG001 (only for those signed in)
    task: Task | None = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = WHOLE,
    cursor: Start = None,
) -> Page[Recipe]:
    """Recipes, by name."""
    return page_of(catalog.recipes(task, q), limit, cursor)


@router.get("/{recipe_id}")
def show(recipe_id: str, user: Reader) -> Recipe:  # noqa: ARG001
    """One recipe."""
    return catalog.recipe(recipe_id)


@router.post("/{recipe_id}/apply", status_code=201)
def apply_recipe(recipe_id: str, body: RecipeApply, user: Writer, services: Platform) -> RunDetail:
    """Start a run by a recipe."""
    applied = catalog.apply_recipe(recipe_id, body.changes)
    asked = RunCreate(
        spec=applied.fields,
        provenance={name: who.value for name, who in applied.chosen.items()},
        reasons=applied.reasons,
        project_id=body.project_id,
        tags=body.tags,
    )
    return run_detail(creation.create_run(services, user, asked))
