from __future__ import annotations

import click

from trainwright.cli.command import Command


@click.command(
    cls=Command,
    examples=[
        "runs compare first second",
    ],
)
@click.argument("runs", metavar="RUN RUN…", nargs=-1, required=True)
def compare(runs: tuple[str, ...], as_json: bool) -> None:
    """Two or more runs side by side: what differs in specs and provenance, and what came out."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    if len(runs) < 2:
        raise click.UsageError("name at least two runs.")
    with platform(quiet=as_json) as client:
        compared = client.compare_runs(runs)
    if as_json:
        print_json(compared)
        return
    from trainwright.cli.views.compare import compare_view

    show(compare_view(compared))
