"""Runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import number
from trainwright.cli.views.spec import shown
from trainwright.spec.api import RunComparison
from trainwright.spec.metrics import better_is

_LONG = 12
"""Rows of provenance that are shown; `--json` has them all."""


def compare_view(compared: RunComparison) -> RenderableType:
    settings, metrics = _table(compared, "what differs"), _table(compared, "best of")
    for name, values in compared.settings.items():
        settings.add_row(name, *map(_value, values))
    # of what has no better direction, such as a learning rate, there is no best
    ranked = {n: values for n, values in compared.metrics.items() if better_is(n)}
    for name, values in ranked.items():
        winner = best_of(name, values)
        metrics.add_row(
            name,
            *(
                Text(number(v), style="bold green" if i == winner else "")
                for i, v in enumerate(values)
            ),
        )
    return Group(settings, Text(), *_origin(compared), metrics)


def _origin(compared: RunComparison) -> list[RenderableType]:
    """How they came about, as far as that differs."""
    if not compared.provenance:
        return []
    origin = _table(compared, "made with")
    for name, values in list(compared.provenance.items())[:_LONG]:
        origin.add_row(name, *map(_value, values))
    left = len(compared.provenance) - _LONG
    more = [Text(f"and {left} more, see --json", style="dim")] if left > 0 else []
    return [origin, *more, Text()]


def _value(value: Any) -> Text:
    return Text("–" if value is None else shown(value))


def _table(compared: RunComparison, title: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(title, style="dim")
    for run in compared.runs:
        table.add_column(Text(run.name), overflow="fold")
    return table


def best_of(name: str, values: Sequence[float | None]) -> int | None:
    """Place of the best value; `None` when there is no telling, or nothing to compare."""
    known = [(v, i) for i, v in enumerate(values) if v is not None and isfinite(v)]
    direction = better_is(name)
    if len(known) < 2 or len({v for v, _ in known}) == 1 or direction is None:
        return None
    return (min(known) if direction == "smaller" else max(known))[1]
