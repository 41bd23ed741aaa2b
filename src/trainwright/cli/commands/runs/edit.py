from __future__ import annotations

import click

from trainwright.cli.arguments import runs_argument
from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        "runs edit last --name baseline --tag paper --notes 'best so far'",
        "runs edit last --project shapes",
        "runs edit first second third --tag sweep --project shapes",
    ],
)
@runs_argument
@click.option("--name", help="Another name.")
@click.option("--notes", help="Free text; '' removes it.")
@click.option("--tag", "-t", "tags", multiple=True, help="Add a tag. May be repeated.")
@click.option("--untag", "untags", multiple=True, help="Take a tag away. May be repeated.")
@click.option("--project", help="Put it into this project (name or id); '' takes it out.")
def edit(
    *,
    runs: tuple[str, ...],
    name: str | None,
    notes: str | None,
    tags: tuple[str, ...],
    untags: tuple[str, ...],
    project: str | None,
    as_json: bool,
) -> None:
    """Change the tags or project of each RUN, or the name or notes of one."""
    from trainwright.api.panel.words import counted
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    own = {"name": name, "notes": notes}
    said = any(value is not None for value in own.values())
    moved = bool(tags or untags) or project is not None
    if not said and not moved:
        raise click.UsageError("give --name, --notes, --tag, --untag or --project.")
    if said and len(runs) > 1:
        raise click.UsageError("--name and --notes are of one run.")
    with platform(quiet=as_json) as client:
        ids = [client.run(run).id for run in runs]
        if moved:
            client.edit_runs(ids, add_tags=tags, remove_tags=untags, project=project)
        changed = [client.edit_run(ids[0], **own)] if said else [client.run(one) for one in ids]
    if as_json:
        print_json(changed[0] if len(changed) == 1 else {"runs": changed})
        return
    if len(changed) > 1:
        click.echo(f"{counted(len(changed), 'run')} changed")
        return
    tagged = f", tagged {', '.join(changed[0].tags)}" if changed[0].tags else ""
    click.echo(f"{changed[0].name} ({changed[0].id}) is changed{tagged}")
