"""Registered datasets, named in sentences."""

from __future__ import annotations

import time

import pytest

from trainwright import intent
from trainwright.intent import Known, KnownDataset
from trainwright.spec import ParseResult

KNOWN = Known(
    (
        KnownDataset("ds_k3x9", "helmets", "object_detection"),
        KnownDataset("ds_a1b2", "My-Birds_v2"),
        KnownDataset("ds_c3d4", "안전모"),
        KnownDataset("ds_e5f6", "Bird photos 2024"),
    )
)


def read(text: str, context: ParseResult | None = None) -> ParseResult:
    return intent.parse(text, context, KNOWN)


@pytest.mark.parametrize(
    ("text", "dataset"),
    [
        ("train resnet18 on my helmets dataset", "helmets"),
        ("Train YOLO11n on HELMETS for 5 epochs", "helmets"),
        ("train yolo11n with our helmets.", "helmets"),
        ("fine-tune yolo11n using helmets images, 20 epochs", "helmets"),
        ("yolo11n, helmets, 10 epochs", "helmets"),
        ("yolo11n helmets 10 epochs", "helmets"),
        ("train yolo11n on 'helmets'", "helmets"),
        ("detect helmets with yolo11n on my helmets data", "helmets"),
        ("train yolo11n, dataset: helmets", "helmets"),
        ("train resnet18 on ds_k3x9", "ds_k3x9"),
        ("resnet18 with my-birds_v2", "My-Birds_v2"),
        ("helmets로 yolo11n 학습해줘", "helmets"),
        ("helmets 데이터셋으로 욜로11n 10 에폭 학습", "helmets"),
        ("helmets를 yolo11n으로 학습해줘", "helmets"),
        ("My-Birds_v2에서 resnet18 학습", "My-Birds_v2"),
        # names a spec would take for a path stand there by their ids
        ("안전모 데이터로 yolo11n 학습", "ds_c3d4"),
        ("안전모로 yolo11n 학습해줘", "ds_c3d4"),
        ('train resnet18 on "Bird photos 2024"', "ds_e5f6"),
    ],
)
def test_a_registered_dataset_is_known_by_name(text: str, dataset: str) -> None:
    result = read(text)
    assert result.status == "complete", result.questions
    assert result.intent["dataset"] == dataset
    assert result.provenance["dataset"] == "user"
    assert result.spec is not None
    assert result.spec.dataset == dataset


@pytest.mark.parametrize(
    ("text", "dataset"),
    [
        ("detect helmets with yolo11n on coco128", "coco128"),
        ("yolo11n that finds helmets, people, on ./site", "./site"),
        ("train yolo11n on the helmets folder", "./helmets"),
        ("train yolo11n on ./helmets", "./helmets"),
        ("train yolo11n on data/helmets/v1", "data/helmets/v1"),
        ("안전모를 탐지하는 yolo11n을 coco128로 학습", "coco128"),
        ("안전모자 사진 ./모자 폴더로 resnet18 학습", "./모자"),
    ],
)
def test_a_name_that_is_an_ordinary_word_is_left_one(text: str, dataset: str) -> None:
    assert read(text).intent["dataset"] == dataset


@pytest.mark.parametrize("text", ["detect helmets with yolo11n", "helmets를 탐지하는 yolo11n 학습"])
def test_what_may_be_a_word_is_asked_about_and_offered_first(text: str) -> None:
    asked = read(text)
    (question,) = asked.questions
    assert (question.field, question.suggestions[0]) == ("dataset", "helmets")
    assert read("helmets", asked).intent["dataset"] == "helmets"
    assert read("the first one", asked).intent["dataset"] == "helmets"


@pytest.mark.parametrize("text", ["train resnet18 on my helmet dataset", "yolo11n on helmest"])
def test_a_misspelt_name_becomes_a_question(text: str) -> None:
    (question,) = read(text).questions
    assert question.field == "dataset"
    assert question.suggestions[0] == "helmets"


def test_an_id_that_nobody_registered_becomes_a_question() -> None:
    (question,) = read("train resnet18 on ds_zzzz").questions
    assert "ds_zzzz" in question.question
    assert "My-Birds_v2" in question.suggestions
    unasked = intent.parse("train resnet18 on ds_zzzz")
    assert unasked.intent["dataset"] == "ds_zzzz"


def test_what_a_dataset_was_registered_for_is_the_task() -> None:
    result = read("train on my helmets dataset")
    assert result.intent["task"] == "object_detection"
    assert result.provenance["task"] == "inferred"
    assert "helmets" in result.reasons["task"]


def test_a_later_turn_keeps_the_dataset() -> None:
    result = read("make it 8 epochs", read("train yolo11n on my helmets dataset"))
    assert (result.status, result.intent["dataset"]) == ("complete", "helmets")
    assert result.intent["epochs"] == 8


def test_a_sample_keeps_its_name() -> None:
    known = Known((KnownDataset("ds_m1", "mnist"),))
    assert intent.parse("train lenet5 on mnist", None, known).intent["dataset"] == "mnist"


def test_thousands_of_datasets_cost_little() -> None:
    many = Known(tuple(KnownDataset(f"ds_{i:04}", f"set {i}-of-them") for i in range(5000)))
    start = time.thread_time()
    for _ in range(3):
        intent.parse("train resnet18 on the thing we said " * 50, None, many)
    assert time.thread_time() - start < 1
