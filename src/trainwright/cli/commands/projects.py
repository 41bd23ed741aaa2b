"""`projects`: names that runs are grouped under."""

from __future__ import annotations

import click

from trainwright.cli.arguments import confirm, yes_option
from trainwright.cli.command import Group


@click.group(cls=Group)
def projects() -> None:
    """Projects. A run gets into one by `trainwright runs edit RUN --project PROJECT`."""


@projects.command("list")
def list_projects(as_json: bool) -> None:
    """Projects by name, and how many runs are in each."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        found = client.projects()
    if as_json:
        print_json(found)
        return
    rows = [(one.name, one.id, one.runs or 0, one.description or "") for one in found]
    shown = table(("project", "id", "runs", "description"), rows, right="runs")
    show(shown if found else "no projects yet: trainwright projects add NAME")


@projects.command()
@click.argument("name")
@click.option("--description", "-d", help="What it is about.")
def add(name: str, description: str | None, as_json: bool) -> None:
    """Begin the project NAME."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        made = client.add_project(name, description)
    if as_json:
        print_json(made)
    else:
        click.echo(f"project {made.name} ({made.id}) is made")


@projects.command()
@click.argument("project")
@click.option("--name", help="Another name.")
@click.option("--description", "-d", help="Another description.")
def edit(project: str, name: str | None, description: str | None, as_json: bool) -> None:
    """Give PROJECT (its name or id) another name or description."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    if name is None and description is None:
        raise click.UsageError("give --name or --description.")
    with platform(quiet=as_json) as client:
        changed = client.edit_project(project, name=name, description=description)
    if as_json:
        print_json(changed)
    else:
        click.echo(f"project {changed.name} ({changed.id}) is changed")


@projects.command()
@click.argument("project")
@yes_option
def delete(project: str, yes: bool, as_json: bool) -> None:
    """Remove PROJECT; its runs and datasets stay, without one."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        found = client.project(project)
        confirm(f"Remove the project {found.name}? Its runs stay.", yes=yes)
        client.delete_project(found.id)
    if as_json:
        print_json({"deleted": [found.id]})
    else:
        click.echo(f"project {found.name} is removed")
