from __future__ import annotations

import click

from trainwright.cli.command import Group

_SHOWN = 40


@click.group(cls=Group)
def models() -> None:
    """Models that can be trained."""


@models.command("list")
@click.option("--task", "-t", help="Only models for this task.")
@click.option("--framework", "-f", help="Only models of this framework.")
@click.option("--search", "-q", "q", help="Search words.")
@click.option("--installed", is_flag=True, help="Only models that can be trained here, now.")
@click.option(
    "--limit", "-n", type=click.IntRange(min=1), help=f"Default: {_SHOWN}; with --json, all."
)
def list_models(
    *,
    task: str | None,
    framework: str | None,
    q: str | None,
    installed: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List models, installed ones first."""
    from trainwright.cli.output import print_json, show
    from trainwright.frameworks.inventory import find_models

    found = [m for m in find_models(task, framework, q) if m.installed or not installed]
    if as_json:
        print_json(found[:limit])
        return
    from trainwright.cli.views.models import model_table

    some = found[: limit or _SHOWN]
    show(model_table(some) if found else "no model is like that: trainwright models list")
    if len(some) < len(found):
        click.echo(f"({len(some)} of {len(found)}; see --search, --task, --installed, --limit)")


@models.command("show")
@click.argument("model_id", metavar="MODEL")
def show_model(model_id: str, as_json: bool) -> None:
    """Everything known of one model, with the settings it offers."""
    from trainwright.cli.output import print_json, show
    from trainwright.frameworks.inventory import find_model

    info = find_model(model_id)
    if as_json:
        print_json(info)
        return
    from trainwright.cli.views.models import model_view

    show(model_view(info))
