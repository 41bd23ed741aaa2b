"""What was measured of a model after its run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import age, number
from trainwright.cli.output import table
from trainwright.spec import shown
from trainwright.spec.api import Evaluation

_TOLD = 4
"""Metrics of each; its artifact has them all."""


def evaluation_table(evaluations: Sequence[Evaluation]) -> Table:
    rows = [
        (
            Text(shown(one.dataset or "")),
            "" if one.samples is None else f"{one.samples:,}",
            ", ".join(f"{name} {number(v)}" for name, v in list(one.metrics.items())[:_TOLD]),
            age(one.created_at),
            one.artifact or "",
        )
        for one in evaluations
    ]
    found: Table = table(("evaluated on", "images", "measures", "when", "artifact"), rows)
    return found
