"""Runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import number
from trainwright.cli.views.spec import flat_fields, shown
from trainwright.spec import Result, RunSpec
from trainwright.spec.api import RunDetail
from trainwright.spec.metrics import better_is


@dataclass(frozen=True)
class Comparison:
    """One column a run.

    Attributes:
        settings: Field → value for each run, for fields that differ.
        metrics: Name → best value for each run, `None` where it was not measured.
    """

    runs: list[dict[str, str]]
    settings: dict[str, list[Any]]
    metrics: dict[str, list[float | None]]


def comparison(details: Sequence[RunDetail], results: Sequence[Result]) -> Comparison:
    specs = [flat_fields(RunSpec.model_validate(d.spec)) for d in details]
    fields = [name for name in dict.fromkeys(n for s in specs for n in s) if name != "name"]
    rows = {name: [spec.get(name) for spec in specs] for name in fields}
    metrics = dict.fromkeys(name for r in results for name in r.metrics)
    return Comparison(
        runs=[{"id": d.id, "name": d.name, "status": d.status.value} for d in details],
        settings={n: values for n, values in rows.items() if any(v != values[0] for v in values)},
        metrics={
            name: [r.metrics[name].best if name in r.metrics else None for r in results]
            for name in metrics
        },
    )


def compare_view(compared: Comparison) -> RenderableType:
    settings, metrics = _table(compared, "what differs"), _table(compared, "best of")
    for name, values in compared.settings.items():
        settings.add_row(name, *(Text("–" if v is None else shown(v)) for v in values))
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
    return Group(settings, Text(), metrics)


def _table(compared: Comparison, title: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(title, style="dim")
    for run in compared.runs:
        table.add_column(Text(run["name"]), overflow="fold")
    return table


def best_of(name: str, values: Sequence[float | None]) -> int | None:
    """Place of the best value; `None` when there is no telling, or nothing to compare."""
    known = [(v, i) for i, v in enumerate(values) if v is not None and isfinite(v)]
    direction = better_is(name)
    if len(known) < 2 or len({v for v, _ in known}) == 1 or direction is None:
        return None
    return (min(known) if direction == "smaller" else max(known))[1]
