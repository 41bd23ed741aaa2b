from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec import Prediction
    from trainwright.spec.api import RunDetail


@click.command(cls=Command)
@run_argument
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@click.option("--top-k", default=3, show_default=True, type=click.IntRange(1, 1000))
def predict(run: str, inputs: tuple[str, ...], top_k: int, as_json: bool) -> None:
    """Use the model of RUN on image files, or on text for a language model."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    with platform(quiet=as_json) as client:
        detail = client.run(run)
        predictions = _predict(client, detail, inputs, top_k)
    if as_json:
        # the shape of the HTTP API: the first input's at the top level, every input's in `results`
        print_json({**dict(predictions[0]), "run_id": detail.id, "results": predictions})
        return
    from trainwright.cli.views.predictions import predictions_view

    show(predictions_view(inputs, predictions))


def _predict(
    client: Client, run: RunDetail, inputs: tuple[str, ...], top_k: int
) -> list[Prediction]:
    from trainwright.spec import Task

    if run.task in set(Task) and Task(run.task).is_language:
        return client.predict_text(run.id, inputs, top_k)
    return client.predict(run.id, inputs, top_k)
