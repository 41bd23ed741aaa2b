from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import confirm, yes_option
from trainwright.cli.command import Group
from trainwright.files import expanded

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec.api import DatasetReport, DatasetView


@click.group(cls=Group)
def datasets() -> None:
    """Datasets: samples of the catalogue, registered folders, archives that were added."""


@datasets.command("list")
@click.option("--task", "-t", help="Only datasets for this task.")
@click.option("--search", "-q", "q", help="Search words.")
@click.option("--trashed", is_flag=True, help="Those in the trash instead.")
def list_datasets(task: str | None, q: str | None, trashed: bool, as_json: bool) -> None:
    """List datasets."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import console, print_json, show

    with platform(quiet=as_json) as client:
        found = client.datasets(task=task, q=q, trashed=trashed)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.datasets import dataset_table

    none = "no dataset is like that: trainwright datasets list"
    show(dataset_table(found, console().width) if found else none)


@datasets.command()
@click.argument("place", metavar="PATH")
@click.option("--name", help="Default: that of the folder, or of the archive.")
@click.option("--task", "-t", help="What it is for, where the folder does not say it.")
def add(place: str, name: str | None, task: str | None, as_json: bool) -> None:
    """Register the folder or archive PATH, and tell what is in it and what is left out.

    The files of a folder stay where they are. An archive (.zip, .tar, .tar.gz, .tar.bz2, .tar.xz)
    is unpacked and kept by the platform; if sending it breaks off, the same command goes on where
    it ended. What is in S3 (s3://bucket/prefix) is fetched by the
    platform when it is validated or first trained on.
    """
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    in_s3 = place.lower().startswith("s3://")
    path = Path(place)
    is_folder = not in_s3 and _is_folder(path)
    with platform(quiet=as_json) as client:
        if in_s3:
            dataset = client.add_dataset(place, name, task)
        elif is_folder:
            dataset = client.add_dataset(expanded(path).resolve(), name, task)
        else:
            dataset = _upload(client, expanded(path), name, task, quiet=as_json)
    if as_json:
        print_json(dataset)
        return
    from trainwright.cli.views.datasets import added_view

    show(added_view(dataset))


def _is_folder(path: Path) -> bool:
    """Whether it is a folder, and not an archive; what is neither is a wrong request."""
    from trainwright.datasets.archives import is_archive
    from trainwright.spec import InvalidRequestError, NotFoundError

    place = expanded(path)
    if place.is_dir():
        return True
    try:
        if is_archive(place):
            return False
    except OSError as error:
        raise NotFoundError(
            f"cannot read {path}: {error.strerror}", expected="a folder, or a zip or tar archive"
        ) from None
    raise InvalidRequestError(
        f"{path} is neither a folder nor an archive that can be read",
        expected="a folder, or a zip or tar archive",
    )


def _upload(
    client: Client, path: Path, name: str | None, task: str | None, *, quiet: bool
) -> DatasetView:
    from trainwright.cli.output import console

    err = console(stderr=True)
    if quiet or not err.is_terminal:
        return client.upload_dataset(path, name, task)
    from trainwright.cli.views.sending import Sending

    with Sending(err, path.stat().st_size) as shown:
        return client.upload_dataset(
            path, name, task, on_progress=shown.progress, on_wait=shown.wait
        )


@datasets.command()
@click.argument("dataset")
@click.option("--now", is_flag=True, help="For good, not into the trash; from the trash too.")
@yes_option
def delete(dataset: str, now: bool, yes: bool, as_json: bool) -> None:
    """Put DATASET into the trash. The files of a registered folder stay in any case."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        found = _to_delete(client, dataset, now=now)
        what = "its files" if found.uploaded else "what is known of it; its files stay"
        confirm(
            f"Delete {found.name} ({found.id}){' for good' if now else ''}, with {what}?", yes=yes
        )
        client.delete_dataset(found.id, now=now)
        days = 0 if now else client.settings().trash_days
    if as_json:
        print_json({"deleted": [found.id]})
        return
    click.echo(f"{found.name} is deleted")
    if days:
        click.echo(f"{days} days in the trash: trainwright datasets restore {found.id}")


def _to_delete(client: Client, ref: str, *, now: bool) -> DatasetView:
    """The dataset that is meant; one in the trash only where it is to go for good."""
    from trainwright.spec import NotFoundError

    try:
        return client.dataset(ref)
    except NotFoundError:
        trashed = client.datasets(trashed=True) if now else []
        for one in sorted(trashed, key=lambda one: (one.id == ref, one.trashed_at), reverse=True):
            if ref in (one.id, one.name):
                return one
        raise


@datasets.command()
@click.argument("dataset")
def restore(dataset: str, as_json: bool) -> None:
    """Take DATASET (its id, or the name it had) out of the trash."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        restored = client.restore_dataset(dataset)
    if as_json:
        print_json(restored)
    else:
        click.echo(f"{restored.name} ({restored.id}) is restored")


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
    if folder.exists():
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
