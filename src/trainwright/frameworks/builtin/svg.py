"""A confusion matrix as a picture."""

from __future__ import annotations

from html import escape

from trainwright.spec import Confusion, shown

CELL, MARGIN = 44, 120
MAX_CLASSES = 60
"""Beyond it the numbers could not be read; the picture then has colours only."""


def confusion_svg(confusion: Confusion) -> str:
    """Rows are true classes, columns predicted ones; darker is a larger share of the row."""
    count = len(confusion.labels)
    cell = CELL if count <= MAX_CLASSES else 8
    side = MARGIN + cell * count + 10
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
        f'viewBox="0 0 {side} {side}" font-family="sans-serif" font-size="12">',
        "<title>Confusion matrix: rows true, columns predicted</title>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for row, (label, values) in enumerate(zip(confusion.labels, confusion.matrix, strict=True)):
        parts += _labels(row, label, cell) if count <= MAX_CLASSES else []
        total = max(1, sum(values))
        for column, value in enumerate(values):
            parts += _cell(row, column, value, value / total, cell)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _labels(index: int, label: str, cell: int) -> list[str]:
    label = shown(label)
    short = escape(label if len(label) <= 16 else label[:15] + "…")
    middle = MARGIN + cell * index + cell / 2
    return [
        f'<text x="{MARGIN - 8}" y="{middle + 4}" text-anchor="end">{short}</text>',
        f'<text transform="translate({middle + 4} {MARGIN - 8}) rotate(-90)">{short}</text>',
    ]


def _cell(row: int, column: int, value: int, share: float, cell: int) -> list[str]:
    x, y = MARGIN + cell * column, MARGIN + cell * row
    light = round(255 - 185 * share)
    shape = (
        f'<rect x="{x}" y="{y}" width="{cell}" height="{cell}" '
        f'fill="rgb({light},{light},255)" stroke="#ddd"/>'
    )
    if not value or cell < CELL:
        return [shape]
    ink = "white" if share > 0.6 else "black"
    text = (
        f'<text x="{x + cell / 2}" y="{y + cell / 2 + 4}" text-anchor="middle" '
        f'fill="{ink}">{value}</text>'
    )
    return [shape, text]
