from __future__ import annotations

from typing import Any

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        "runs edit last --name baseline --tag paper --notes 'best so far'",
        "runs edit last --project shapes",
    ],
)
@run_argument
@click.option("--name", help="Another name.")
@click.option("--notes", help="Free text; '' removes it.")
@click.option("--tag", "-t", "tags", multiple=True, help="Add a tag. May be repeated.")
@click.option("--untag", "untags", multiple=True, help="Take a tag away. May be repeated.")
@click.option("--project", help="Put it into this project (name or id); '' takes it out.")
def edit(
    *,
    run: str,
    name: str | None,
    notes: str | None,
    tags: tuple[str, ...],
    untags: tuple[str, ...],
    project: str | None,
    as_json: bool,
) -> None:
    """Change the name, notes, tags or project of RUN."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    changes: dict[str, Any] = {"name": name, "notes": notes}
    if project is not None:
        changes["project"] = project
    if not tags and not untags and all(value is None for value in changes.values()):
        raise click.UsageError("give --name, --notes, --tag, --untag or --project.")
    with platform(quiet=as_json) as client:
        before = client.run(run)
        if tags or untags:
            kept = [tag for tag in dict.fromkeys([*before.tags, *tags]) if tag not in untags]
            changes["tags"] = kept
        changed = client.edit_run(before.id, **changes)
    if as_json:
        print_json(changed)
        return
    tagged = f", tagged {', '.join(changed.tags)}" if changed.tags else ""
    click.echo(f"{changed.name} ({changed.id}) is changed{tagged}")
