"""Which way a metric improves, by its name."""

from __future__ import annotations

import pytest

from trainwright.spec.metrics import better_is, lower_is_better


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("train/loss", "smaller"),
        ("val/loss_avg", "smaller"),
        ("val/box_loss", "smaller"),
        ("loss", "smaller"),
        ("loss/mean", "smaller"),
        ("eval_loss", "smaller"),
        ("perplexity", "smaller"),
        ("train/kl", "smaller"),
        ("val/rmse", "smaller"),
        ("test/f1_macro", "greater"),
        ("val/top5", "greater"),
        ("train/reward_mean", "greater"),
        ("val/map50_95", "greater"),
        ("val/accuracy", "greater"),
        ("error/f1", "greater"),
        ("klass/f1", "greater"),
        ("glossary/score", None),
        ("train/grad_norm", None),
        ("lr", None),
    ],
)
def test_direction_by_name(name: str, way: str | None) -> None:
    assert better_is(name) == way
    assert lower_is_better(name) is (way == "smaller")
