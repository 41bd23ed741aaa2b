"""What the name of a metric tells."""

from __future__ import annotations

import re
from typing import Literal

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
