"""`dashboard`: the state of everything."""

from __future__ import annotations

import click

from trainwright.cli.command import Command


@click.command(cls=Command)
def dashboard(as_json: bool) -> None:
    """What runs, waits and is wrong, what ended today, and what the machine does."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import console, print_json, show

    with platform(quiet=as_json) as client:
        found = client.overview()
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.alerts import alert_lines
    from trainwright.cli.views.runs import run_table

    slots, today, machine = found.slots, found.today, found.vitals
    click.echo(
        f"{slots.holding} running, {slots.waiting} waiting; CPUs {slots.cpus_held}/{slots.cpus}, "
        f"GPUs {slots.gpus_held}/{slots.gpus} held"
    )
    click.echo(
        f"today: {today.completed} completed, {today.failed} failed, {today.stopped} stopped"
    )
    click.echo(
        f"machine: CPU {machine.cpu_percent:.0f} %, memory {machine.memory_percent:.0f} %, "
        f"{machine.disk_free_gb:.1f} GB of disk free"
    )
    if found.active:
        show(run_table(found.active, console().width))
    if found.alerts:
        click.echo(f"open alerts: {found.open_alerts}")
        show(alert_lines(found.alerts))
