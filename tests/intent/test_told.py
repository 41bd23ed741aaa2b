"""What somebody tells of earlier runs, and settings pasted in a block."""

from __future__ import annotations

import pytest

from trainwright.intent import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "the last run with lr 0.1 exploded, so start a new one: resnet18, cifar10, lr 0.01",
            {"learning_rate": 0.01},
        ),
        (
            "My previous attempt at batch size 256 ran out of memory, so go with 64: "
            "resnet18 on cifar10, 40 epochs",
            {"batch_size": 64, "epochs": 40},
        ),
        (
            "아까 lr 0.1로 한 건 터졌으니까 새로 하나 학습하자. resnet18 cifar10 lr 0.01",
            {"learning_rate": 0.01},
        ),
        (
            "지난번엔 배치 128로 했다가 터졌으니 이번엔 32로, resnet18 cifar10 학습",
            {"batch_size": 32},
        ),
        ("논문은 300에폭인데 저희는 50에폭으로 할게요. resnet18 cifar10", {"epochs": 50}),
        ("resnet18 cifar10 배치 128은 터져서 64로 학습해줘", {"batch_size": 64}),
        (
            "교수님이 배치 512는 말도 안 된대... 그냥 32로 해서 resnet18 cifar10 학습해줘",
            {"batch_size": 32},
        ),
        ("resnet18 cifar10 100에폭은 무리라서 20으로 학습", {"epochs": 20}),
    ],
)
def test_what_was_used_before_is_taken_back(text: str, expected: dict[str, object]) -> None:
    read = parse(text)
    assert read.status == "complete"
    settings = set(read.intent) - {"model", "dataset", "task"}
    assert {name: read.intent[name] for name in settings} == expected


@pytest.mark.parametrize(
    "text",
    [
        'run:\n```json\n{"model": "builtin/resnet18", "dataset": "cifar10", "epochs": 20}\n```',
        "```yaml\nmodel: builtin/resnet18\ndataset: cifar10\nepochs: 20\n```\nstart it",
        "~~~\nmodel: builtin/resnet18\ndataset: cifar10\nepochs: 20\n~~~\n위 설정대로 돌려줘",
        "- 모델: resnet18\n- 데이터: cifar10\n- 방법: 분류\n- 20에폭",
    ],
)
def test_a_pasted_block_is_read(text: str) -> None:
    read = parse(text)
    assert read.status == "complete"
    assert read.intent == {
        "task": "image_classification",
        "model": "builtin/resnet18",
        "dataset": "cifar10",
        "epochs": 20,
    }


def test_a_word_inside_another_orders_nothing() -> None:
    read = parse("yolo11s로 ./barcode 바코드 탐지, 최대 2시간, 우선순위 높게")
    assert (read.status, read.intent["max_hours"]) == ("complete", 2)


@pytest.mark.parametrize(
    "text",
    [
        "resnet18 cifar10 코드 좀 짜줘",
        "yolo11n coco128 결과 보여줘",
        "resnet18 cifar10 학습 방법 알려줘",
        "지금 도는 mnist 런 우선순위 좀 높여줘",
        "last week we fine-tuned llama 3.1 8b on dolly with lora",
    ],
)
def test_named_things_alone_are_no_request(text: str) -> None:
    assert parse(text).status == "not_a_training_request"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lenet5 mnist 배치 64 만 스텝", {"batch_size": 64, "max_steps": 10_000}),
        ("lenet5 mnist lr=5e-7 천 스텝", {"learning_rate": 5e-7, "max_steps": 1000}),
        ("lenet5 mnist 3 만 스텝", {"max_steps": 30_000}),
    ],
)
def test_digits_of_one_setting_and_a_numeral_of_the_next(
    text: str, expected: dict[str, object]
) -> None:
    read = parse(text).intent
    assert {k: v for k, v in read.items() if k not in ("model", "dataset", "task")} == expected
