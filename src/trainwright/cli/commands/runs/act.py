"""`runs stop|pause|resume|clone|delete|restore|keep`: changing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from trainwright.cli.arguments import confirm, run_argument, runs_argument, set_option, yes_option
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.spec.api import RunDetail


@click.command(cls=Command)
@run_argument
@click.option("--now", is_flag=True, help="Do not let it save first.")
def stop(run: str, now: bool, as_json: bool) -> None:
    """End RUN. The trainer saves a checkpoint first, so that it can be resumed."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        _say(client.stop(run, now), "is asked to stop", as_json=as_json)


@click.command(cls=Command)
@run_argument
def pause(run: str, as_json: bool) -> None:
    """Save a checkpoint of RUN and free its slot."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        _say(client.pause(run), "is asked to pause", as_json=as_json)


_from_option = click.option(
    "--from",
    "checkpoint",
    metavar="best|last|STEP|NAME",
    help="The checkpoint to go on from.",
)


@click.command(cls=Command, examples=["runs resume last", "runs resume last --from best"])
@run_argument
@_from_option
def resume(run: str, checkpoint: str | None, as_json: bool) -> None:
    """Go on with RUN where it was paused, failed or stopped, or from an earlier checkpoint."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        _say(client.resume(run, checkpoint), "goes on", as_json=as_json)


@click.command(
    cls=Command,
    examples=[
        "runs clone last --set epochs=20 --set name=longer",
        "runs clone last --from best --set epochs=20",
    ],
)
@run_argument
@set_option
@_from_option
def clone(run: str, settings: dict[str, Any], checkpoint: str | None, as_json: bool) -> None:
    """Start a new run with the spec of RUN, and what --set changes; from a checkpoint, if given."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        _say(client.clone(run, settings, checkpoint=checkpoint), "is started", as_json=as_json)


@click.command(
    cls=Command,
    examples=[
        "runs delete first second",
        "runs delete last --now --yes",
    ],
)
@runs_argument
@click.option("--now", is_flag=True, help="For good, not into the trash; from the trash too.")
@yes_option
def delete(runs: tuple[str, ...], now: bool, yes: bool, as_json: bool) -> None:
    """Put each RUN, which must have ended, into the trash, with its files."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        doomed = [client.run(run, trashed=now) for run in runs]
        named = ", ".join(f"{run.name} ({run.id})" for run in doomed)
        confirm(f"Delete {named}, with all files{' for good' if now else ''}?", yes=yes)
        for run in doomed:
            client.delete(run.id, now=now)
        kept = 0 if now else client.settings().trash_days
    _say_deleted(doomed, kept, as_json=as_json)


@click.command(cls=Command, examples=["runs restore last"])
@runs_argument
def restore(runs: tuple[str, ...], as_json: bool) -> None:
    """Take each RUN out of the trash; `last` is the one deleted last."""
    from trainwright.api.panel.words import counted
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        restored = [client.restore(run) for run in runs]
    if as_json:
        print_json({"restored": [run.id for run in restored]})
    else:
        click.echo(f"{counted(len(restored), 'run')} restored")


@click.command(cls=Command, examples=["runs keep last 1200"])
@run_argument
@click.argument("step", type=click.IntRange(min=0))
@click.option("--undo", is_flag=True, help="Leave it to retention again.")
def keep(run: str, step: int, undo: bool, as_json: bool) -> None:
    """Keep the checkpoint of STEP of RUN, whatever retention says."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        kept = client.keep_checkpoint(run, step, keep=not undo)
    if as_json:
        print_json(kept)
        return
    for one in kept:
        click.echo(f"{one.path} is {'left to retention' if undo else 'kept'}")


def _say(run: RunDetail, what: str, *, as_json: bool) -> None:
    from trainwright.cli.output import print_json
    from trainwright.cli.program import runnable

    if as_json:
        print_json(run)
    else:
        see = runnable(f"trainwright runs watch {run.id}")
        click.echo(f"{run.name} ({run.id}) {what}; see it with: {see}")


def _say_deleted(runs: list[Any], days: int, *, as_json: bool) -> None:
    """Say what was deleted, and for how many days it can be had back."""
    from trainwright.api.panel.words import counted
    from trainwright.cli.output import print_json
    from trainwright.cli.program import runnable

    if as_json:
        print_json({"deleted": [run.id for run in runs]})
        return
    click.echo(f"deleted {counted(len(runs), 'run')}")
    if days and runs:
        again = runnable(f"trainwright runs restore {' '.join(run.id for run in runs)}")
        click.echo(f"in the trash for {counted(days, 'day')}; to undo: {again}")
