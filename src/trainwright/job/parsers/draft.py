"""What a style makes of one line, before it becomes items."""

from __future__ import annotations

from dataclasses import dataclass, field

from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.names import Name, own_name


@dataclass(slots=True)
class Draft:
    """Metrics and progress of one line.

    Attributes:
        points: Value by full name; the first of two equal names keeps it.
        frame: Where training is, as far as the line says.
        carry: Later lines that say no step belong to this line's.
        at_bar: Without a step of its own, it belongs to that of the main progress bar.
    """

    frame: Frame = field(default_factory=Frame)
    points: dict[str, float] = field(default_factory=dict)
    carry: bool = False
    at_bar: bool = False

    def add(self, name: Name, raw: str, value: float, split: str | None = None) -> None:
        full = name.under(split)
        if full == "lr" and full in self.points:
            return
        if full in self.points:  # e.g. both `loss` and `total_loss`: the second keeps its own name
            full = raw if "/" in raw else f"{full.partition('/')[0]}/{own_name(raw)}"
        if full not in self.points:
            self.points[full] = value
