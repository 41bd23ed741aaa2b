"""`runs health` and `runs resources`: how a run is doing, and what it uses."""

from __future__ import annotations

import click

from trainwright.cli.arguments import run_argument
from trainwright.cli.command import Command

_COLORS = {"good": "green", "fair": "yellow", "bad": "red"}


@click.command(cls=Command)
@run_argument
def health(run: str, as_json: bool) -> None:
    """How RUN is doing (good, fair, bad), with the reasons. The exit code is 1 when it is bad."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        found = client.run_health(run)
    if as_json:
        print_json(found)
    else:
        word = click.style(found.score, fg=_COLORS.get(found.score))
        click.echo(f"{word}: {found.message}")
        for reason in found.reasons[1:]:
            click.echo(f"  {reason}")
    raise SystemExit(1 if found.score == "bad" else 0)


@click.command(cls=Command)
@run_argument
@click.option("--points", default=20, show_default=True, type=click.IntRange(1, 2000))
def resources(run: str, points: int, as_json: bool) -> None:
    """What RUN used of CPU, memory, disk and GPU, folded into a few lines."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        found = client.resources(run, points=points)
    if as_json:
        print_json(found)
        return
    rows = (
        (
            p.at.strftime("%Y-%m-%d %H:%M:%S"),
            f"{p.cpu_percent:.0f}",
            f"{p.memory_gb_max:.1f}",
            _or_dash(p.host_memory_percent),
            _or_dash(p.disk_free_gb),
            _or_dash(p.gpu_percent),
            _or_dash(p.gpu_memory_gb),
        )
        for p in found.points
    )
    numbers = ("CPU %", "memory GB", "host memory %", "disk free GB", "GPU %", "GPU memory GB")
    show(table(("until (UTC)", *numbers), rows, right=",".join(numbers)))


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
