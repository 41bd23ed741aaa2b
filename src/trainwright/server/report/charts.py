"""Curves and matrices drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trainwright.server.report.markup import Node, tag
from trainwright.server.report.numbers import metric

WIDTH, HEIGHT = 460, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 10, 26
_TICKS = 4
_CELL, _LARGEST_CELL = 360, 44
_LETTER = 6.4
"""About as wide as a letter of a label is."""
_LONGEST_LABEL = 16
_COUNTED = 24
"""Matrices of more classes are drawn without numbers."""
_DARK = 0.55


@dataclass(frozen=True)
class Line:
    """A curve: its points, and where it is best.

    Attributes:
        hue: Which of the series' colours.
        points: x, y, and the least and greatest that y stands for; y that is no number breaks it.
        best: x and y of its best point.
    """

    hue: int
    points: Sequence[tuple[float, float, float, float]]
    best: tuple[float, float] | None = None


def line_chart(lines: Sequence[Line], label: str) -> Node:
    """Curves over steps."""
    known = [p for line in lines for p in line.points if math.isfinite(p[1])]
    xs = _Scale.around([p[0] for p in known], _LEFT, WIDTH - _RIGHT, tight=True)
    ys = _Scale.around([v for p in known for v in p[2:]], HEIGHT - _BOTTOM, _TOP)
    return tag(
        "svg",
        _axes(xs, ys),
        [part for line in lines for part in _line(line, xs, ys)],
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_label=label,
        class_="chart",
    )


def bar(value: float) -> Node:
    """A share as a bar in a table's cell."""
    width = 64
    return tag(
        "svg",
        tag("rect", class_="bar-all", width=width, height=6, rx=3),
        tag("rect", class_="bar", width=round(width * min(max(value, 0), 1), 1), height=6, rx=3),
        viewBox=f"0 0 {width} 6",
        width=width,
        height=6,
        aria_hidden="true",
    )


def matrix_chart(labels: Sequence[str], matrix: Sequence[Sequence[int]], label: str) -> Node:
    """A confusion matrix; a cell is as dark as its share of the row."""
    cell = min(_LARGEST_CELL, _CELL / max(len(labels), 1))
    side = cell * len(labels)
    names = [_cut(name) for name in labels]
    margin = 14 + _LETTER * max(map(len, names), default=0)
    parts: list[Node] = []
    for row, counts in enumerate(matrix):
        total = sum(counts)
        for column, count in enumerate(counts):
            part = count / total if total else 0.0
            kind = "right" if row == column else "wrong"
            x, y = margin + column * cell, margin + row * cell
            parts.append(
                tag(
                    "rect",
                    class_=f"cell {kind}",
                    x=_two(x),
                    y=_two(y),
                    width=_two(cell),
                    height=_two(cell),
                    fill_opacity=_two(part),
                )
            )
            if count and len(labels) <= _COUNTED:
                parts.append(_count(count, x + cell / 2, y + cell / 2, part))
    frame = {"x": _two(margin), "y": _two(margin), "width": _two(side), "height": _two(side)}
    parts.append(tag("rect", class_="frame", **frame))
    for place, name in enumerate(names):
        at = margin + (place + 0.5) * cell
        parts.append(_text(name, margin - 7, at + 3.5, anchor="end"))
        turned = f"translate({_two(at + 3.5)} {_two(margin - 7)}) rotate(-45)"
        parts.append(tag("text", name, transform=turned))
    whole = _two(margin + side + (0.7 * margin if len(names[-1]) > 1 else 2))
    return tag(
        "svg",
        parts,
        viewBox=f"0 0 {whole} {_two(margin + side + 2)}",
        width=whole,
        role="img",
        aria_label=label,
        class_="matrix",
    )


@dataclass(frozen=True)
class _Scale:
    """From values to places of the picture, with ticks at round values."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    @classmethod
    def around(
        cls, values: Sequence[float], start: float, end: float, *, tight: bool = False
    ) -> _Scale:
        known = [value for value in values if math.isfinite(value)]
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        if low == high:
            pad = abs(low) / 2 or 0.5
            low, high = low - pad, high + pad
        step = _round_step((high - low) / _TICKS)
        first, last = math.floor(low / step), math.ceil(high / step)
        if not tight:
            low, high = first * step, last * step
        ticks = tuple(n * step for n in range(first, last + 1) if low <= n * step <= high)
        return cls(low, high, start, end, ticks)

    def __call__(self, value: float) -> float:
        part = (value - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)


def _round_step(step: float) -> float:
    size = 10.0 ** math.floor(math.log10(step))
    return next(size * unit for unit in (1, 2, 2.5, 5, 10) if step <= size * unit * 1.0001)


def _axes(xs: _Scale, ys: _Scale) -> list[Node]:
    parts: list[Node] = []
    for value in ys.ticks:
        y = ys(value)
        parts.append(tag("line", class_="rule", x1=_LEFT, x2=WIDTH - _RIGHT, y1=y, y2=y))
        parts.append(_text(metric(value), _LEFT - 8, y + 3.5, anchor="end"))
    parts += [_text(metric(value), xs(value), HEIGHT - 8, anchor="middle") for value in xs.ticks]
    return parts


def _line(line: Line, xs: _Scale, ys: _Scale) -> list[Node]:
    parts: list[Node] = []
    for piece in _pieces(line.points):
        places = [f"{xs(x)} {ys(y)}" for x, y, _, _ in piece]
        if any(low < high for _, _, low, high in piece):
            above = [f"{xs(x)} {ys(high)}" for x, _, _, high in piece]
            below = [f"{xs(x)} {ys(low)}" for x, _, low, _ in reversed(piece)]
            parts.append(tag("path", class_=f"band s{line.hue}", d=f"M{'L'.join(above + below)}Z"))
        if len(piece) == 1:
            x, y, _, _ = piece[0]
            parts.append(tag("circle", class_=f"dot s{line.hue}", cx=xs(x), cy=ys(y), r=2))
        else:
            parts.append(tag("path", class_=f"line s{line.hue}", d=f"M{'L'.join(places)}"))
    if line.best is not None:
        x, y = line.best
        parts.append(tag("circle", class_=f"best s{line.hue}", cx=xs(x), cy=ys(y), r=3.5))
    return parts


def _pieces(
    points: Sequence[tuple[float, float, float, float]],
) -> list[list[tuple[float, float, float, float]]]:
    pieces: list[list[tuple[float, float, float, float]]] = [[]]
    for point in points:
        if math.isfinite(point[1]):
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _count(count: int, x: float, y: float, part: float) -> Node:
    kind = "count light" if part > _DARK else "count"
    return tag("text", f"{count:,}", x=_two(x), y=_two(y + 3.5), class_=kind)


def _text(text: str, x: float, y: float, *, anchor: str) -> Node:
    return tag("text", text, x=_two(x), y=_two(y), text_anchor=anchor)


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"


def _two(value: float) -> float:
    return round(value, 2)
