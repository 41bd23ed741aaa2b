"""`alerts list`, `ack`, `watch` and `rules`."""

from __future__ import annotations

from typing import Any

import click

from trainwright.cli.arguments import setting_option
from trainwright.cli.command import Group


@click.group(cls=Group)
def alerts() -> None:
    """What is wrong with runs right now, and who has seen it."""


@alerts.command("list", examples=["alerts list", "alerts list --run last --all"])
@click.option("--run", "-r", help="Of one run only.")
@click.option("--rule", help="Of one rule only, such as loss_spike.")
@click.option("--all", "-a", "every", is_flag=True, help="With those that are over.")
@click.option("--limit", "-n", default=50, show_default=True, type=click.IntRange(1, 1000))
def list_alerts(run: str | None, rule: str | None, every: bool, limit: int, as_json: bool) -> None:
    """List open alerts, newest first."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show

    state = None if every else "open"
    with platform(quiet=as_json) as client:
        found = client.alerts(run, rule=rule, state=state, limit=limit)
    if as_json:
        print_json(found)
        return
    from trainwright.cli.views.alerts import alert_lines

    show(alert_lines(found) if found else "no alerts")


@alerts.command("ack")
@click.argument("alert", nargs=-1, required=True)
def acknowledge(alert: tuple[str, ...], as_json: bool) -> None:
    """Note that each ALERT (its id) was seen, by you and now."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json

    with platform(quiet=as_json) as client:
        seen = [client.acknowledge(one) for one in alert]
    if as_json:
        print_json(seen)
        return
    for one in seen:
        over = "; it is over" if one.resolved_at else ""
        click.echo(f"{one.rule} of {one.run_name} ({one.id}) was seen{over}")


@alerts.command()
def watch(as_json: bool) -> None:
    """Show open alerts and every change as it comes, until Ctrl-C. With --json, one a line."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show
    from trainwright.cli.views.alerts import alert_lines

    with platform(quiet=as_json) as client:
        try:
            for alert in client.watch_alerts():
                if as_json:
                    print_json(alert)
                else:
                    show(alert_lines([alert]))
        except KeyboardInterrupt:
            raise SystemExit(130) from None


@alerts.command(
    examples=["alerts rules --set spike_score=12", "alerts rules --set gpu_memory_percent=null"]
)
@setting_option("Change a threshold, such as spike_score=12.")
@click.option("--project", help="Of a project, by its id or name.")
@click.option("--platform", "everyone", is_flag=True, help="For everyone; an admin may do so.")
def rules(settings: dict[str, Any], project: str | None, everyone: bool, as_json: bool) -> None:
    """Show when each rule speaks up; --set changes it for your runs, null takes that back."""
    from trainwright.cli.connection import platform
    from trainwright.cli.output import print_json, show, table

    with platform(quiet=as_json) as client:
        if settings:
            scope = "platform" if everyone else "project" if project else "mine"
            found = client.set_alert_rules(settings, scope=scope, project=project)
        else:
            found = client.alert_rules(project=project)
    if as_json:
        print_json(found)
        return
    said = found.model_dump()
    rows = [
        (name, ", ".join(v) or "none" if name == "off" else f"{v:g}") for name, v in said.items()
    ]
    show(table(("threshold", "value"), rows, right="value"))
