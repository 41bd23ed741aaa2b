"""A negation that is said once of several things."""

from __future__ import annotations

import pytest

from trainwright import intent

WEIGHT_DECAY, WARMUP, AUGMENT = {"weight_decay": 0}, {"warmup": 0}, {"augment": "none"}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("without warmup or weight decay", WEIGHT_DECAY | WARMUP),
        ("without augmentation and warmup", AUGMENT | WARMUP),
        ("neither warmup nor weight decay", WEIGHT_DECAY | WARMUP),
        ("no warmup, weight decay or augmentation", WEIGHT_DECAY | WARMUP | AUGMENT),
        ("no warmup and early stopping", WARMUP | {"early_stopping": True}),
        ("가중치 감쇠와 워밍업은 둘 다 없이", WEIGHT_DECAY | WARMUP),
        ("증강이랑 사전학습 모두 없이", AUGMENT | {"pretrained": False}),
        ("증강, 웜업 전부 빼고", AUGMENT | WARMUP),
        ("웜업 없이 조기 종료", WARMUP | {"early_stopping": True}),
    ],
)
def test_it_is_of_each(said: str, found: dict[str, object]) -> None:
    read = intent.parse(f"resnet18, cifar10, {said}").intent
    assert {k: v for k, v in read.items() if k not in ("model", "dataset", "task")} == found
