"""`tw.plan`: nothing is started."""

from __future__ import annotations

from pathlib import Path

import pytest

import trainwright as tw
from trainwright.testing.images import make_messy_folder


def test_a_sentence_is_planned_for_a_gpu_that_is_named() -> None:
    plan = tw.plan("train resnet18 on cifar10 for 3 epochs", gpu="RTX 3090")
    assert plan.fits
    assert plan.device == "NVIDIA GeForce RTX 3090"
    assert plan.duration_seconds is not None


def test_images_of_a_folder_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "pets"
    make_messy_folder(folder)
    once = tw.plan(model="builtin/lenet5", dataset=str(folder), epochs=100, gpus=0)
    twice = tw.plan(model="builtin/lenet5", dataset=str(folder), epochs=200, gpus=0)
    assert once.duration_seconds and twice.duration_seconds
    ratio = twice.duration_seconds.expected / once.duration_seconds.expected
    assert ratio == pytest.approx(2, rel=0.01)


def test_faults_of_the_spec_are_told() -> None:
    with pytest.raises(tw.TrainwrightError, match="epochs"):
        tw.plan(model="builtin/lenet5", dataset="digits", epochs=-1)
