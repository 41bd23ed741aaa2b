"""`runs list|show|watch|diagnose`: looking, changing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.spec.api import RunDetail


@click.command(
    "list",
    cls=Command,
    examples=[
        "runs list --status failed --limit 5",
    ],
)
@click.option("--status", "-s", multiple=True, help="Only this status. May be repeated.")
@click.option("--task", "-t", help="Only runs of this task.")
@click.option("--model", "-m", help="Only runs of this model, or of this framework.")
@click.option("--tag", "tags", multiple=True, help="Only runs with this tag. May be repeated.")
@click.option("--project", "-p", help="Only runs of this project, by its name or id.")
@click.option("--search", "-q", "q", help="Search words in names, sentences and notes.")
@click.option("--trashed", is_flag=True, help="Those in the trash instead.")
@click.option("--limit", "-n", default=20, show_default=True, type=click.IntRange(1, 1000))
def list_runs(
    *,
    status: tuple[str, ...],
    task: str | None,
    model: str | None,
    tags: tuple[str, ...],
    project: str | None,
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
            limit=limit,
            status=list(status) or None,
            task=task,
            model=model,
            tags=list(tags) or None,
            project=project,
            q=q,
            trashed=trashed,
        )
    if as_json:
        print_json(page.items)
        return
    from trainwright.cli.views.runs import run_table

    if page.items:
        show(run_table(page.items, console().width))
    elif trashed or status or task or model or tags or project or q:
        show("no run is like that: trainwright runs list")
    else:
        show('no runs yet: trainwright train "Classify handwritten digits with LeNet-5, 5 epochs"')
    if page.next_cursor:
        click.echo(f"(the newest {limit}; see more with --limit)")


@click.command(
    cls=Command,
    examples=[
        "runs show last --provenance",
    ],
)
@run_argument
@click.option(
    "--provenance", is_flag=True, help="How it came about: code, data, packages, machine."
)
def show(run: str, provenance: bool, as_json: bool) -> None:
    """Everything about RUN: spec, status, measures, checkpoints, artifacts."""
    from trainwright.cli.connection import folder_of, platform
    from trainwright.cli.output import console, print_json
    from trainwright.cli.output import show as print_views

    with platform(quiet=as_json) as client:
        detail = client.run(run)
        if provenance:
            _show_provenance(detail, as_json=as_json)
            return
        result = client.result(detail.id)
        checkpoints = client.checkpoints(detail.id)
        alerts = client.alerts(detail.id, state="open")
        evaluations = client.evaluations(detail.id)
    if as_json:
        told = {"result": result, "checkpoints": checkpoints, "alerts": alerts}
        told |= {"evaluations": evaluations}
        print_json({**dict(detail), **told})
        return
    from trainwright.cli.views.alerts import alert_lines
    from trainwright.cli.views.evaluations import evaluation_table
    from trainwright.cli.views.runs import run_view

    folder = folder_of(detail.id)
    views = [run_view(detail, result, checkpoints, console().width, folder)]
    news = [alert for alert in alerts if alert.rule != "failed"]  # the run's own view says why
    print_views(*views, *([alert_lines(news)] if news else []))
    if evaluations:
        print_views(evaluation_table(evaluations))


def _show_provenance(detail: RunDetail, *, as_json: bool) -> None:
    from trainwright.cli.output import print_json, show
    from trainwright.cli.views.provenance import provenance_view

    if as_json:
        print_json(detail.origin)
    else:
        show(provenance_view(detail.origin))


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
