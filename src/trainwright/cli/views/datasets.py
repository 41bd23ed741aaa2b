"""One dataset, and what checking it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.cli.panel.phrases import SEVERITY_STYLES
from trainwright.cli.words import size
from trainwright.spec.api import DatasetReport, DatasetView

_MARKS = {"error": "✗", "warning": "!", "info": "i"}


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
    if dataset.description:
        parts.append(Text(dataset.description))
    parts += [Text(), table]
    if dataset.report:
        parts += [Text(), data_report(dataset.report)]
    return Group(*parts)


def report_view(outcome: DatasetReport) -> RenderableType:
    verdict = ("can be trained on", "green") if outcome.ok else ("cannot be trained on", "red")
    head = Text.assemble((outcome.dataset_id, "bold"), " ", verdict)
    return Group(head, data_report(outcome.report))


def data_report(report: Mapping[str, Any]) -> RenderableType:
    """What the check found and what training leaves out, with the reasons."""
    samples = ", ".join(f"{n} {split}" for split, n in (report.get("samples") or {}).items())
    classes = len(report.get("class_names") or ())
    in_classes = f" in {classes} classes" if classes else ""
    lines = [Text(f"data: {samples}{in_classes}")] if samples else []
    for finding in report.get("findings") or ():
        severity = finding["severity"]
        lines.append(
            Text(f"{_MARKS[severity]} {finding['message']}", style=SEVERITY_STYLES[severity])
        )
        if finding.get("mend"):
            lines.append(Text(f"    {finding['mend']}", style="dim"))
    return Group(*lines, *_left_out(report))


def _left_out(report: Mapping[str, Any]) -> list[Text]:
    items = report.get("left_out") or []
    count = report.get("left_out_count") or 0
    if not count:
        return []
    lines = [Text(f"left out: {count} file{'s' if count != 1 else ''}", style="yellow")]
    for code, number in Counter(item["code"] for item in items).most_common():
        first = next(item for item in items if item["code"] == code)
        more = f" and {number - 1} more" if number > 1 else ""
        lines.append(Text(f"    {first['path']}{more}: {first['reason']}", style="dim"))
    return lines
