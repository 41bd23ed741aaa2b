"""`batches`: predictions of very many inputs, and the part of `predict` that begins them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from trainwright.cli.arguments import run_argument, yes_option
from trainwright.cli.command import Group

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec.api import BatchView

batch_argument = click.argument("batch", metavar="[BATCH]", default="last")
"""A batch's id, or the run's newest."""


@click.group(cls=Group)
def batches() -> None:
    """Predictions of very many inputs, begun by `trainwright predict RUN --batch DATASET`."""


@batches.command("list")
@run_argument
def list_batches(run: str, as_json: bool) -> None:
    """The batches of RUN, newest first."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    with platform(quiet=as_json) as client:
        found = client.batches(run)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.batches import batch_table

    show(batch_table(found) if found else "no batches yet: trainwright predict --help")


@batches.command()
@run_argument
@batch_argument
def show(run: str, batch: str, as_json: bool) -> None:
    """How far BATCH (default: the newest) of RUN is."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        tell(client.batch(run, batch), as_json=as_json)


@batches.command()
@run_argument
@batch_argument
def watch(run: str, batch: str, as_json: bool) -> None:
    """Follow BATCH until it ends; Ctrl-C stops looking, not predicting."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        ended = follow(client, client.batch(run, batch), quiet=as_json)
        tell(ended, as_json=as_json)
    raise SystemExit(exit_code(ended))


@batches.command()
@run_argument
@batch_argument
@click.option("--out", "-o", required=True, type=click.Path(path_type=Path), help="File to write.")
def results(run: str, batch: str, out: Path, as_json: bool) -> None:
    """Save what has been answered so far: CSV where the file's name ends so, else JSON lines."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        view = client.batch(run, batch)
        save(client, view, out)
        tell(view, as_json=as_json, out=out)


@batches.command()
@run_argument
@batch_argument
def cancel(run: str, batch: str, as_json: bool) -> None:
    """End BATCH; what has been answered stays."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        tell(client.cancel_batch(run, batch), as_json=as_json)


@batches.command()
@run_argument
@batch_argument
def resume(run: str, batch: str, as_json: bool) -> None:
    """Go on with a failed or cancelled BATCH, where it ended."""
    from trainwright.cli.connection import platform

    with platform(quiet=as_json) as client:
        tell(client.resume_batch(run, batch), as_json=as_json)


@batches.command()
@run_argument
@click.argument("batch")
@yes_option
def delete(run: str, batch: str, yes: bool, as_json: bool) -> None:
    """End BATCH if it is at work, and delete its results."""
    from trainwright.cli.arguments import confirm
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json
    from trainwright.cli.views.batches import batch_line

    with platform(quiet=as_json) as client:
        view = client.batch(run, batch)
        confirm(f"Delete the results of {batch_line(view)}?", yes=yes)
        client.delete_batch(run, view.id)
    if as_json:
        print_json({"deleted": [view.id]})
    else:
        click.echo(f"{view.id} is deleted")


def predict_batch(
    client: Client,
    run_id: str,
    what: str,
    *,
    pattern: str | None,
    top_k: int,
    out: Path | None,
    detach: bool,
    as_json: bool,
) -> int:
    """Begin a batch, follow it and save its results; the command's exit code."""
    from trainwright.api.batch import begin_batch

    view = begin_batch(client, run_id, what, pattern=pattern, top_k=top_k)
    if not detach:
        view = follow(client, view, quiet=as_json)
    if out is not None and view.status.has_ended:
        save(client, view, out)
    tell(view, as_json=as_json, out=out if view.status.has_ended else None)
    return exit_code(view)


def follow(client: Client, view: BatchView, *, quiet: bool) -> BatchView:
    """Wait for the end of a batch, with a bar where there is a terminal."""
    from trainwright.cli.output import console

    err = console(stderr=True)
    try:
        if quiet or not err.is_terminal:
            return client.wait_batch(view.run_id, view.id)
        return _with_bar(client, view)
    except KeyboardInterrupt:
        click.echo(f"no longer watching; batch {view.id} goes on with its platform", err=True)
        raise SystemExit(130) from None


def _with_bar(client: Client, view: BatchView) -> BatchView:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from trainwright.api.panel.words import duration
    from trainwright.cli.output import console

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        bar = progress.add_task("predicting", total=view.total, left="")

        def told(now: BatchView) -> None:
            left = "" if now.eta_seconds is None else f"{duration(now.eta_seconds)} left"
            progress.update(bar, completed=now.done, left=left)

        return client.wait_batch(view.run_id, view.id, on_progress=told)


def save(client: Client, view: BatchView, out: Path) -> None:
    kind: Literal["csv", "jsonl"] = "csv" if out.suffix.lower() == ".csv" else "jsonl"
    client.download_batch(view.run_id, view.id, out=out, format=kind)


def tell(view: BatchView, *, as_json: bool, out: Path | None = None) -> None:
    from trainwright.cli.output import print_json
    from trainwright.cli.program import remedy, runnable
    from trainwright.cli.views.batches import batch_line

    if as_json:
        print_json(view)
        return
    click.echo(batch_line(view))
    if view.error:
        click.secho("error: ", fg="red", bold=True, nl=False, err=True)
        click.echo(view.error.message, err=True)
        if view.error.mend:
            click.echo(remedy(view.error.mend), err=True)
    if out is not None:
        click.echo(f"results: {out}")
    elif view.done:
        kept = f"trainwright batches results {view.run_id} {view.id} --out results.jsonl"
        click.echo(runnable(f"save the results with: {kept}"))
    if not view.status.has_ended:
        click.echo(runnable(f"follow it with: trainwright batches watch {view.run_id} {view.id}"))


def exit_code(view: BatchView) -> int:
    """1 the batch failed, 2 an input was wrong, as of other commands."""
    from trainwright.spec.api import BatchStatus

    if view.status is BatchStatus.FAILED:
        return 1
    return 2 if view.failed else 0
