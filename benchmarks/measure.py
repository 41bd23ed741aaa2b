"""Timing of paired commands: medians, and the ratio pair by pair."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass
class Row:
    """One line of the report.

    Attributes:
        what: What was measured.
        ours: Median, in `unit`.
        peer: Median of the peer, where there is one.
        ratio: Median of the ratios, pair by pair.
        limit: What it must stay under, in words.
        ok: Whether it did.
    """

    what: str
    ours: float
    unit: str
    limit: str
    ok: bool
    peer: float | None = None
    ratio: float | None = None

    def __str__(self) -> str:
        peer = "" if self.peer is None else f"{self.peer:.3g} {self.unit}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3f}"
        verdict = "yes" if self.ok else "NO"
        ours = f"{self.ours:.3g} {self.unit}"
        return f"| {self.what} | {ours} | {peer} | {ratio} | {self.limit} | {verdict} |"


HEADER = "| what | ours | peer | ratio | limit | held |\n|---|---|---|---|---|---|"


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def command(*argv: str) -> Callable[[], object]:
    return lambda: subprocess.run(argv, check=True, capture_output=True)


def paired(
    ours: Callable[[], float], peer: Callable[[], float], *, pairs: int
) -> tuple[list[float], list[float]]:
    """Measure both in turn, so that a drift of the machine falls on both."""
    first, second = [], []
    for _ in range(pairs):
        second.append(peer())
        first.append(ours())
    return first, second


def ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, peer, strict=True))
