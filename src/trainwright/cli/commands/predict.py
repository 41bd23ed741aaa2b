from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainwright.client import Client
    from trainwright.spec import Prediction
    from trainwright.spec.api import RunDetail


@click.command(cls=Command)
@run_argument
@click.argument("inputs", metavar="INPUT…", nargs=-1, required=True)
@click.option("--top-k", default=3, show_default=True, type=click.IntRange(1, 1000))
def predict(run: str, inputs: tuple[str, ...], top_k: int, as_json: bool) -> None:
    """Use the model of RUN on image files, or on text for a language model.

    The exit code is 2 when one of them cannot be read; the others have their predictions.
    """
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    with platform(quiet=as_json) as client:
        detail = client.run(run)
        predictions = _predict(client, detail, inputs, top_k)
    if as_json:
        # the shape of the HTTP API: the first input's at the top level, every input's in `results`
        print_json({**dict(predictions[0]), "run_id": detail.id, "results": predictions})
    else:
        from trainwright.cli.views.predictions import predictions_view

        show(predictions_view(inputs, predictions))
        _say_faults(inputs, predictions)
    if any(one.error for one in predictions):
        raise SystemExit(2)


def _say_faults(inputs: Sequence[str], predictions: Sequence[Prediction]) -> None:
    for path, one in zip(inputs, predictions, strict=True):
        if one.error:
            click.secho("error: ", fg="red", bold=True, nl=False, err=True)
            reason = one.error.message
            click.echo(reason if path in reason else f"{path}: {_without(path, reason)}", err=True)


def _without(path: str, reason: str) -> str:
    """The reason without the bare name of the file, which stands before it in full."""
    return reason.removeprefix(f"{Path(path).name}: ")


def _predict(
    client: Client, run: RunDetail, inputs: tuple[str, ...], top_k: int
) -> list[Prediction]:
    from trainwright.spec import Task

    if run.task in set(Task) and Task(run.task).is_language:
        return client.predict_text(run.id, inputs, top_k)
    return client.predict(run.id, inputs, top_k)
