"""Recipes: whole settings that are known to work, one YAML file each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from trainwright import spec
from trainwright.catalog.reasons import reason
from trainwright.catalog.search import key
from trainwright.spec import Chosen, Fault, NotFoundError, SpecError, Task, nearest
from trainwright.spec.catalog import Recipe
from trainwright.spec.runspec import unnest


@dataclass(frozen=True)
class Applied:
    """Spec fields of a recipe with a person's changes, who chose each, and why."""

    fields: dict[str, Any]
    chosen: dict[str, Chosen]
    reasons: dict[str, str]


@cache
def _shelf() -> dict[str, Recipe]:
    folder = files(__package__) / "data" / "recipes"
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = entry.name.removesuffix(".yaml")
        found[name] = Recipe(id=name, **spec.parse_yaml(entry.read_text("utf-8")))
    return found


def recipes(task: Task | str | None = None, q: str | None = None) -> list[Recipe]:
    """Recipes there are.

    Args:
        task: Only those for this task.
        q: Words that all must be in its id, titles, descriptions, tags, model or dataset.
    """
    wanted = None if task is None else Task(task)
    words = [key(word) for word in (q or "").split()]
    return [
        recipe
        for recipe in _shelf().values()
        if (wanted is None or recipe.spec.get("task") == wanted)
        and all(word in _text(recipe) for word in words)
    ]


def _text(recipe: Recipe) -> str:
    said = (
        recipe.id,
        recipe.title,
        recipe.title_ko,
        recipe.description,
        recipe.description_ko,
        *recipe.tags,
        *(str(recipe.spec.get(name, "")) for name in ("task", "model", "dataset")),
    )
    return key(" ".join(said))


def recipe(recipe_id: str) -> Recipe:
    """One recipe by its id.

    Raises:
        NotFoundError: There is no such recipe; the nearest are in `expected`.
    """
    found = _shelf().get(recipe_id.strip().lower())
    if found is None:
        raise NotFoundError(
            f"there is no recipe {recipe_id!r}",
            field="recipe",
            expected=", ".join(nearest(recipe_id, list(_shelf())) or _shelf()),
            mend="trainwright recipes list",
        )
    return found


def apply_recipe(recipe_id: str, changes: Mapping[str, Any]) -> Applied:
    """A recipe's fields with changes that win; what the recipe says is a default.

    Args:
        recipe_id: Of the recipe.
        changes: Spec fields, nested or flat.

    Raises:
        NotFoundError: There is no such recipe.
        SpecError: A field that the recipe asks for is not given.
    """
    made = recipe(recipe_id)
    said = unnest(changes)
    if missing := [name for name in made.asks if said.get(name) is None]:
        raise SpecError(
            Fault(
                field=name,
                code="missing",
                message=f"the recipe {made.id} is for a {name} of yours",
                mend=f"trainwright recipes apply {made.id} --set {name}=…",
            )
            for name in missing
        )
    own = {name: value for name, value in unnest(made.spec).items() if name not in said}
    # a length said in the other unit takes the recipe's place
    if "epochs" in said or "max_steps" in said:
        own = {name: value for name, value in own.items() if name not in ("epochs", "max_steps")}
    return Applied(
        fields=own | said,
        chosen=dict.fromkeys(own, Chosen.DEFAULT) | dict.fromkeys(said, Chosen.USER),
        reasons={name: reason("recipe", "en", recipe=made.id) for name in own},
    )
