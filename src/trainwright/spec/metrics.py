"""What the name of a metric tells, and how many names there may be."""

from __future__ import annotations

import re
from typing import Literal

from trainwright.spec.events import Alert

MAX_METRICS = 5_000
"""Metrics of different names in one run; points of further ones are not kept."""

TOO_MANY = "too_many_metrics"

_SMALLER = frozenset(
    [
        "loss",
        "losses",
        "error",
        "err",
        "perplexity",
        "ppl",
        "kl",
        "mse",
        "rmse",
        "mae",
        "nll",
        "wer",
        "cer",
        "ece",
        "brier",
        "fid",
    ]
)
_GREATER = frozenset(
    [
        "accuracy",
        "f1",
        "precision",
        "recall",
        "map",
        "miou",
        "dice",
        "auc",
        "top",
        "reward",
        "rewards",
    ]
)


def better_is(name: str) -> Literal["greater", "smaller"] | None:
    """Which way a metric improves, by its name such as `val/f1_macro`; `None` when not known."""
    name = name.lower()
    # the last part first: what is before it may be the name of a class
    for text in (name.rpartition("/")[2], name):
        words = set(re.split(r"[/_.]", text))
        words |= {word.rstrip("0123456789") for word in words}
        if words & _SMALLER:
            return "smaller"
        if words & _GREATER:
            return "greater"
    return None


def lower_is_better(name: str) -> bool:
    """Whether a metric of this name is good when it is small (losses, errors, divergences)."""
    return better_is(name) == "smaller"


def too_many_metrics(name: str) -> Alert:
    """What is said once, when the first point is dropped; `name` is whose it was."""
    return Alert(
        code=TOO_MANY,
        message=f"the run has measured {MAX_METRICS:,} metrics of different names; those named "
        f"later, such as {name!r}, are not kept",
        hint="put what changes (a step, a file, a sample) into the step, not into the name",
    )
