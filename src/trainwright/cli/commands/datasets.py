from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainwright.cli.command import Group

if TYPE_CHECKING:
    from trainwright.spec.api import DatasetReport


@click.group(cls=Group)
def datasets() -> None:
    """Datasets: sample ones of the catalogue, and registered folders."""


@datasets.command("list")
@click.option("--task", "-t", help="Only datasets for this task.")
@click.option("--search", "-q", "q", help="Search words.")
def list_datasets(task: str | None, q: str | None, as_json: bool) -> None:
    """List datasets."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import console, print_json, show

    with platform(quiet=as_json) as client:
        found = client.datasets(task=task, q=q)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.datasets import dataset_table

    show(dataset_table(found, console().width))


@datasets.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--name", help="Default: the folder's name.")
@click.option("--task", "-t", help="What it is for, where the folder does not say it.")
def add(path: Path, name: str | None, task: str | None, as_json: bool) -> None:
    """Register the folder PATH; its files stay where they are."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        dataset = client.add_dataset(path.resolve(), name, task)
    if as_json:
        print_json(dataset)
    else:
        click.echo(f"{dataset.name} is registered as {dataset.id}; a spec may name it either way")


@datasets.command("show")
@click.argument("dataset")
def show_dataset(dataset: str, as_json: bool) -> None:
    """Everything known of one dataset."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    with platform(quiet=as_json) as client:
        found = client.dataset(dataset)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.datasets import dataset_view

    show(dataset_view(found))


@datasets.command()
@click.argument("dataset")
def validate(dataset: str, as_json: bool) -> None:
    """Check DATASET (an id, or a folder) and report what training would leave out.

    The exit code is 2 when it cannot be trained on.
    """
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    folder = Path(dataset)
    if folder.is_dir():
        outcome = _check_folder(folder.resolve())
    elif dataset.startswith((".", "/", "~")):
        raise click.UsageError(f"there is no folder {dataset}")
    else:
        with platform(quiet=as_json) as client:
            outcome = client.validate_dataset(dataset)
    if as_json:
        print_json(outcome)
    else:
        from trainwright.cli.views.datasets import report_view

        show(report_view(outcome))
    raise SystemExit(0 if outcome.ok else 2)


def _check_folder(folder: Path) -> DatasetReport:
    """Look at a folder without a platform, and without registering it."""
    from trainwright.datasets.checks import check
    from trainwright.settings import load
    from trainwright.spec import RunSpec
    from trainwright.spec.api import DatasetReport

    # any image classifier will do: what matters here does not depend on the model
    spec = RunSpec(model="builtin/basic_cnn", dataset=str(folder))
    report = check(str(folder), spec, home=load().home)
    return DatasetReport(
        dataset_id=str(folder), ok=not report.fatal, report=report.model_dump(mode="json")
    )
