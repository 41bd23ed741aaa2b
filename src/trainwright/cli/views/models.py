"""One model, with the settings it offers."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.cli.views.spec import shown
from trainwright.spec import ModelInfo, Option
from trainwright.spec.labels import count

_NAME = 42


def model_table(models: Sequence[ModelInfo]) -> Table:
    """Models, one a line; long names are folded, for they are there to be copied."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("model", max_width=_NAME, overflow="fold")
    table.add_column("tasks", style="dim")
    table.add_column("parameters", justify="right", no_wrap=True)
    table.add_column("here", no_wrap=True)
    for info in models:
        tasks = ", ".join(task.replace("_", " ") for task in info.tasks)
        here = Text("yes", style="green") if info.installed else Text("no", style="dim")
        table.add_row(Text(info.id), Text(tasks), count(info.parameters), here)
    return table


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
