"""`runs prune`: many runs at once, by policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from trainwright.cli.arguments import confirm, yes_option
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.spec.api.storage import Pruned

_ENDED = ("completed", "failed", "stopped", "paused")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "": 1.0}
_LISTED = 20


def _days(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    found = re.fullmatch(r"(\d{1,5})([hdw]?)", value.strip().lower())
    if found is None:
        raise click.BadParameter(f"{value!r} is not an age such as 30d, 12h or 2w", ctx, param)
    return int(found[1]) * _DAYS[found[2]]


@click.command(
    cls=Command,
    examples=[
        "runs prune --status failed --older-than 30d",
        "runs prune --status completed --keep-best 3 --dry-run",
        "runs prune --checkpoints",
    ],
)
@click.option(
    "--status",
    "-s",
    multiple=True,
    default=("failed",),
    show_default=True,
    type=click.Choice(_ENDED),
    help="Which runs. May be repeated.",
)
@click.option("--older-than", callback=_days, metavar="AGE", help="Such as 30d, 12h or 2w.")
@click.option(
    "--keep-best",
    default=0,
    type=click.IntRange(0, 10_000),
    metavar="N",
    help="Spare the best so many of each task and dataset.",
)
@click.option(
    "--checkpoints",
    is_flag=True,
    help="Of all ended runs, only checkpoints that are neither the best nor among the last.",
)
@click.option("--trashed", is_flag=True, help="Those in the trash, for good.")
@click.option("--now", is_flag=True, help="For good, not into the trash.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@yes_option
def prune(*, dry_run: bool, yes: bool, as_json: bool, **asked: Any) -> None:
    """Delete ended runs by status, age and merit, with their files."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json
    from trainwright.spec.api.storage import PruneRequest

    asked["older_than_days"] = asked.pop("older_than")
    request = PruneRequest(**asked | {"status": list(asked["status"])})
    with platform(quiet=as_json) as client:
        pruned = client.prune(request)
        if not as_json:
            _show(pruned)
        if not dry_run and pruned.runs:
            confirm(_question(pruned), yes=yes)
            pruned = client.prune(request.model_copy(update={"dry_run": False}))
    if as_json:
        # nothing to delete is nothing deleted
        gone = pruned if dry_run or pruned.runs else pruned.model_copy(update={"dry_run": False})
        deleted = [] if dry_run or request.checkpoints else [run.run_id for run in pruned.runs]
        print_json({"deleted": deleted, **gone.model_dump(mode="json")})
    elif not dry_run:
        _say(pruned)


def _question(pruned: Pruned) -> str:
    from trainwright.api.panel.words import counted, size

    if pruned.checkpoints:
        return f"Delete {counted(pruned.checkpoints, 'checkpoint')}, {size(pruned.bytes)}?"
    return f"Delete {counted(len(pruned.runs), 'run')}, with all files?"


def _show(pruned: Pruned) -> None:
    from trainwright.api.panel.words import counted, size
    from trainwright.cli.output import show, table

    if not pruned.runs:
        click.echo("there is nothing to delete")
        return
    rows = [(r.run_id, r.name, r.status, size(r.bytes)) for r in pruned.runs[:_LISTED]]
    show(table(("run", "name", "status", "size"), rows, right="size"))
    if len(pruned.runs) > _LISTED:
        click.echo(f"and {len(pruned.runs) - _LISTED} more")
    what = counted(len(pruned.runs), "run")
    if pruned.checkpoints:
        what = f"{counted(pruned.checkpoints, 'checkpoint')} of {what}"
    click.echo(f"{what}, {size(pruned.bytes)}")


def _say(pruned: Pruned) -> None:
    from trainwright.api.panel.words import counted, size
    from trainwright.cli.program import runnable

    if not pruned.runs:
        return
    what, number = ("checkpoint", pruned.checkpoints) if pruned.checkpoints else ("run", 0)
    click.echo(f"deleted {counted(number or len(pruned.runs), what)}")
    if pruned.trash_days:
        empty = runnable("trainwright runs prune --trashed")
        days = counted(pruned.trash_days, "day")
        click.echo(f"{size(pruned.bytes)} are free in {days}, or with: {empty}")
    else:
        click.echo(f"{size(pruned.bytes)} are free")
