"""Optimizers, and learning-rate schedules as functions of the step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from trainwright.frameworks.builtin.config import Config


def make_optimizer(model: nn.Module, config: Config) -> torch.optim.Optimizer:
    """The optimizer, with weight decay on matrices and kernels only."""
    trained = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    rate, extra = config.learning_rate, config.extra
    betas = (extra["beta1"], extra["beta2"])
    match config.optimizer:
        case "adam":
            return torch.optim.Adam(groups, rate, betas)
        case "adamw":
            return torch.optim.AdamW(groups, rate, betas)
        case "sgd":
            momentum, nesterov = extra["momentum"], extra["nesterov"]
            return torch.optim.SGD(groups, rate, momentum=momentum, nesterov=nesterov)
        case _:
            return torch.optim.RMSprop(groups, rate, momentum=extra["momentum"])


@dataclass
class Schedule:
    """The learning rate at each step.

    All but `plateau` are functions of the step alone. The rate first rises in a line over the
    warm-up, then follows its curve over the steps that are left.

    Attributes:
        kind: As in the spec.
        peak: Highest learning rate.
        total: Optimizer steps of the whole run.
        warmup: Steps of the warm-up.
        steps_per_epoch: Optimizer steps.
        floor: Lowest rate, as a share of the peak.
        gamma: Factor of `step`, `exponential` (to the end) and `plateau`; `None`: its usual one.
        step_epochs: Epochs between two drops of `step`; `None` drops at a third and two thirds.
        power: Of `polynomial`.
        patience: Epochs without improvement that `plateau` bears.
        drops: How often `plateau` has dropped.
        best: Lowest loss `plateau` has seen.
        waited: Epochs since then.
    """

    kind: str
    peak: float
    total: int
    warmup: int
    steps_per_epoch: int
    floor: float = 0.0
    gamma: float | None = None
    step_epochs: int | None = None
    power: float = 2.0
    patience: int = 2
    drops: int = 0
    best: float = math.inf
    waited: int = 0

    def rate(self, step: int) -> float:
        """Learning rate of the optimizer step `step`, counted from 0."""
        if step < self.warmup:
            return self.peak * (step + 1) / (self.warmup + 1)
        left = max(1, self.total - self.warmup)
        done = min(1.0, (step - self.warmup) / left)
        return self.peak * (self.floor + (1 - self.floor) * self._curve(step, done))

    def _curve(self, step: int, done: float) -> float:
        """Share of the peak, where `done` of the steps after the warm-up lie behind."""
        curves: dict[str, Callable[[], float]] = {
            "linear": lambda: 1 - done,
            "cosine": lambda: (1 + math.cos(math.pi * done)) / 2,
            "polynomial": lambda: (1 - done) ** self.power,
            "exponential": lambda: (self.gamma or 0.01) ** done,
            "step": lambda: (self.gamma or 0.1) ** self._steps_down(step, done),
            "onecycle": lambda: _one_cycle(done),
            "plateau": lambda: (self.gamma or 0.5) ** self.drops,
        }
        return float(curves[self.kind]()) if self.kind in curves else 1.0

    def _steps_down(self, step: int, done: float) -> int:
        if self.step_epochs:
            return step // (self.step_epochs * self.steps_per_epoch)
        return int(done * 3)

    def end_epoch(self, loss: float) -> None:
        """Tell `plateau` the validation loss of an epoch."""
        if loss < self.best * (1 - 1e-4):
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.drops, self.waited = self.drops + 1, 0

    def state_dict(self) -> dict[str, Any]:
        return {"drops": self.drops, "best": self.best, "waited": self.waited}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.drops, self.best, self.waited = state["drops"], state["best"], state["waited"]


def _one_cycle(done: float) -> float:
    """Up from 1/25 to 1 in three tenths of the way, then down to nearly 0 (Smith 2018)."""
    if done < 0.3:
        return 1 / 25 + (1 - 1 / 25) * (1 - math.cos(math.pi * done / 0.3)) / 2
    return (1 + math.cos(math.pi * (done - 0.3) / 0.7)) / 2


def make_schedule(config: Config, *, total: int, steps_per_epoch: int) -> Schedule:
    """The schedule of a run of `total` optimizer steps."""
    extra = config.extra
    warmup = config.warmup * total if config.warmup < 1 else config.warmup
    return Schedule(
        kind=config.scheduler,
        peak=config.learning_rate,
        total=total,
        warmup=0 if config.scheduler == "onecycle" else min(total, round(warmup)),
        steps_per_epoch=steps_per_epoch,
        floor=extra["min_lr_ratio"],
        gamma=extra["scheduler_gamma"],
        step_epochs=extra["scheduler_step_epochs"],
        power=extra["polynomial_power"],
        patience=extra["plateau_patience"],
    )
