"""`backup` and `restore`: the whole platform of this home, in a file or a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.backup import Created, Restored

_PARTS = ("checkpoints", "datasets", "secrets")
_LISTED = 5


@click.command(
    cls=Command,
    examples=[
        "backup /mnt/backups/monday.tar.zst",
        "backup /mnt/backups/whole --with checkpoints --with datasets",
    ],
)
@click.argument("path", metavar="FILE.tar.zst|FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--with",
    "parts",
    multiple=True,
    type=click.Choice(_PARTS),
    help="Take these along too. May be repeated.",
)
@click.option(
    "--objects/--no-objects",
    default=True,
    help="Fetch what only the object store has of runs.",
    show_default=True,
)
def backup(path: Path, parts: tuple[str, ...], objects: bool, as_json: bool) -> None:
    """Back up runs, their records and models, and all else of this home, while it is in use.

    Checkpoints come along of runs that are paused or under way, of others with `--with
    checkpoints`; downloaded and uploaded datasets with `--with datasets`; the token and the keys
    with `--with secrets`. Models and records that this disk has lost, and the object store
    (`S3_BUCKET`) has, are fetched from there. The result can be restored onto SQLite and PostgreSQL
    alike.
    """
    from trainwright.cli.server_extra import require_server

    require_server()
    from trainwright.backup import Part, create
    from trainwright.cli.output import print_json
    from trainwright.settings import load

    created = create(load(), path.expanduser(), [Part(part) for part in parts], objects=objects)
    if as_json:
        print_json(_created(created))
        return
    from trainwright.api.panel.words import counted, size

    manifest = created.manifest
    files, runs = counted(len(manifest.members), "file"), counted(manifest.runs, "run")
    click.echo(f"{created.path}: {runs}, {files}, {size(created.bytes)} unpacked")
    if manifest.open_runs:
        under_way = counted(len(manifest.open_runs), "run")
        click.echo(f"{under_way} under way; restored, they can be resumed from their checkpoints")
    for name, why in manifest.left_out.items():
        click.echo(f"  without {name}: {why}")


@click.command(
    cls=Command,
    examples=[
        "restore /mnt/backups/monday.tar.zst",
        "restore /mnt/backups/monday.tar.zst --into /data/trainwright",
    ],
)
@click.argument("path", metavar="FILE.tar.zst|FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--into",
    "home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Another home than this one.",
)
@click.option("--force", is_flag=True, help="Keep what is there aside, instead of refusing.")
def restore(path: Path, home: Path | None, force: bool, as_json: bool) -> None:
    """Bring a backup back, once every byte of it is found to be what was backed up.

    It is all there afterwards, or nothing is changed. An older schema is upgraded.
    """
    from trainwright.cli.server_extra import require_server

    require_server()
    from trainwright.backup import restore as bring_back
    from trainwright.cli.output import print_json
    from trainwright.settings import load

    settings = load()
    if home is not None:
        settings = settings.model_copy(update={"trainwright_home": home.expanduser().absolute()})
    restored = bring_back(settings, path.expanduser(), force=force)
    if as_json:
        print_json(_restored(restored))
        return
    from trainwright.api.panel.words import counted
    from trainwright.cli.program import runnable

    when = f"{restored.manifest.created_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"back in {restored.home}: {counted(restored.manifest.runs, 'run')}, as of {when}")
    if restored.aside is not None:
        click.echo(f"what was there before is in {restored.aside}")
    for run_id in restored.ended[:_LISTED]:
        click.echo(f"it was under way: {runnable(f'trainwright runs resume {run_id}')}")
    if len(restored.ended) > _LISTED:
        more = runnable("trainwright runs list --status failed")
        click.echo(f"and {len(restored.ended) - _LISTED} more: {more}")


def _created(created: Created) -> dict[str, Any]:
    manifest = created.manifest.model_dump(mode="json", exclude={"members"})
    members = len(created.manifest.members)
    return {"path": str(created.path), "bytes": created.bytes, "files": members, **manifest}


def _restored(restored: Restored) -> dict[str, Any]:
    manifest = restored.manifest.model_dump(mode="json", exclude={"members"})
    aside = str(restored.aside) if restored.aside else None
    ended = {"aside": aside, "resumable": restored.ended}
    return {"home": str(restored.home), **ended, "backup": manifest}
