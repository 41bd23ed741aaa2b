"""`runs list|show|watch|diagnose`: looking, changing nothing."""

from __future__ import annotations

from typing import Literal

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command


@click.command(
    "list",
    cls=Command,
    examples=[
        "runs list --status failed --limit 5",
    ],
)
@click.option("--status", "-s", multiple=True, help="Only this status. May be repeated.")
@click.option("--task", "-t", help="Only runs of this task.")
@click.option("--search", "-q", "q", help="Search words in names and sentences.")
@click.option("--trashed", is_flag=True, help="Those in the trash instead.")
@click.option("--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 1000))
def list_runs(
    *,
    status: tuple[str, ...],
    task: str | None,
    q: str | None,
    trashed: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List runs, newest first."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import console, print_json, show

    with platform(quiet=as_json) as client:
        page = client.runs_page(
            limit=limit, status=list(status) or None, task=task, q=q, trashed=trashed
        )
    if as_json:
        print_json(page.items)
        return
    from trainwright.cli.views.runs import run_table

    show(run_table(page.items, console().width))
    if page.next_cursor:
        click.echo(f"(the newest {limit}; see more with --limit)")


@click.command(cls=Command)
@run_argument
def show(run: str, as_json: bool) -> None:
    """Everything about RUN: spec, status, measures, checkpoints, artifacts."""
    from trainwright.cli.connection import folder_of, platform
    from trainwright.cli.output import console, print_json
    from trainwright.cli.output import show as print_views

    with platform(quiet=as_json) as client:
        detail = client.run(run)
        result = client.result(detail.id)
        checkpoints = client.checkpoints(detail.id)
        alerts = client.alerts(detail.id, state="open")
    if as_json:
        told = {"result": result, "checkpoints": checkpoints, "alerts": alerts}
        print_json({**dict(detail), **told})
        return
    from trainwright.cli.views.alerts import alert_lines
    from trainwright.cli.views.runs import run_view

    folder = folder_of(detail.id)
    views = [run_view(detail, result, checkpoints, console().width, folder)]
    print_views(*views, *([alert_lines(alerts)] if alerts else []))


@click.command(
    cls=Command,
    examples=[
        "runs watch last",
    ],
)
@run_argument
def watch(run: str, as_json: bool) -> None:
    """Follow RUN until it ends; Ctrl-C stops looking, not training. With --json, its events.

    The exit code is 1 unless the run completed.
    """
    from trainwright.api.panel.follow import follow
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json
    from trainwright.spec import RunStatus

    with platform(quiet=as_json) as client:
        detail = client.run(run)
        try:
            if as_json:
                for event in client.events(detail.id):
                    print_json(event)
            else:
                follow(client, detail)
        except KeyboardInterrupt:
            click.echo(f"no longer watching; {detail.name} goes on", err=True)
            raise SystemExit(130) from None
        ended = client.run(detail.id)
    raise SystemExit(0 if ended.status == RunStatus.COMPLETED else 1)


@click.command(cls=Command)
@run_argument
@click.option(
    "--language", type=click.Choice(["en", "ko"]), default="en", help="Of the words: en or ko."
)
def diagnose(run: str, language: Literal["en", "ko"], as_json: bool) -> None:
    """What went wrong with RUN, the evidence, and what to do."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    with platform(quiet=as_json) as client:
        diagnosis = client.diagnose(run, language)
    if as_json:
        print_json(diagnosis)
        return
    from trainwright.cli.views.runs import diagnosis_view

    show(diagnosis_view(diagnosis))
