"""What one line says, where the notation alone decides."""

from __future__ import annotations

import time

import pytest

from trainwright.job.parsers import parse_text


def _read(text: str) -> dict[str, float]:
    return {point.name: point.value for point in parse_text(text)}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Iter 5: discriminator loss: 0.5, mean reward: 2.0", "train/discriminator_loss"),
        ("Mean surrogate loss: 0.25", "train/mean_surrogate_loss"),
        ("Epoch 1 box loss: 0.1 tot loss: 0.4", "train/tot_loss"),
        ("step 10 | 52,100 tok/s | loss 2.5", "train/tokens_per_second"),
        ("dice_loss - 0.51, iou_score - 0.43", "train/dice_loss"),
        ("epoch 2 BLEU-4: 0.31", "val/bleu_4"),
        ("recall@10 : 0.0523    mrr@10 : 0.0212", "val/recall@10"),
        ("Epoch 3, rank_loss=0.3 loss=0.5", "train/rank_loss"),
        ("f1-score (micro avg)  0.9586", "val/f1_micro"),
    ],
)
def test_a_name_of_its_own(line: str, found: str) -> None:
    assert found in _read(line)


@pytest.mark.parametrize(
    "line",
    [
        "Val: 12/79",
        "Test: 45/100 images",
        "tests/test_loss.py::test_accuracy[0.5] PASSED   [ 16%]",
        "Restored best model from epoch 12 (val_loss=0.312)",
        "Accuracy of plane : 61 %",
        "lr=0.001, wd=0.01, batch=64",
        "range of loss 13.0-21.6",
        "dataset length: 2688.0",
    ],
)
def test_no_metric_is_said(line: str) -> None:
    assert not _read(line)


def test_two_measures_that_mean_the_same_are_both_kept() -> None:
    assert _read("step 1: average_loss = 0.36, loss = 11.52") == {
        "train/average_loss": 0.36,
        "train/loss": 11.52,
    }


def test_a_step_of_the_whole_run_goes_before_one_of_the_epoch() -> None:
    (point,) = parse_text("Epoch 1 | iter 512 step 32 | loss 1.5")
    assert (point.epoch, point.step) == (1, 32)


@pytest.mark.parametrize(
    "part", ["loss=0.1 ", "Loss 0.1 (0.2) ", "'a': ", "loss - ", "第 1 ", "[2020-01-01 ", "a/b "]
)
def test_a_line_without_end_takes_no_time(part: str) -> None:
    started = time.process_time()
    parse_text(part * (1_000_000 // len(part)))
    assert time.process_time() - started < 5
