"""Batches of predictions, as a person sees them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import counted, duration
from trainwright.cli.output import table
from trainwright.spec import shown
from trainwright.spec.api import BatchView

_STYLES = {"completed": "green", "failed": "red", "cancelled": "yellow"}


def batch_table(batches: Sequence[BatchView]) -> Table:
    rows = [
        (
            batch.id,
            Text(batch.status, style=_STYLES.get(batch.status, "")),
            f"{batch.done:,} of {batch.total:,}",
            f"{batch.failed:,}",
            _left(batch),
            Text(shown(batch.source)),
        )
        for batch in batches
    ]
    heads = ("batch", "status", "answered", "in error", "left", "inputs")
    found: Table = table(heads, rows, right="answered,in error,left")
    return found


def batch_line(batch: BatchView) -> str:
    """What became of a batch, in one line."""
    said = f"{batch.id}: {batch.status}, {batch.done:,} of {counted(batch.total, 'input')} answered"
    if batch.failed:
        said += f", {batch.failed:,} of them in error"
    if batch.inputs_per_second:
        said += f", {batch.inputs_per_second:,.0f} a second"
    return said


def _left(batch: BatchView) -> str:
    return "" if batch.eta_seconds is None else duration(batch.eta_seconds)
