"""One model, with the settings it offers."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.words import count
from trainwright.cli.views.spec import shown
from trainwright.spec import ModelInfo, Option


def model_view(info: ModelInfo) -> RenderableType:
    facts = {
        "tasks": ", ".join(info.tasks),
        "parameters": count(info.parameters) if info.parameters else None,
        "input": info.input_size,
        "license": info.license,
        "weights": info.weights,
        "published": shown(info.accuracy) if info.accuracy else None,
        "defaults": shown(info.defaults) if info.defaults else None,
        "installed": "yes" if info.installed else f"no: {info.install or 'not here'}",
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in facts.items():
        if value is not None:
            table.add_row(Text(name, style="dim"), Text(str(value)))
    head = Text.assemble((info.id, "bold"), f"  {info.title}")
    parts: list[RenderableType] = [head]
    if info.description:
        parts.append(Text(info.description))
    parts += [Text(), table]
    if info.options:
        parts += [Text(), _options(info.options)]
    return Group(*parts)


def _options(options: list[Option]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("option", "default", "values", "what it does"):
        table.add_column(name)
    for o in options:
        default = "" if o.default is None else shown(o.default)
        table.add_row(Text(o.name), Text(default), Text(_values(o)), Text(o.help, style="dim"))
    return table


def _values(option: Option) -> str:
    if option.choices:
        return ", ".join(map(str, option.choices))
    low, high = option.minimum, option.maximum
    if low is None and high is None:
        return option.type
    return f"{'' if low is None else f'{low:g}'}…{'' if high is None else f'{high:g}'}"
