from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.spec.api.storage import StorageReport

_SHOWN = 10


@click.command(cls=Command, examples=["storage", "storage --limit 100 --json"])
@click.option("--limit", "-n", default=_SHOWN, show_default=True, type=click.IntRange(0, 10_000))
def storage(limit: int, as_json: bool) -> None:
    """Say what takes space, by kind, by run and by project, and what could be freed how."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        report = client.storage(limit)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _show(report: StorageReport) -> None:
    from trainwright.api.panel.words import size
    from trainwright.cli.output import hints, show, table

    free, disk = size(report.disk_free_bytes), size(report.disk_bytes)
    click.echo(f"{size(report.bytes)} in {report.home}; {free} of {disk} are free\n")
    kinds = [(kind, size(count)) for kind, count in report.kinds.items() if count]
    show(table(("what", "size"), kinds, right="size"))
    if report.runs:
        click.echo()
        columns = ("run", "name", "status", "checkpoints", "artifacts", "logs", "size")
        rows = [
            (
                run.run_id,
                run.name,
                "in the trash" if run.trashed else run.status,
                *map(size, (run.checkpoints, run.artifacts, run.logs, run.bytes)),
            )
            for run in report.runs
        ]
        show(table(columns, rows, right="checkpoints,artifacts,logs,size"))
        if report.runs_total > len(report.runs):
            click.echo(f"(the largest {len(report.runs)} of {report.runs_total}; see --limit)")
    if any(report.projects):
        click.echo()
        projects = [(name or "(none)", size(count)) for name, count in report.projects.items()]
        show(table(("project", "size"), projects, right="size"))
    if report.freeable:
        click.echo("\nTo make room:")
        show(hints((one.command, f"{one.what}: {size(one.bytes)}") for one in report.freeable))
