"""Rules that watch losses: no number, a spike, divergence, a plateau.

A spike is a value so many robust deviations above the median of the last points of the same loss:
the modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle Outliers", 1993), with
Hampel's median absolute deviation for the spread. Their cutoff of 3.5 is for independent samples;
a loss is neither independent nor light-tailed, so the default is greater, a spike must also be
above the greatest rise of the window, and one that is not extreme counts with a second beside it.
Each series is judged by itself, so that training and validation never mix, and anew in each
attempt.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from trainwright.spec.api import AlertRules
from trainwright.spec.events import MetricPoint
from trainwright.store.repositories import Trouble
from trainwright.telemetry.alerts.robust import centre_and_spread
from trainwright.telemetry.alerts.verdict import Over, Verdict

WINDOW = 64
"""Points that a value is compared with."""

MAX_SERIES = 16
"""Losses of one run that are watched."""

_REFRESH = 16
"""A limit serves so many points before it is reckoned anew: a median a point would cost more."""

_FEW = 5
"""Points before a loss that is measured once an epoch is judged."""

_CALM = 16
"""Points without trouble after which it is over."""

_LEAST_SPREAD = 0.02
"""Of the median: a loss that hardly moves has hardly any spread, and any step would be a spike."""

_LEAST_RISE = 1.25
"""Times the median, in size, that a spike must reach at the least."""

_EXTREME = 3.0
"""Times the rise of a limit that is a spike by itself; a lesser one must not be alone."""

_TOGETHER = 4
"""Points within which two lesser ones are a spike."""

_OVER_GREATEST = 1.5
"""Times the greatest rise of the window: noise with a long tail has such rises of its own."""

_SMOOTHING = 2 / (1 + 32)
_PROGRESS = 0.99
_HELD_OUT = re.compile(r"(?:val|valid|validation|eval|test)[/_.]", re.IGNORECASE)
_LOSS = re.compile(r"(?:^|[/_.])loss(?:es)?(?:$|[/_.])", re.IGNORECASE)


def is_loss(name: str) -> bool:
    """Whether a metric of this name is a loss, such as `train/loss` or `loss_bbox`."""
    return _LOSS.search(name) is not None


@dataclass
class LossMemory:
    """What is remembered of one loss.

    Attributes:
        window: The last finite values.
        seen: Finite points so far.
        since_limit: Points since `limit` was reckoned.
        centre: Median of the window then.
        limit: A spike is above it.
        smooth: Exponential mean.
        first: That mean when warm-up was over.
        best: The least that mean has been.
        best_seen: `seen` then.
        best_step: The step then.
        rising: Points in a row that the mean was far above the best.
        calm: Points in a row without a spike.
        spiking: There was one until just now.
        finite: Points in a row that were numbers.
        nan_seen: It is no number, or was none until just now.
        nan_step: The step at which that began.
        last: The last finite value.
        last_step: Its step.
    """

    window: list[float] = field(default_factory=list)
    seen: int = 0
    since_limit: int = 0
    centre: float = 0.0
    limit: float | None = None
    smooth: float | None = None
    first: float | None = None
    best: float | None = None
    best_seen: int = 0
    best_step: int | None = None
    rising: int = 0
    calm: int = _CALM
    spiking: bool = False
    finite: int = 0
    nan_seen: bool = False
    nan_step: int | None = None
    last: float | None = None
    last_step: int | None = None


class LossRules:
    """The rules, over the memory of one run's losses.

    Args:
        memories: By metric name; changed in place.
        rules: When to speak up.
        warmup_steps: Steps in which the learning rate still rises; they are not judged.
    """

    def __init__(
        self, memories: dict[str, LossMemory], rules: AlertRules, warmup_steps: int = 0
    ) -> None:
        self._memories = memories
        self._rules = rules
        self._warmup_steps = warmup_steps
        self._known: dict[str, bool] = dict.fromkeys(memories, True)

    def watches(self, name: str) -> bool:
        """Whether the metric is a loss, and among the first of them."""
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = is_loss(name) and len(self._memories) < MAX_SERIES
        return known

    def look(self, point: MetricPoint) -> Iterator[Verdict]:
        """What one more point of a loss that is watched tells."""
        name = point.name
        memory = self._memories.get(name)
        if memory is None:
            memory = self._memories[name] = LossMemory()
        if not math.isfinite(point.value):
            if not memory.nan_seen:
                memory.nan_step, memory.nan_seen = point.step, True
            yield self._not_a_number(memory, point)
            memory.finite = 0
            return
        memory.finite += 1
        if memory.finite == _CALM and memory.nan_seen:
            memory.nan_seen = False
            yield from self._over("nan_loss", f"{name} is a number again")
        memory.seen += 1
        if self._is_warm(memory, point):
            yield from self._spike(memory, point)
            yield from self._drift(memory, point)
        else:
            # what the loss was before is no measure of what it is after
            memory.smooth = point.value
        self._remember(memory, point)

    def _has(self, rule: str, memory: LossMemory) -> bool:
        """Whether a loss is in the trouble that the rule is about."""
        match rule:
            case "nan_loss":
                return memory.nan_seen
            case "loss_spike":
                return memory.spiking
            case "loss_diverging":
                return memory.rising >= self._rules.diverging_points
        return memory.seen - memory.best_seen >= self._rules.plateau_points

    def _over(self, rule: str, why: str) -> Iterator[Over]:
        """An alert is the run's: it is over when none of its losses is in that trouble any more."""
        if not any(self._has(rule, memory) for memory in self._memories.values()):
            yield Over(rule, why)

    def _not_a_number(self, memory: LossMemory, point: MetricPoint) -> Trouble:
        facts = {
            "metric": point.name,
            "value": str(point.value),
            "step": memory.nan_step,
            "last": memory.last,
        }
        after = "" if memory.last is None else f" (the last finite one was {memory.last:g})"
        return Trouble(
            "nan_loss",
            "error",
            f"{point.name} is {point.value}{_at(memory.nan_step)}{after}",
            "lower learning_rate, add warmup, or use precision fp32",
            facts | _range(memory, point),
        )

    def _is_warm(self, memory: LossMemory, point: MetricPoint) -> bool:
        if point.step is not None and point.step <= self._warmup_steps:
            return False
        is_rare = _HELD_OUT.match(point.name) is not None
        return memory.seen > (_FEW if is_rare else self._rules.spike_warmup)

    def _spike(self, memory: LossMemory, point: MetricPoint) -> Iterator[Verdict]:
        limit = self._limit(memory)
        if limit is None:
            return
        if point.value <= limit:
            memory.calm += 1
            if memory.calm == _CALM and memory.spiking:
                memory.spiking = False
                yield from self._over(
                    "loss_spike", f"{point.name} is {point.value:g}, {_CALM} points later"
                )
            return
        is_alone = memory.calm >= _TOGETHER
        memory.calm = 0
        if is_alone and point.value < memory.centre + _EXTREME * (limit - memory.centre):
            return
        memory.spiking = True
        yield Trouble(
            "loss_spike",
            "warning",
            f"{point.name} jumped to {point.value:g}{_at(point.step)}: "
            f"its median was {memory.centre:g}, and more than {limit:g} is a spike",
            "if it does not come back: lower learning_rate, or clip gradients",
            {
                "metric": point.name,
                "value": point.value,
                "median": memory.centre,
                "limit": limit,
                "step": point.step,
            }
            | _range(memory, point),
        )

    def _limit(self, memory: LossMemory) -> float | None:
        if len(memory.window) < _FEW:
            return None
        if memory.limit is None or memory.since_limit >= _REFRESH:
            centre, spread = centre_and_spread(memory.window)
            spread = max(spread, _LEAST_SPREAD * abs(centre))
            rise = max(
                self._rules.spike_score * spread,
                (_LEAST_RISE - 1) * abs(centre),
                _OVER_GREATEST * (max(memory.window) - centre),
            )
            memory.centre, memory.limit, memory.since_limit = centre, centre + rise, 0
        memory.since_limit += 1
        return memory.limit

    def _drift(self, memory: LossMemory, point: MetricPoint) -> Iterator[Verdict]:
        before = point.value if memory.smooth is None else memory.smooth
        smooth = memory.smooth = before + _SMOOTHING * (point.value - before)
        if memory.best is None or memory.first is None:
            memory.first, memory.best = smooth, smooth
            memory.best_seen, memory.best_step = memory.seen, point.step
            return
        # near zero, a multiple of the best says nothing: a tenth of the first is the least scale
        scale = max(abs(memory.best), abs(memory.first) / 10)
        if smooth > memory.best + (self._rules.diverging_factor - 1) * scale:
            memory.rising += 1
            if memory.rising >= self._rules.diverging_points:
                yield self._diverging(memory, point, smooth)
        else:
            was_diverging = self._has("loss_diverging", memory)
            memory.rising = 0
            if was_diverging:
                yield from self._over("loss_diverging", f"{point.name} is back at {smooth:g}")
        yield from self._plateau(memory, point, smooth, scale)

    def _diverging(self, memory: LossMemory, point: MetricPoint, smooth: float) -> Trouble:
        return Trouble(
            "loss_diverging",
            "error",
            f"{point.name} rises: {smooth:g} on average{_at(point.step)}, "
            f"after {memory.best:g}{_at(memory.best_step)}",
            "stop it, and start again from the best checkpoint with a lower learning_rate",
            {
                "metric": point.name,
                "value": smooth,
                "best": memory.best,
                "best_step": memory.best_step,
                "step": point.step,
                "from_step": memory.best_step,
                "to_step": point.step,
            },
        )

    def _plateau(
        self, memory: LossMemory, point: MetricPoint, smooth: float, scale: float
    ) -> Iterator[Verdict]:
        assert memory.best is not None  # noqa: S101 (set by the caller)
        if smooth < memory.best - (1 - _PROGRESS) * scale:
            was_flat = self._has("loss_plateau", memory)
            memory.best, memory.best_seen, memory.best_step = smooth, memory.seen, point.step
            if was_flat:
                yield from self._over("loss_plateau", f"{point.name} falls again, to {smooth:g}")
        elif memory.seen - memory.best_seen == self._rules.plateau_points:
            yield Trouble(
                "loss_plateau",
                "info",
                f"{point.name} has not fallen by 1 % for {self._rules.plateau_points:,} points: "
                f"it is {smooth:g}{_at(point.step)}, after {memory.best:g}{_at(memory.best_step)}",
                "it may be done; a lower learning_rate or a scheduler may find more",
                {
                    "metric": point.name,
                    "value": smooth,
                    "best": memory.best,
                    "points": self._rules.plateau_points,
                    "step": point.step,
                    "from_step": memory.best_step,
                    "to_step": point.step,
                },
            )

    @staticmethod
    def _remember(memory: LossMemory, point: MetricPoint) -> None:
        # a spike counts as much as a value may that is none, or the next one would hide behind it
        limit = memory.limit if memory.calm == 0 and memory.limit is not None else point.value
        memory.window.append(min(point.value, limit))
        if len(memory.window) > WINDOW:
            del memory.window[0]
        memory.last, memory.last_step = point.value, point.step


def _at(step: int | None) -> str:
    return "" if step is None else f" at step {step:,}"


def _range(memory: LossMemory, point: MetricPoint) -> dict[str, int]:
    """The steps that a chart of it should show."""
    if point.step is None or memory.last_step is None:
        return {}
    each = max(1, point.step - memory.last_step)
    return {"from_step": max(0, point.step - WINDOW * each), "to_step": point.step}
