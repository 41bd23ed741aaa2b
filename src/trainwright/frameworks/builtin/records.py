"""What training has achieved so far: histories in short, the best epoch, early stopping."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from trainwright.spec import MetricSummary
from trainwright.spec.metrics import lower_is_better
from trainwright.spec.runspec import EarlyStopping


class Records:
    """Judges each epoch by one metric; where it is equal, by the lower loss."""

    def __init__(self, early_stopping: EarlyStopping | None, *, validates: bool) -> None:
        """Start with nothing seen.

        Args:
            early_stopping: Its metric also decides which weights are best.
            validates: Whether there are validation images; otherwise training metrics must do.
        """
        split = "val" if validates else "train"
        wanted = early_stopping.metric if early_stopping else None
        self.metric = f"{split}/accuracy" if wanted is None else wanted
        if not validates:
            self.metric = self.metric.replace("val/", "train/")
        self._loss = f"{split}/loss"
        self._early_stopping = early_stopping
        self._best: list[float] = [-math.inf, -math.inf]
        self.best_step: int | None = None
        self._mark = -math.inf
        self._waited = 0
        self.summaries: dict[str, MetricSummary] = {}

    @property
    def stopped_early(self) -> bool:
        return self._early_stopping is not None and self._waited >= self._early_stopping.patience

    def add_epoch(self, metrics: Mapping[str, float], step: int) -> bool:
        """Take in the metrics of an epoch; whether it is the best so far."""
        for name, value in metrics.items():
            self.summaries[name] = _summary(self.summaries.get(name), name, value, step)
        value = metrics[self.metric]
        score = -value if lower_is_better(self.metric) else value
        if self._early_stopping and score > self._mark + self._early_stopping.min_delta:
            self._mark, self._waited = score, 0
        else:
            self._waited += 1
        standing = [score, -metrics[self._loss]]
        is_best = standing > self._best
        if is_best:
            self._best, self.best_step = standing, step
        return is_best

    def forget_best(self) -> None:
        """The best weights are lost: the next epoch's are the best again."""
        self._best, self.best_step = [-math.inf, -math.inf], None

    def state_dict(self) -> dict[str, Any]:
        return {
            "best": self._best,
            "best_step": self.best_step,
            "mark": self._mark,
            "waited": self._waited,
            "summaries": {n: s.model_dump() for n, s in self.summaries.items()},
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self._best, self._mark, self._waited = state["best"], state["mark"], state["waited"]
        self.best_step = state.get("best_step")
        self.summaries = {n: MetricSummary(**s) for n, s in state["summaries"].items()}


def _summary(old: MetricSummary | None, name: str, value: float, step: int) -> MetricSummary:
    better = old is None or (value < old.best if lower_is_better(name) else value > old.best)
    if old is None or better:
        return MetricSummary(final=value, best=value, best_step=step)
    return old.model_copy(update={"final": value})
