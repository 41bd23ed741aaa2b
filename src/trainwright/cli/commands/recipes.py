from __future__ import annotations

from typing import Any

import click

from trainwright.cli.arguments import set_option
from trainwright.cli.command import Command, Group


@click.group(cls=Group)
def recipes() -> None:
    """Settings that are known to work, ready to start."""


@recipes.command("list")
@click.option("--task", "-t", help="Only recipes for this task.")
@click.option("--search", "-q", "q", help="Search words.")
def list_recipes(*, task: str | None, q: str | None, as_json: bool) -> None:
    """List recipes."""
    from trainwright import catalog
    from trainwright.cli.output import print_json, show

    found = catalog.recipes(task, q)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.recipes import recipe_table

    show(recipe_table(found) if found else "no recipe is like that: trainwright recipes list")


@recipes.command("show")
@click.argument("recipe_id", metavar="RECIPE")
def show_recipe(recipe_id: str, as_json: bool) -> None:
    """One recipe with all its settings."""
    from trainwright import catalog
    from trainwright.cli.output import print_json, show

    found = catalog.recipe(recipe_id)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.recipes import recipe_view

    show(recipe_view(found))


@recipes.command("apply", cls=Command)
@click.argument("recipe_id", metavar="RECIPE")
@set_option
@click.option("--yes", "-y", is_flag=True, help="Ask nothing, start at once.")
@click.option("--detach", "-d", is_flag=True, help="Start it and return; the platform stays.")
def apply_recipe(
    recipe_id: str, *, settings: dict[str, Any], yes: bool, detach: bool, as_json: bool
) -> None:
    """Train by RECIPE; --set changes what it says, and gives it the data it asks for."""
    from trainwright.api.request import read_recipe
    from trainwright.cli.commands.train import start
    from trainwright.cli.output import is_interactive

    request = read_recipe(recipe_id, settings)
    start(request, ask=is_interactive() and not (yes or as_json), detach=detach, as_json=as_json)
