from __future__ import annotations

from pathlib import Path

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        "runs files last",
        "runs files last --get model.safetensors --out models",
    ],
)
@run_argument
@click.option("--get", "name", metavar="NAME", help="Save this one, by its name or its path.")
@click.option(
    "--out", "-o", type=click.Path(path_type=Path), default=".", help="Where to: a folder or file."
)
def files(run: str, name: str | None, out: Path, as_json: bool) -> None:
    """Files that a run has left, and where the mirror has them too; --get saves one."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show
    from trainwright.cli.views.files import file_table

    with platform(quiet=as_json) as client:
        saved = client.download_artifact(run, name, out) if name else None
        found = [] if saved else client.artifacts(run)
    if saved is not None:
        if as_json:
            print_json({"saved": str(saved)})
        else:
            click.echo(f"saved as {saved}")
    elif as_json:
        print_json(found)
    else:
        show(file_table(found))
