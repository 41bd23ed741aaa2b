"""What the log says to people; the agent is told the same by `trainwright.job.report`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import IO


def own_stdout() -> IO[str]:
    """The process's stdout as a channel; whatever else prints, also C code, goes to stderr now."""
    channel = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return channel


def say(what: str, metrics: Mapping[str, float]) -> None:
    """One line, such as `epoch 2/5  train/loss 0.1374  val/accuracy 0.9368`."""
    figures = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    print(f"{what}  {figures}", flush=True)
