"""A spec as a table: each field, its value, who chose it and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from trainwright.spec import RunSpec

_MOST = 0.55
"""Share of the width that values may take from the reasons, so that paths stay whole."""

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
    fields = {name: _from_here(shown(value)) for name, value in flat_fields(spec).items()}
    longest = min(max(map(cell_len, fields.values())), int(width * _MOST))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("field", style="dim", no_wrap=True)
    table.add_column("value", overflow="fold", min_width=longest)
    table.add_column("by", no_wrap=True)
    table.add_column("why", style="dim")
    for name, value in fields.items():
        chosen = str(provenance.get(name) or provenance.get(name.partition(".")[0]) or "default")
        # a default nobody has a word on says nothing about this run
        if chosen == "default" and name not in reasons and name not in provenance:
            continue
        who, style = WHO[chosen]
        why = "" if chosen == "user" else reasons.get(name, "")
        table.add_row(name, Text(value, style=style), Text(who, style=style), Text(why))
    return table


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
