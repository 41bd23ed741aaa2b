"""What a style makes of one line, before it becomes items."""

from __future__ import annotations

from dataclasses import dataclass, field

from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.names import Name, own_name


@dataclass(slots=True)
class Draft:
    """Metrics and progress of one line.

    Attributes:
        points: Value by full name; of two equal names the first keeps it, or the one printed so.
        frame: Where training is, as far as the line says.
        carry: Later lines that say no step belong to this line's.
        at_bar: Without a step of its own, it belongs to that of the main progress bar.
    """

    frame: Frame = field(default_factory=Frame)
    points: dict[str, float] = field(default_factory=dict)
    carry: bool = False
    at_bar: bool = False
    _printed: dict[str, str] = field(default_factory=dict)

    def add(self, name: Name, raw: str, value: float, split: str | None = None) -> None:
        full = name.under(split)
        if full == "lr" and full in self.points:
            if raw.lower() == "lr" and self._printed.get(full, "lr").lower() == "base_lr":
                self.points[full] = value
            return
        if full in self.points:  # e.g. both `loss` and `total_loss`: one is told by its own name
            printed = self._printed.get(full, raw)
            if own_name(raw) == name.base and (renamed := _under_own_name(full, printed)) != full:
                self.points = {renamed if k == full else k: v for k, v in self.points.items()}
                self.points[full], self._printed[renamed] = value, printed
                return
            full = _under_own_name(full, raw)
        if full not in self.points:
            self.points[full] = value
            self._printed[full] = raw


def _under_own_name(full: str, raw: str) -> str:
    return raw if "/" in raw else f"{full.partition('/')[0]}/{own_name(raw)}"
