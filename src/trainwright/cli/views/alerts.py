"""Alerts on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from trainwright.api.panel.phrases import SEVERITY_STYLES
from trainwright.api.panel.words import age
from trainwright.cli.program import remedy
from trainwright.spec.api import AlertView


def alert_lines(alerts: Sequence[AlertView]) -> RenderableType:
    """Each alert in two or three lines: what, whose, since when, and what to do."""
    return Group(*(line for alert in alerts for line in _lines(alert)))


def _lines(alert: AlertView) -> list[Text]:
    style = "dim" if alert.resolved_at else SEVERITY_STYLES[alert.severity]
    head = Text.assemble(
        (f"{alert.rule}", f"bold {style}"), f"  {alert.run_name}", (f"  {alert.id}", "dim")
    )
    lines = [head, Text(f"    {alert.message}", style=style if alert.resolved_at else "")]
    opened = age(alert.opened_at)
    since = "    opened just now" if opened == "now" else f"    opened {opened} ago"
    if alert.count > 1:
        since += f", seen {alert.count:,} times"
    if alert.acknowledged_by:
        since += f", acknowledged by {alert.acknowledged_by}"
    if alert.resolved_at:
        since += f"; over: {alert.resolution}"
    lines.append(Text(since, style="dim"))
    if alert.hint and not alert.resolved_at:
        lines.append(Text(f"    {remedy(alert.hint)}"))
    return lines
