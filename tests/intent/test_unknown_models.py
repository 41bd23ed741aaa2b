"""Names in a model's place that are none here: asked about, never passed over."""

from __future__ import annotations

import pytest

from trainwright import intent

UNKNOWN = [
    "train visionnet-xl on mnist",
    "classify mnist with the visionnet-xl model",
    "train foobar 3 on cifar10",
    "train siglip2 base on cifar10 for 5 epochs",
    "train rfdetr on coco128",
    "sft foobar on ./a.jsonl",
    "sft deepseek-r1 on alpaca",
    "dpo on ultrafeedback using zephyr",
    "train an svm on mnist",
    "train a random forest on mnist",
    "mnist with mamba, 10 epochs, train it",
    "visionnet-xl 모델로 mnist 분류 학습해줘",
    "foobar 모델로 mnist 학습해줘",
    "푸바넷으로 mnist 학습해줘",
    "mnist를 캡슐넷으로 학습",
    "SVM으로 mnist 분류 학습",
    "랜덤 포레스트로 mnist 학습해줘",
]

NONE = [
    "train today on mnist",
    "train on mnist with patience",
    "train a digit recognizer on mnist",
    "train our detector on coco128",
    "train for 5 epochs on mnist",
    "train mnist with mixup for 3 epochs",
    "train multi-gpu on mnist",
    "train low-lr on cifar10",
    "train mnist, clip gradients at 1.0",
    "classify falcon and orca photos in ./animals",
    "classify snakes: mamba, cobra, python in ./snakes",
    "fine-tune a chatbot on ./faq.jsonl",
    "제일 좋은 모델로 mnist 학습",
    "분류 모델을 mnist로 학습해줘",
    "mnist를 baseline 모델로 학습",
    "mnist를 fp16로 학습",
    "coco128을 rtx3090으로 학습",
    "./cones 라바콘 탐지 학습",
    "./toys 트랜스포머 장난감이랑 레고 구분",
    "인터넷에서 모은 ./web 사진 분류 학습",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_stands_in_a_models_place_is_asked_about(text: str) -> None:
    read = intent.parse(text)
    assert read.status == "needs_clarification"
    assert [question.field for question in read.questions] == ["model"]


@pytest.mark.parametrize("text", NONE)
def test_other_words_are_no_models(text: str) -> None:
    assert "model" not in [question.field for question in intent.parse(text).questions]


def test_the_question_says_the_name() -> None:
    (question,) = intent.parse("train foobar-large on cifar10").questions
    assert "foobar-large" in question.question


@pytest.mark.parametrize("text", ["lenet5 on fasion mnist", "lenet5 on permuted mnist"])
def test_another_dataset_of_like_name_is_asked_about(text: str) -> None:
    assert [question.field for question in intent.parse(text).questions] == ["dataset"]
