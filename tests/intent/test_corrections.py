"""Whatever people correct, and however they say so: the new value is read, or asked about."""

from __future__ import annotations

from typing import Any

import pytest

from trainwright import intent

_Said = tuple[str, str, str, Any]
ENGLISH: dict[str, _Said] = {
    "epochs": ("10 epochs", "20", "20 epochs", 20),
    "batch_size": ("batch size 32", "64", "batch 64", 64),
    "learning_rate": ("lr 0.01", "0.001", "lr 0.001", 0.001),
    "optimizer": ("adam", "sgd", "sgd", "sgd"),
    "scheduler": ("cosine schedule", "linear", "a linear schedule", "linear"),
    "image_size": ("224 px", "256", "256 px", 256),
    "seed": ("seed 1", "7", "seed 7", 7),
    "precision": ("fp16", "bf16", "bf16", "bf16"),
    "gpus": ("2 GPUs", "4", "4 GPUs", 4),
    "target": ("on ssh:box", "ssh:lab", "on ssh:lab", "ssh:lab"),
    "max_hours": ("at most 2 hours", "3", "3 hours", 3),
    "weight_decay": ("weight decay 0.01", "0.05", "weight decay 0.05", 0.05),
    "warmup": ("500 warmup steps", "1000", "1000 warmup steps", 1000),
    "num_classes": ("5 classes", "6", "6 classes", 6),
}
KOREAN: dict[str, _Said] = {
    "epochs": ("10에폭", "20", "20에폭", 20),
    "batch_size": ("배치 32", "64", "배치 64", 64),
    "learning_rate": ("학습률 0.01", "0.001", "학습률 0.001", 0.001),
    "optimizer": ("아담", "sgd", "sgd", "sgd"),
    "scheduler": ("코사인 스케줄러", "선형", "선형 스케줄러", "linear"),
    "image_size": ("이미지 크기 224", "256", "이미지 크기 256", 256),
    "seed": ("시드 1", "7", "시드 7", 7),
    "precision": ("fp16", "bf16", "bf16", "bf16"),
    "gpus": ("GPU 2개", "4개", "GPU 4개", 4),
    "target": ("ssh:box에서", "ssh:lab에서", "ssh:lab에서", "ssh:lab"),
    "max_hours": ("최대 2시간", "3시간", "최대 3시간", 3),
    "weight_decay": ("가중치 감쇠 0.01", "0.05", "가중치 감쇠 0.05", 0.05),
    "warmup": ("웜업 500스텝", "1000스텝", "웜업 1000스텝", 1000),
    "num_classes": ("클래스 5개", "6개", "클래스 6개", 6),
}
WAYS = [
    "{a}, no wait, {b}",
    "{a} - no, {b}",
    "{a}. Actually {b}.",
    "{a}... sorry, {b}",
    "{a}, scratch that, {b}",
    "{a}, I mean {b}",
    "{a}, make that {b}",
    "{a}, oops, {b}",
    "{a}, on second thought {b}",
    "{a} (no, {b})",
    "{a}, or rather {b}",
    "{a}, correction: {b}",
    "{a}, wait, better {b}",
    "{a}, nah, {b}",
    "{a}, no no, {b}",
    "not {a} but {b}",
    "{b} instead of {a}",
    "{b}, not {a}",
    "{b} rather than {a}",
    "first I wanted {a} but let's go with {b}",
    "{a} ah no {b}",
    "{a}, uh I meant {b}",
    "{a}, change that to {b}",
    "{a}. Nope: {b}",
    "{a}, strike that, {b}",
    "{a}, let me correct that: {b}",
    "{a}; change of plan, {b}",
    "{a}, my bad, {b}",
    "{a}, my mistake, {b}",
    "{a}, forget that, {b}",
]
WAYS_KO = [
    "{a}, 아니 {b}",
    "{a}... 아니다 {b}",
    "{a} 아 아니 {b}로",
    "{a}, 아냐 {b}",
    "{a} 말고 {b}",
    "{a} 대신 {b}",
    "{a}, 정정 {b}",
    "{a}, 잠깐 {b}로",
    "{a}, 아차 {b}",
    "{a}, 취소하고 {b}",
    "{a}로 하려다가 {b}로",
    "{a}로 하려고 했는데 {b}로 할게",
    "{a} 아니고 {b}",
    "{a} -> {b}",
    "{a}, 다시 생각하니 {b}",
    "{a}, 실수 {b}",
    "{a}, 아 미안 {b}",
    "{a}, 바꿀게 {b}로",
    "{a} 아니라 {b}로 해줘",
    "{a}에서 {b}로 바꿔줘",
    "{a} 취소, {b}",
    "{a} 노노 {b}",
    "{a} ㄴㄴ {b}",
    "{a} 했다가 {b}로 변경",
    "{a} 보다는 {b}로",
    "{a}... 음 그냥 {b}로 가자",
    "{a} 아 잘못 썼다 {b}",
    "{a} (오타, {b})",
]


def _check(sentence: str, field: str, value: Any) -> None:
    read = intent.parse(sentence)
    if field not in {question.field for question in read.questions}:
        assert (read.status, read.intent.get(field)) == ("complete", value), sentence


@pytest.mark.parametrize("field", ENGLISH)
def test_in_english(field: str) -> None:
    first, short, whole, value = ENGLISH[field]
    for way in WAYS:
        for then in (short, whole):
            _check(f"train resnet18 on ./x, {way.format(a=first, b=then)}", field, value)


@pytest.mark.parametrize("field", KOREAN)
def test_in_korean(field: str) -> None:
    first, short, whole, value = KOREAN[field]
    for way in WAYS_KO:
        for then in (short, whole):
            _check(f"resnet18로 ./x 학습, {way.format(a=first, b=then)}", field, value)


@pytest.mark.parametrize(
    "sentence",
    [
        "train resnet18 on ./x, name it exp-1, no wait, exp-2",
        "train resnet18 on ./x, name it exp-1, scratch that, name it exp-2",
        "resnet18로 ./x 학습, 이름은 exp-1 말고 exp-2",
        "resnet18로 ./x 학습, 이름은 exp-1로 하려다가 exp-2로",
    ],
)
def test_a_name(sentence: str) -> None:
    assert intent.parse(sentence).intent["name"] == "exp-2"
