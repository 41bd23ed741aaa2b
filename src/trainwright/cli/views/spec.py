"""A spec as a table: each field, its value, who chose it and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from trainwright.spec import RunSpec

_MOST = 0.55
"""Share of the width that values may take from the reasons, so that paths stay whole."""

_SHORTEST_WHY = 16
"""Columns below which reasons are left out: broken into single words they help nobody."""

WHO = {"user": ("you", "bold"), "inferred": ("inferred", "cyan"), "default": ("default", "dim")}


def flat_fields(spec: RunSpec) -> dict[str, Any]:
    """The spec's fields that say something, groups flat: `resources.gpus` is `gpus`."""
    fields: dict[str, Any] = {}
    for name, value in spec.model_dump(mode="json", exclude_none=True).items():
        if name == "resources":
            fields |= value
        elif name == "supervision":
            said = spec.supervision.model_dump(mode="json", exclude_defaults=True)
            fields |= {f"supervision.{k}": v for k, v in said.items()}
        elif name == "overrides":
            fields |= {f"overrides.{k}": v for k, v in value.items()}
        else:
            fields[name] = value
    return fields


def spec_table(
    spec: RunSpec, provenance: Mapping[str, str], reasons: Mapping[str, str], width: int = 80
) -> Table:
    rows = list(_rows(spec, provenance, reasons))
    names, longest, makers = (max((cell_len(row[i]) for row in rows), default=0) for i in range(3))
    values = min(longest, int(width * _MOST), max(1, width - names - makers - 4))
    room = width - (names + values + makers + 6)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("field", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold", min_width=values)
    table.add_column("by", no_wrap=True)
    if room >= _SHORTEST_WHY:
        table.add_column("why", style="dim", max_width=room)
    for name, value, chosen, why in rows:
        who, style = WHO[chosen]
        cells = (Text(name), Text(value, style=style), Text(who, style=style), Text(why))
        table.add_row(*cells[: len(table.columns)])
    return table


def _rows(
    spec: RunSpec, provenance: Mapping[str, str], reasons: Mapping[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    """Field, value, who chose it, and why."""
    for name, value in flat_fields(spec).items():
        chosen = str(provenance.get(name) or provenance.get(name.partition(".")[0]) or "default")
        # a default nobody has a word on says nothing about this run
        if chosen != "default" or name in reasons or name in provenance:
            why = "" if chosen == "user" else reasons.get(name, "")
            yield name, _from_here(shown(value)), chosen, why


def _from_here(text: str) -> str:
    """A path below the present folder as a person there would type it."""
    return text.replace(f"{Path.cwd()}/", "")


def shown(value: Any) -> str:
    """A value as it would be written in a spec."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {shown(v)}" for k, v in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(map(shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
