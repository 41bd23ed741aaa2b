"""One dataset, and what checking it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.cli.panel import phrases
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
    return Group(*_lines(report))


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """The same, as plain lines."""
    return [line.plain for line in _lines(report)]


def is_worth_telling(report: Mapping[str, Any]) -> bool:
    """Whether anything was left out, or is not as it should be."""
    severities = {finding["severity"] for finding in report.get("findings") or ()}
    return bool(report.get("left_out_count") or severities - {"info"})


def _lines(report: Mapping[str, Any]) -> Iterator[Text]:
    if summary := phrases.data(report):
        yield Text(summary)
    for finding in report.get("findings") or ():
        severity = finding["severity"]
        style = phrases.SEVERITY_STYLES[severity]
        yield Text(f"{_MARKS[severity]} {finding['message']}", style=style)
        if finding.get("mend"):
            yield Text(f"    {finding['mend']}", style="dim")
    items = report.get("left_out") or []
    for code, count in Counter(item["code"] for item in items).most_common():
        first = next(item for item in items if item["code"] == code)
        more = f" and {count - 1} more" if count > 1 else ""
        yield Text(f"  left out: {first['path']}{more}: {first['reason']}", style="yellow")
