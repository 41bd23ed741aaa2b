"""The rule that notices when steps stop coming.

The usual time between two signs of progress is the median of the last ones. What is left out on
purpose: silence of the trainer altogether, which its agent notices itself, and says as `stall`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from trainwright.spec.api import AlertRules
from trainwright.store.repositories import Trouble
from trainwright.telemetry.alerts.verdict import Over, Verdict

_KEPT = 32
_FEWEST = 5
"""Times between steps before there is anything usual about them."""

_LONGEST_FACTOR = 2.0
"""A pause that was seen before, such as that of a validation, may be this much longer."""


@dataclass
class PaceMemory:
    """What is remembered of how fast a run goes on.

    Attributes:
        step: The furthest step.
        at: When it was reached, in seconds since 1970.
        gaps: The last times between two steps that were told.
        longest: The longest of all.
        stalled: The rule has spoken.
        at_end: The last step of all is done.
    """

    step: int | None = None
    at: float = 0.0
    gaps: list[float] = field(default_factory=list)
    longest: float = 0.0
    stalled: bool = False
    at_end: bool = False


class PaceRule:
    """The rule, over the memory of one run's pace."""

    def __init__(self, memory: PaceMemory, rules: AlertRules) -> None:
        self._memory = memory
        self._rules = rules

    def moved(self, step: int, at: float, total: int | None = None) -> Iterator[Verdict]:
        """A step was told of."""
        memory = self._memory
        if memory.step is not None and step <= memory.step:
            return
        if memory.step is not None:
            gap = max(0.0, at - memory.at)
            if memory.stalled:
                yield Over("stall", f"step {step:,} came after {gap / 60:.1f} minutes")
            else:
                # the pause of a stall is no measure of what is usual
                memory.longest = max(memory.longest, gap)
            memory.gaps = [*memory.gaps[1 - _KEPT :], gap]
        memory.step, memory.at, memory.stalled = step, at, False
        memory.at_end = total is not None and step >= total

    def waited(self, now: float) -> Iterator[Verdict]:
        """The trainer lives, and has told of no further step until now."""
        memory = self._memory
        if memory.step is None or len(memory.gaps) < _FEWEST or memory.at_end:
            return
        usual = median(memory.gaps)
        limit = max(
            self._rules.stall_factor * usual,
            _LONGEST_FACTOR * memory.longest,
            self._rules.stall_seconds,
        )
        silence = now - memory.at
        if silence <= limit:
            return
        memory.stalled = True
        yield Trouble(
            "stall",
            "warning",
            f"no step after step {memory.step:,} for {silence / 60:.1f} minutes; "
            f"usually one is told of every {usual:.2g} s",
            "look at its log and its CPU and GPU use; `runs stop` saves before it ends",
            {
                "step": memory.step,
                "silent_seconds": round(silence, 1),
                "usual_seconds": round(usual, 3),
                "limit": round(limit, 1),
            },
        )
