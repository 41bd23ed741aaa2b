"""Recipes: a table of them, and one whole."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.cli.program import runnable
from trainwright.cli.views.spec import shown
from trainwright.spec.catalog import Recipe


def recipe_table(recipes: Sequence[Recipe]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("recipe", "model", "data", "what"):
        table.add_column(name)
    for recipe in recipes:
        data = recipe.spec.get("dataset") or ("yours" if "dataset" in recipe.asks else "–")
        table.add_row(recipe.id, str(recipe.spec.get("model", "–")), str(data), recipe.title)
    return table


def recipe_view(recipe: Recipe) -> RenderableType:
    facts = {
        **{name: shown(value) for name, value in recipe.spec.items()},
        "needs": f"{recipe.needs.gpus} GPU" if recipe.needs.gpus else None,
        "reaches": shown(recipe.expected) if recipe.expected else None,
        "from": recipe.source,
        "tags": ", ".join(recipe.tags) or None,
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in facts.items():
        if value is not None:
            table.add_row(Text(name, style="dim"), Text(value))
    given = "".join(f" --set {name}=…" for name in recipe.asks)
    command = runnable(f"trainwright recipes apply {recipe.id}{given}")
    head = Text.assemble((recipe.id, "bold"), f"  {recipe.title}")
    return Group(head, Text(recipe.description), Text(), table, Text(), Text(command, style="cyan"))
