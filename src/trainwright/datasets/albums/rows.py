"""Rows of a dataset that is text: JSON lines, CSV or tab-separated."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from trainwright.datasets.formats.layout import open_folder
from trainwright.datasets.formats.tree import walk

MAX_START = 100_000
"""How far into a file is read: rows are found by reading all before them."""

MAX_TEXT = 2_000
"""Letters of a cell that are shown."""

_MAX_COLUMNS = 100
_MAX_LINE = 1 << 20
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_ENDINGS = (".jsonl", *_DELIMITERS)


@dataclass(frozen=True)
class Table:
    """Some rows of a file.

    Attributes:
        file: Relative to the dataset's folder.
        columns: Their names.
        rows: Cells as text, in the order of the columns.
        has_more: Whether the file goes on after them.
    """

    file: str
    columns: list[str]
    rows: list[list[str]]
    has_more: bool


def find_table(folder: Path) -> Path | None:
    """The first file of rows in a folder, relative to it.

    Raises:
        FolderError: The folder is missing, or may not be read.
    """
    root = open_folder(folder)
    files = walk(root, Path(), lambda _: None)
    return next((f.path for f in files if f.path.suffix.lower() in _ENDINGS), None)


def read_rows(folder: Path, file: Path, start: int, limit: int) -> Table:
    """Rows of a file; what cannot be read in a line stands there as it is.

    Raises:
        OSError: It cannot be read.
    """
    with (folder / file).open(encoding="utf-8-sig", errors="replace", newline="") as opened:
        lines = _lines(opened)
        suffix = file.suffix.lower()
        records = _records(lines) if suffix == ".jsonl" else _cells(lines, _DELIMITERS[suffix])
        found = list(islice(records, min(start, MAX_START), start + limit + 1))
    columns = list(dict.fromkeys(name for record in found[:limit] for name in record))
    columns = columns[:_MAX_COLUMNS]
    rows = [[_shown(record.get(name)) for name in columns] for record in found[:limit]]
    return Table(file.as_posix(), columns, rows, has_more=len(found) > limit)


def _lines(file: io.TextIOBase | Any) -> Iterator[str]:
    """Lines of any length, but no more of each than can be shown."""
    while line := file.readline(_MAX_LINE):
        yield line
        while line and not line.endswith(("\n", "\r")):
            line = file.readline(_MAX_LINE)


def _records(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = line.strip()
        yield value if isinstance(value, dict) else {"": value}


def _cells(lines: Iterator[str], delimiter: str) -> Iterator[dict[str, Any]]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        names = next(reader, [])
        for cells in reader:
            if cells:
                yield dict(zip(names, cells, strict=False))
    except csv.Error:
        return


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
