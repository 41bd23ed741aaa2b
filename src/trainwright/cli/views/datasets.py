"""One dataset, and what checking it found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.data import data_lines
from trainwright.api.panel.words import size
from trainwright.cli.output import hints
from trainwright.spec import shown
from trainwright.spec.api import DatasetReport, DatasetView

_ROOMY = 120


def dataset_table(datasets: Sequence[DatasetView], width: int = 100) -> Table:
    """Datasets: what they are called, and titles of the catalogue's where there is room."""
    roomy = width >= _ROOMY
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("dataset", overflow="fold")
    if roomy:
        table.add_column("name")
    table.add_column("source", no_wrap=True)
    for name in ("classes", "samples"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("tasks", style="dim")
    for d in datasets:
        about = (Text(d.name),) if roomy else ()
        tasks = ", ".join(task.replace("_", " ") for task in d.tasks)
        counts = (str(d.num_classes or "–"), str(sum(d.samples.values()) or "–"))
        source = Text("files missing", "red") if d.missing else Text(d.source)
        own = d.source == "registered" and not roomy
        called = Text.assemble(shown(d.name), "\n", (d.id, "dim")) if own else Text(d.id)
        table.add_row(called, *about, source, *counts, Text(tasks))
    return table


def dataset_view(dataset: DatasetView) -> RenderableType:
    facts = {
        "source": dataset.source,
        "place": dataset.location,
        "format": dataset.format,
        "tasks": ", ".join(dataset.tasks),
        "classes": dataset.num_classes,
        "class names": ", ".join(dataset.class_names or ()),
        "samples": ", ".join(f"{n} {split}" for split, n in dataset.samples.items()),
        "size": size(dataset.bytes) if dataset.bytes else None,
    }
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, value in facts.items():
        if value:
            table.add_row(Text(name, style="dim"), Text(str(value)))
    parts: list[RenderableType] = [Text.assemble((dataset.id, "bold"), f"  {dataset.name}")]
    if dataset.missing:
        parts.append(Text("its files are not where they were; nothing can train on it", "red"))
    if dataset.description:
        parts.append(Text(dataset.description))
    parts += [Text(), table]
    if dataset.report:
        parts += [Text(), data_report(dataset.report)]
    return Group(*parts)


def added_view(dataset: DatasetView) -> RenderableType:
    """What was registered, what is in it, and how to train on it."""
    head = Text.assemble((shown(dataset.name), "bold"), f" is registered as {dataset.id}")
    parts: list[RenderableType] = [head]
    if dataset.report:
        parts.append(data_report(dataset.report))
    command = f'trainwright train "Train ResNet18 for 20 epochs" --set dataset={dataset.id}'
    return Group(*parts, Text(), hints([(command, "train on it")]))


def report_view(outcome: DatasetReport) -> RenderableType:
    verdict = ("can be trained on", "green") if outcome.ok else ("cannot be trained on", "red")
    head = Text.assemble((outcome.dataset_id, "bold"), " ", verdict)
    return Group(head, data_report(outcome.report))


def data_report(report: Mapping[str, Any]) -> RenderableType:
    """What the check found and what training leaves out, with the reasons."""
    return Group(*data_lines(report))
