from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trainwright.client import Client
    from trainwright.spec import Prediction, TrainwrightError
    from trainwright.spec.api import RunDetail


@click.command(
    cls=Command,
    examples=[
        "predict last photo.jpg",
        "predict last --batch ./photos --out results.csv",
        'predict last "Once upon a time"',
    ],
)
@run_argument
@click.argument("inputs", metavar="INPUT…", nargs=-1)
@click.option("--top-k", default=3, show_default=True, type=click.IntRange(1, 1000))
@click.option(
    "--batch",
    metavar="WHAT",
    help="Predict in the background a dataset, a folder, an archive, or a .txt list of files or "
    "URLs; instead of INPUT.",
)
@click.option("--pattern", help="With --batch: only files whose path in it fits, as 'test/*.jpg'.")
@click.option(
    "--out",
    "-o",
    type=click.Path(path_type=Path),
    help="With --batch: save the results here, .csv or .jsonl.",
)
@click.option("--detach", is_flag=True, help="With --batch: do not wait for its end.")
@click.option("--max-tokens", type=click.IntRange(1, 8192), help="Of the answer to each text.")
@click.option(
    "--temperature",
    type=click.FloatRange(0, 2),
    help="Of a language model; by default 0, the same answer every time.",
)
def predict(
    *,
    run: str,
    inputs: tuple[str, ...],
    top_k: int,
    batch: str | None,
    pattern: str | None,
    out: Path | None,
    detach: bool,
    max_tokens: int | None,
    temperature: float | None,
    as_json: bool,
) -> None:
    """Use the model of RUN on images, or on texts where it is a language model.

    An INPUT is an image file, a folder of images, a quoted pattern such as 'photos/*.jpg', or an
    http(s) URL; for a language model, a text that it answers. The exit code is 2 when one of them
    cannot be read; the others have their predictions.
    """
    from trainwright.cli.commands.batches import predict_batch
    from trainwright.cli.connection import platform

    if batch is None:
        if not inputs or pattern or out or detach:
            raise click.UsageError("name an INPUT, or give --batch.")
    elif inputs:
        raise click.UsageError("give either INPUT or --batch.")
    with platform(quiet=as_json, stays=detach) as client:
        detail = client.run(run)
        if batch is not None:
            raise SystemExit(
                predict_batch(
                    client,
                    detail.id,
                    batch,
                    pattern=pattern,
                    top_k=top_k,
                    out=out,
                    detach=detach,
                    as_json=as_json,
                )
            )
        faults: Sequence[TrainwrightError] = ()
        if client.abilities(detail.id).answers == "labels":
            faults, predictions = _predict_images(client, detail, inputs, top_k, quiet=as_json)
        else:  # the platform says why, where there is no model to answer
            predictions = client.predict_text(
                detail.id, inputs, max_tokens=max_tokens, temperature=temperature
            )
    _tell(detail, predictions, faults, as_json=as_json)
    if faults or any(one.error for one in predictions):
        raise SystemExit(2)


def _predict_images(
    client: Client, run: RunDetail, inputs: Sequence[str], top_k: int, *, quiet: bool
) -> tuple[Sequence[TrainwrightError], list[Prediction]]:
    from trainwright.api.inputs import find_inputs
    from trainwright.cli.output import console
    from trainwright.spec.labels import shown

    found = find_inputs(inputs)
    if found.faults and not found.images:
        raise found.faults[0]
    if found.left_out and not quiet:
        more = f" and {len(found.left_out) - 1} more" if len(found.left_out) > 1 else ""
        click.echo(f"left out, as no images: {shown(str(found.left_out[0]))}{more}", err=True)
    err = console(stderr=True)
    if quiet or not err.is_terminal:
        return found.faults, client.predict(run.id, found.images, top_k)
    total = len(found.images)
    with err.status(f"looking at {total} images…") as status:

        def told(done: int) -> None:
            status.update(f"looked at {done} of {total} images…")

        return found.faults, client.predict(run.id, found.images, top_k, on_progress=told)


def _tell(
    run: RunDetail,
    predictions: Sequence[Prediction],
    faults: Sequence[TrainwrightError],
    *,
    as_json: bool,
) -> None:
    from trainwright.cli.output import print_json, show

    if as_json:
        # the shape of the HTTP API: the first input's at the top level, every input's in `results`
        unmet = [_unmet(fault) for fault in faults]
        results = [*predictions, *unmet]
        print_json({**dict(results[0]), "run_id": run.id, "results": results})
        return
    from trainwright.cli.views.predictions import predictions_view
    from trainwright.spec.labels import shown

    show(predictions_view(predictions))
    for message in (*_reasons(predictions), *(fault.message for fault in faults)):
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        click.echo(shown(message), err=True)


def _unmet(fault: TrainwrightError) -> Prediction:
    from trainwright.spec import Prediction

    return Prediction.none_of("", fault)


def _reasons(predictions: Sequence[Prediction]) -> Iterator[str]:
    """Why some have no prediction, each with its input in full."""
    for one in predictions:
        if one.error:
            name, reason = one.input or "", one.error.message
            bare = reason.removeprefix(f"{Path(name).name}: ")
            yield reason if name in reason else f"{name}: {bare}"
