"""What the log says to people; the agent is told the same by `trainwright.job.report`."""

from __future__ import annotations

from collections.abc import Mapping


def say(what: str, metrics: Mapping[str, float]) -> None:
    """One line, such as `epoch 2/5  train/loss 0.1374  val/accuracy 0.9368`."""
    figures = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
    print(f"{what}  {figures}", flush=True)
