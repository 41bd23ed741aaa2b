from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trainwright.client import Client
    from trainwright.spec.api import Evaluation


def _mapping(ctx: click.Context, param: click.Parameter, value: Iterable[str]) -> dict[str, str]:
    classes = {}
    for item in value:
        theirs, equals, ours = item.partition("=")
        if not equals or not theirs:
            raise click.BadParameter(f"{item!r} is not THEIRS=OURS", ctx, param)
        classes[theirs] = ours
    return classes


@click.command(
    cls=Command,
    examples=[
        "evaluate last",
        "evaluate last --dataset ./photos --map kitten=cat --map blurred=",
    ],
)
@run_argument
@click.option("--dataset", "-d", help="Name, id or folder. Default: the run's own held-out data.")
@click.option(
    "--map",
    "classes",
    multiple=True,
    metavar="THEIRS=OURS",
    callback=_mapping,
    help="A class of the dataset that the model knows by another name; THEIRS= leaves it out.",
)
def evaluate(run: str, dataset: str | None, classes: dict[str, str], as_json: bool) -> None:
    """Measure the model of RUN; what came out is kept with it, and told by `runs show`."""
    from trainwright.api.fields import data_seen_from_here
    from trainwright.cli.connection import platform
    from trainwright.cli.output import console, print_json, show

    if dataset is not None:
        dataset = data_seen_from_here(dataset)
    with platform(quiet=as_json) as client:
        evaluation = _measured(client, run, dataset, classes, quiet=as_json)
    if as_json:
        print_json(evaluation)
        return
    from trainwright.cli.views.result import measures, scores_parts

    show(measures(evaluation.metrics))
    show(*scores_parts(evaluation.per_class, evaluation.confusion, console().width))
    for note in evaluation.notes:
        click.echo(f"note: {note}")


def _measured(
    client: Client, run: str, dataset: str | None, classes: dict[str, str], *, quiet: bool
) -> Evaluation:
    from trainwright.cli.output import console

    err = console(stderr=True)
    if quiet or not err.is_terminal:
        return client.evaluate(run, dataset, classes)
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        bar = progress.add_task("measuring", total=None)

        def told(done: int, total: int) -> None:
            progress.update(bar, completed=done, total=total)

        return client.evaluate(run, dataset, classes, on_progress=told)
