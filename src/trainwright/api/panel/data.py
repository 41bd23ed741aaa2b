"""What checking a run's data found: what it trains on, and what is left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from trainwright.api.panel.phrases import SEVERITY_STYLES, data

_MARKS = {"error": "✗", "warning": "!", "info": "i"}


def data_lines(report: Mapping[str, Any]) -> Iterator[Text]:
    """The report, line by line."""
    if summary := data(report):
        yield Text(summary)
    for finding in report.get("findings") or ():
        severity = finding["severity"]
        style = SEVERITY_STYLES[severity]
        yield Text(f"{_MARKS[severity]} {finding['message']}", style=style)
        if finding.get("mend"):
            yield Text(f"    {finding['mend']}", style="dim")
    items = report.get("left_out") or []
    for code, count in Counter(item["code"] for item in items).most_common():
        first = next(item for item in items if item["code"] == code)
        more = f" and {count - 1} more" if count > 1 else ""
        yield Text(f"  left out: {first['path']}{more}: {first['reason']}", style="yellow")


def is_worth_telling(report: Mapping[str, Any]) -> bool:
    """Whether anything was left out, or is not as it should be."""
    severities = {finding["severity"] for finding in report.get("findings") or ()}
    return bool(report.get("left_out_count") or severities - {"info"})
