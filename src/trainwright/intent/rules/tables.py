"""Tables whose first row names what stands in the rows below it."""

from __future__ import annotations

import re

from trainwright.intent.rules.patterns import Pattern

_TABLE = Pattern(
    r"(?m)^[^\S\n]*\|(?P<head>[^\n]+)\|[^\S\n]*\n[^\S\n]*\|(?:[^\S\n]*:?-+:?[^\S\n]*\|)+[^\S\n]*"
    r"(?P<rows>(?:\n[^\S\n]*\|[^\n]+\|[^\S\n]*)+)"
)
_NAMES_IN_ROWS = Pattern(
    r"(?i)\|\s*(?:values?|settings?|param(?:eter)?s?|options?|keys?|fields?|설정|항목|값|옵션)\s*\|"
)
"""`| setting | value |`: each row is an entry already."""


def as_entries(text: str) -> str:
    """The text with `| epochs | lr |` over `| 5 | 0.1 |` as `epochs: 5` and `lr: 0.1`."""
    return _TABLE.sub(_entries, text)


def _entries(found: re.Match[str]) -> str:
    if _NAMES_IN_ROWS.search(f"|{found['head']}|"):
        return found[0]
    names = _cells(found["head"])
    rows = [_cells(row.strip()[1:-1]) for row in found["rows"].strip().split("\n")]
    if any(len(row) != len(names) for row in rows):
        return found[0]
    pairs = [(name, cell) for row in rows for name, cell in zip(names, row, strict=True)]
    return "\n".join(f"{name}: {cell}" for name, cell in dict.fromkeys(pairs) if name and cell)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]
