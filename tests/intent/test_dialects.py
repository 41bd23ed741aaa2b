"""Korean as it is spoken: endings of many places, and nouns that begin like counting words."""

from __future__ import annotations

import pytest

from trainwright import intent


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("에폭은 서른다섯이우다", {"epochs": 35}),
        ("배치는 서른둘이여", {"batch_size": 32}),
        ("배치는 열여섯이구마", {"batch_size": 16}),
        ("에폭은 스물이라예", {"epochs": 20}),
        ("어제는 50에폭 돌리다 뻗어부렀소, 오늘은 12에폭만 해보랑께", {"epochs": 12}),
        ("반복 횟수: 30 에폭", {"epochs": 30}),
        ("반복 횟수는 5000 스텝", {"max_steps": 5000}),
        ("두 번역가가 다듬은 사진", {}),
        ("네 번식지에서 찍은 사진", {}),
        ("세 시간대 사진", {}),
        ("스케줄러도 그냥 고정", {"scheduler": "constant"}),
        ("증강은 걍 약하게", {"augment": "light"}),
        ("해상도 0.5m라 imgsz=512로", {"image_size": 512}),
        ("100에폭이나 돌리지 말고 20에폭만", {"epochs": 20}),
    ],
)
def test_it_is_understood(said: str, fields: dict[str, object]) -> None:
    read = intent.parse(f"resnet18, cifar10 학습. {said}")
    told = {k: v for k, v in read.intent.items() if k not in ("model", "dataset", "task")}
    assert (read.status, told) == ("complete", fields)


def test_what_may_be_two_numbers_is_asked_about() -> None:
    read = intent.parse("resnet18 cifar10, 에폭은 이십이우다")
    assert [question.field for question in read.questions] == ["epochs"]


@pytest.mark.parametrize(
    ("said", "model"),
    [
        ("라마 3.2 1B를 알파카로 파인튜닝해 줘 아니다 3B로 해 줘", "trl/meta-llama/Llama-3.2-3B"),
        ("Fine-tune llama 3.2 1B on alpaca, no wait, 3B", "trl/meta-llama/Llama-3.2-3B"),
        ("yolo11n으로 ./x 학습해줘 아니 s로 해줘", "ultralytics/yolo11s"),
        ("train yolo11n on ./x, actually make it s", "ultralytics/yolo11s"),
        ("resnet18 cifar10 학습. 아니다 34로 하자", "builtin/resnet34"),
    ],
)
def test_a_size_is_corrected(said: str, model: str) -> None:
    assert intent.parse(said).intent["model"] == model


@pytest.mark.parametrize(
    "said",
    ["resnet18, cifar10, 5 epochs, no wait, 8", "resnet18 5에폭 cifar10, 아니 8로"],
)
def test_a_number_is_corrected_not_the_model(said: str) -> None:
    read = intent.parse(said)
    assert (read.intent["model"], read.intent["epochs"]) == ("builtin/resnet18", 8)


@pytest.mark.parametrize(
    ("slip", "fields"),
    [("batch siez 16", {"batch_size": 16}), ("learning raet 0.01", {"learning_rate": 0.01})],
)
def test_short_words_are_mended_by_the_word_before(slip: str, fields: dict[str, object]) -> None:
    read = intent.parse(f"resnet18 on cifar10, {slip}")
    assert fields.items() <= read.intent.items()


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("yolo11n ./x 1024 배치4 에폭120", {"image_size": 1024, "batch_size": 4, "epochs": 120}),
        ("yolo11n ./x 640 batch 16 epochs 80", {"image_size": 640, "batch_size": 16, "epochs": 80}),
        ("yolo11n ./x 512 배치 10 에폭", {"batch_size": 512, "epochs": 10}),
        ("yolo11n ./x 10 epochs 32 batch 0.01 lr", {"epochs": 10, "batch_size": 32}),
        ("yolo11n ./x 640 epochs=40 batch=10", {"epochs": 40, "batch_size": 10}),
        ("yolo11n ./x epochs 30 -> 50", {"epochs": 50}),
        ("yolo11n ./x 에폭 30 → 50으로 늘려서", {"epochs": 50}),
        ("yolo11n ./x 처음 5에폭은 워밍업 총 50에폭", {"warmup": 0.1, "epochs": 50}),
        ("사진 3000장, 1920x1080. yolo11n ./x 10에폭", {"image_size": None, "epochs": 10}),
        ("사진 만이천 장이고 800x600이에요. yolo11n 640 ./x", {"image_size": 640}),
        ("업체는 500에폭 필요하다는데 네 시간밖에 없어요. yolo11n ./x", {"epochs": None}),
        ("48코어 램 256기가인데 gpu는 없어요. 8코어로 yolo11n ./x", {"cpus": 8, "gpus": 0}),
        ("gspo qwen3 0.6b gsm8k 그룹 16 보상 ./r.py", {"num_generations": 16}),
        ("lr 0.003 should stay constant; resnet50 on ./x", {"learning_rate": 0.003}),
        ("르넷 mnist 5에폭만 좀 돌려주실래요", {"epochs": 5}),
        ("I only have a CPU, 16 threads. lenet5, mnist", {"gpus": 0, "cpus": 16}),
        ("메모리 32기가 gpu 하나 코어 네 개로 resnet18 ./x", {"gpus": 1, "cpus": 4}),
        ("qlora r64 a16, max seq 1024, gemma 2 2b, ./x.jsonl sft", {"r": 64, "alpha": 16}),
        ("최대 3일: resnet50 ./x", {"max_hours": 72}),
        ("아담 대신 나담, inception v3, ./shells", {"optimizer": "nadam"}),
        ("조직 타일 900장(1024x1024) ./x 라벨 있음, resnet50", {"class_names": None}),
        ("resnet50 on ./x (10 morphology classes), 5 epochs", {"num_classes": 10, "epochs": 5}),
    ],
)
def test_each_number_goes_to_its_own_name(said: str, fields: dict[str, object]) -> None:
    read = intent.parse(said)
    assert read.status == "complete"
    assert {field: read.intent.get(field) for field in fields} == fields


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ("yolo11n on ./x, epochs 10-20", ["epochs"]),
        ("resnet18 on ./x, batch 16-32", ["batch_size"]),
        ("mask2former swin-t on ./leafs, 50 epochs", ["model"]),
        ("교수님이 100에폭 돌리라 하셨는데 그냥 30만 돌려줘 resnet18 ./x", ["epochs"]),
        ("resnet18 ./birds 에폭 적당히", ["epochs"]),
    ],
)
def test_what_is_not_one_thing_is_asked_about(said: str, fields: list[str]) -> None:
    assert [question.field for question in intent.parse(said).questions] == fields
