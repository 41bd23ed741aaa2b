"""Values that no run can have, or that only somebody else knows: asked about, never replaced."""

from __future__ import annotations

import pytest

from trainwright import intent

ASKED = [
    ("yolo11s, ./wagons, 80 epochs, target: slurm", "target"),
    ("train resnet18 on cifar10 on sagemaker", "target"),
    ("slurm에서 yolo11m으로 ./drone 탐지 100에폭 학습시켜줘", "target"),
    ("코랩에서 resnet18로 cifar10 학습", "target"),
    ("옵티마이저는 메가그래드로 하고 cifar100 resnet34 50에폭 돌려봐", "optimizer"),
    ("cpu only please: basic cnn on kmnist, 6 epochs, on 2 gpus", "gpus"),
    ("cifar100 resnet18 학습인데 CPU로만 돌리고 GPU는 2개 써줘", "gpus"),
    ("resnet18 on cifar10 with the learning rate we agreed on, 25 epochs", "learning_rate"),
    ("학습률은 저번에 잘됐던 그 값으로 하고 yolov5s로 ./golf 골프공 탐지", "learning_rate"),
    ("yolo11m on ./shelves, and make the image size big", "image_size"),
    ("resnet101로 ./xray 분류 25에폭, 이미지 크기는 좀 크게", "image_size"),
    ("give me a few epochs of the mlp on fashion mnist", "epochs"),
]
NOT_ASKED = [
    "resnet18 on ./x, not on colab",
    "kaggle에서 받은 ./cats 로 resnet18 학습",
    "the data is on aws at s3://b/x, train resnet18 for 3 epochs",
    "옵티마이저는 기본값으로 하고 cifar100 resnet34 50에폭 돌려봐",
    "no gpu here, so resnet18 on cifar10 on cpu",
    "high resolution photos in ./x, resnet18",
]


@pytest.mark.parametrize(("text", "field"), ASKED)
def test_a_value_that_no_run_can_have_is_asked_about(text: str, field: str) -> None:
    read = intent.parse(text)
    assert [question.field for question in read.questions] == [field]
    assert field not in read.intent


@pytest.mark.parametrize("text", NOT_ASKED)
def test_what_is_plain_is_not_asked_about(text: str) -> None:
    assert intent.parse(text).status == "complete"


@pytest.mark.parametrize(
    "text", ["train like last time", "Train again.", "지난번이랑 똑같이 한 번 더 학습해줄래?"]
)
def test_the_same_again_is_a_request(text: str) -> None:
    questions = intent.parse(text).questions
    assert {question.field for question in questions} == {"task", "dataset"}


@pytest.mark.parametrize("text", ["train our dog again", "지난번 학습 결과 보여줘"])
def test_another_wish_about_the_last_time_is_none(text: str) -> None:
    assert intent.parse(text).status == "not_a_training_request"
