from __future__ import annotations

from pathlib import Path

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        "evaluate last",
        "evaluate last --dataset ./photos",
    ],
)
@run_argument
@click.option("--dataset", "-d", help="Name, id or folder. Default: the run's own held-out data.")
def evaluate(run: str, dataset: str | None, as_json: bool) -> None:
    """Measure the model of RUN."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import console, print_json, show

    if dataset and Path(dataset).is_dir():
        dataset = str(Path(dataset).resolve())  # the platform's working folder is another one
    with platform(quiet=as_json) as client:
        evaluation = client.evaluate(run, dataset)
    if as_json:
        print_json(evaluation)
        return
    from trainwright.cli.views.result import measures, scores_parts

    show(measures(evaluation.metrics))
    show(*scores_parts(evaluation.per_class, evaluation.confusion, console().width))
    for note in evaluation.notes:
        click.echo(f"note: {note}")
