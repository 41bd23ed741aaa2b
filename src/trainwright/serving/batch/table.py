"""Results of a batch as CSV: one line a prediction, the likeliest of an input first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

COLUMNS = (
    "index",
    "input",
    "rank",
    "class",
    "class_id",
    "confidence",
    "x_min",
    "y_min",
    "x_max",
    "y_max",
    "text",
    "error",
)
_BLOCK = 1 << 16


def csv_blocks(lines: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """The CSV file, piece by piece; an input without predictions has one line all the same."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="")
    writer.writeheader()
    for line in lines:
        writer.writerows(_rows(line))
        if text.tell() > _BLOCK:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _rows(line: dict[str, Any]) -> Iterator[dict[str, Any]]:
    about = {"index": line["index"], "input": line.get("input", "")}
    predictions = line.get("predictions") or []
    if not predictions:
        yield about | {"error": (line.get("error") or {}).get("message", "")}
    for rank, one in enumerate(predictions, start=1):
        box = dict(zip(("x_min", "y_min", "x_max", "y_max"), one.get("box") or (), strict=False))
        known = {name: one[name] for name in COLUMNS if name in one}
        yield about | {"rank": rank} | known | box
