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


@pytest.mark.parametrize(
    ("text", "model", "dataset"),
    [
        ("resnet thirty four on cifar ten, batch size sixteen", "builtin/resnet34", "cifar10"),
        ("train resnet fifty on cifar one hundred", "timm/resnet50", "cifar100"),
        ("그 시파 십 있잖아 그거 레즈넷 십팔로 삼십 에폭 돌려줘", "builtin/resnet18", "cifar10"),
        ("레즈넷18 이십 에폭 cifar10", "builtin/resnet18", "cifar10"),
    ],
)
def test_numbers_of_names_are_spoken(text: str, model: str, dataset: str) -> None:
    read = parse(text).intent
    assert (read["model"], read["dataset"]) == (model, dataset)


def test_a_count_after_a_family_is_no_part_of_its_name() -> None:
    read = parse("resnet 이십 에폭 cifar10 학습")
    assert (read.intent["epochs"], [q.field for q in read.questions]) == (20, ["model"])


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("resnet18 cifar10, weight decay는 0 말고 1e-3으로", "weight_decay", 1e-3),
        (
            "The paper uses beta 0.5 but I'd rather have beta 0.1. DPO, gpt2, ultrafeedback",
            "beta",
            0.1,
        ),
        ("풀 파인튜닝은 메모리 안 되니까 큐로라로. gpt2, ./bylaws.jsonl, sft", "peft", "qlora"),
        ("resnet18 cifar10, cosine isn't needed so use a linear schedule", "scheduler", "linear"),
        ("resnet18 cifar10 학습, 워밍업은 전체의 5%로 부탁드립니다", "warmup", 0.05),
        ("resnet18로 ./부품 학습, 클래스 이름은 볼트, 너트", "class_names", ["볼트", "너트"]),
    ],
)
def test_what_takes_the_place_of_something(text: str, field: str, value: object) -> None:
    read = parse(text)
    assert (read.status, read.intent[field]) == ("complete", value)


@pytest.mark.parametrize(
    "text", ["resnet18 cifar10 학습. 제 GPU는 16GB입니다.", "resnet18 cifar10, my GPU has 8 GB"]
)
def test_the_memory_of_a_card_is_no_number_of_cards(text: str) -> None:
    assert "gpus" not in parse(text).intent


def test_thirty_or_forty_is_asked_about() -> None:
    read = parse("resnet18 cifar10 에폭은 삼사십 정도")
    assert [q.field for q in read.questions] == ["epochs"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lenet5 mnist 20에폭은 너무 많고 30으로 학습", {"epochs": 30}),
        ("기존에는 adam 썼는데 이번엔 sgd로 lenet5 mnist 학습해줘", {"optimizer": "sgd"}),
        ("last time we used adam, now sgd: lenet5 on mnist", {"optimizer": "sgd"}),
        ("lenet5 mnist 학습 끝나면 그래프도 보여줘", {}),
        (
            "Last winter's attempt used batch 96 and died; this time batch 12, lenet5, mnist",
            {"batch_size": 12},
        ),
        ("The jury meets in 3 weeks: lenet5 on mnist, thirty epochs", {"epochs": 30}),
        ("lenet5로 mnist 학습. 에폭 말고 스텝으로 3만 스텝", {"max_steps": 30_000}),
    ],
)
def test_only_what_is_wanted_now(text: str, expected: dict[str, object]) -> None:
    read = parse(text)
    assert read.status == "complete"
    said = {k: v for k, v in read.intent.items() if k not in ("model", "dataset", "task")}
    assert said == expected


@pytest.mark.parametrize("text", ["이 사진 분류해줘 ./cat.jpg", "classify this photo ./cat.jpg"])
def test_one_picture_is_for_a_model_that_is_there(text: str) -> None:
    assert parse(text).status == "not_a_training_request"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("./pets 분류 학습, 클래스 3개: 고양이, 개, 새", []),
        ("./pets 분류 학습, 클래스 5개: 고양이, 개, 새", ["num_classes"]),
        ("train a classifier with 5 classes: cat, dog, bird on ./pets", ["num_classes"]),
    ],
)
def test_as_many_classes_as_are_named(text: str, asked: list[str]) -> None:
    read = parse(text)
    assert [q.field for q in read.questions] == asked
    assert len(read.intent["class_names"]) == 3


@pytest.mark.parametrize(
    ("text", "gpus"),
    [
        ("3090 한 장 달린 컴퓨터예요. resnet18로 ./x 학습", None),
        ("resnet18로 ./x 학습, A100 두 장 꽂힌 서버입니다", None),
        ("Our box has four A100s; take two of the cards for resnet18 on ./x", 2),
        ("We have four cards, use two of the cards: resnet18 on ./x", 2),
        ("I don't have a GPU, train resnet18 on ./x", 0),
        ("GPU는 없어요. resnet18로 ./x 학습", 0),
        ("남는 GPU가 없어요. resnet18로 ./x 학습", None),
        ("GPU가 없어서 ssh:box에서 resnet18로 ./x 학습해줘", None),
        ("I don't have a GPU but the server has two: resnet18 on ./x", None),
    ],
)
def test_cards_somebody_has_or_lacks(text: str, gpus: int | None) -> None:
    assert parse(text).intent.get("gpus") == gpus


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ResNet50을 쓰면 된다고 들었습니다. ./x 분류 돌려주세요", {"model": "timm/resnet50"}),
        ("coco8로 yolo11n 한 에폭만 찍먹해보자", {"epochs": 1}),
        ("resnet18로 ./x 분류, epoch 은 10 입니다", {"epochs": 10}),
        ("resnet18 cifar10, 이미지는 224로 키워서 10 에폭", {"image_size": 224, "epochs": 10}),
        ("resnet18 cifar10, 배치를 128로 키워서 10 에폭", {"batch_size": 128, "epochs": 10}),
        (
            "논문은 120 에폭인데 저희는 3060 하나뿐이라 배치 32, 에폭 40으로. resnet18, ./x",
            {"epochs": 40, "batch_size": 32},
        ),
        ("resnet18 on ./x, and let it take at most half an hour", {"max_hours": 0.5}),
        ("let it run for 3 epochs on cifar10 with resnet18", {"epochs": 3}),
        ("Show my students something quick: train on MNIST for 3 epochs", {"epochs": 3}),
        ("a model that grades tomatoes into 4 classes, ./x", {"num_classes": 4}),
    ],
)
def test_a_wish_in_other_words(text: str, expected: dict[str, object]) -> None:
    read = parse(text)
    assert read.status == "complete"
    settings = {*expected} | {"epochs", "batch_size", "max_hours", "image_size", "num_classes"}
    assert {k: v for k, v in read.intent.items() if k in settings} == expected


def test_a_table_with_names_above_its_values() -> None:
    head = "| model | dataset | epochs | lr |\n|---|:-:|---|---|\n"
    row = "| resnet18 | ./x | 90 | 0.002 |"
    read = parse(head + row)
    assert read.status == "complete"
    assert (read.intent["epochs"], read.intent["learning_rate"]) == (90, 0.002)
    two = parse(f"{head}{row}\n| resnet18 | ./x | 10 | 0.002 |")
    assert [question.field for question in two.questions] == ["epochs"]


def test_a_table_of_entries() -> None:
    read = parse("resnet18 on ./x\n\n| setting | value |\n|---|---|\n| epochs | 90 |\n| lr | 0.1 |")
    assert (read.intent["epochs"], read.intent["learning_rate"]) == (90, 0.1)


def test_a_model_begins_no_list_of_classes() -> None:
    found = parse("Grade retina photos into five classes: DenseNet121, pretrained, folder /data/x")
    assert found.intent["model"] == "timm/densenet121"
    assert found.intent["num_classes"] == 5
    assert "class_names" not in found.intent


def test_a_model_ends_a_list_of_classes() -> None:
    found = parse("classes: swan, dog, resnet50 on ./x")
    assert found.intent["class_names"] == ["swan", "dog"]
    assert found.intent["model"] == "timm/resnet50"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("백두 가지 꽃으로 분류할 거고 데이터는 ./flowers, 에피션트넷 b3", "num_classes", 102),
        ("세 가지 결함을 탐지, yolo11n, ./pcb", "num_classes", 3),
        ("두 가지 모델로 분류 학습해 볼게 ./x", "num_classes", None),
        ("랜덤 데이터로 resnet18 3에폭만 스모크 테스트 돌려주세요", "epochs", 3),
        ("digits로 분류 학습 걸어줘 에폭은 10이면 괜찮아", "epochs", 10),
        ("I want a box round each missing screw, images in ./line3", "task", "object_detection"),
    ],
)
def test_what_strangers_said_last(text: str, field: str, value: object) -> None:
    assert parse(text).intent.get(field) == value


@pytest.mark.parametrize("text", ["이 모델 괜찮아?", "best.pt로 테스트 돌려줘"])
def test_what_only_looks_like_it(text: str) -> None:
    assert parse(text).status == "not_a_training_request"
