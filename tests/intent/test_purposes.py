"""What a model is for, and how it is not to be trained: neither makes a request a foreign one."""

from __future__ import annotations

import pytest

from trainwright import intent


@pytest.mark.parametrize(
    "said",
    [
        "pls help i want auto sort photo blurry or sharp, ./x, pretrained resnet18, 6 epoch",
        "monitor the beehives for mites: yolo11n, ./mites, 30 epochs",
        "predict leaf disease from photo, resnet50, ./leaf, 10 epochs, lr 0.001",
        "translate english to korean: qwen2.5 0.5b on ./pairs.jsonl, 3 epochs",
        "tag my holiday photos beach or mountain, convnext tiny, ./hol, 5 epochs",
        "find me the cracked tiles, yolo11n, ./tiles, 20 epochs",
        "불량품 나오면 알려주게 yolo11n ./x 10에폭",
        "resnet50으로 ./pcb 불량 분류 학습 걸어주실 수 있나요?",
        "너무 오래 학습하지 말고 딱 10에폭만, yolo11n ./x",
    ],
)
def test_a_purpose_is_no_other_wish(said: str) -> None:
    assert intent.parse(said).status == "complete"


@pytest.mark.parametrize(
    "said",
    [
        "check the accuracy of resnet18 on mnist after 10 epochs",
        "compare resnet18 and resnet34 on cifar10 after 10 epochs",
        "how long does resnet18 on cifar10 take for 10 epochs",
        "translate this sentence: train resnet18 on mnist for 10 epochs",
        "resnet18 cifar10 10에폭 결과 알려줘",
        "학습하지 말고 데이터만 확인해줘",
        "yolo11n ./x 10에폭 학습하지 말고 설정만 보여줘",
        "resnet18 cifar10으로 학습하지 마세요",
        "resnet18 mnist 학습 방법 알려주실 수 있나요?",
    ],
)
def test_another_wish_is_one(said: str) -> None:
    assert intent.parse(said).status == "not_a_training_request"


@pytest.mark.parametrize(
    "said",
    [
        "resnet18을 처음부터 학습시키지 말고 cifar10 5에폭",
        "스크래치로 학습하지 마시고 resnet18, cifar10 학습",
        "resnet18 on cifar10, don't train from scratch",
        "resnet18 on cifar10 rather than from scratch",
    ],
)
def test_not_from_scratch_is_pretrained(said: str) -> None:
    read = intent.parse(said)
    assert (read.status, read.intent["pretrained"]) == ("complete", True)


@pytest.mark.parametrize(
    ("said", "task"),
    [
        ("sort maize leafs in sick and not sick, ./maize", "image_classification"),
        ("i want auto sort photos blurry or sharp, ./x", "image_classification"),
        ("find the location of the ball, ./football", "object_detection"),
    ],
)
def test_tasks_in_plain_words(said: str, task: str) -> None:
    assert intent.parse(said).intent["task"] == task


def test_where_the_data_will_be_is_no_task() -> None:
    read = intent.parse("resnet18, 5 epochs; I'll send the location of the images tomorrow")
    assert [question.field for question in read.questions] == ["dataset"]
    assert read.intent["task"] == "image_classification"


@pytest.mark.parametrize(
    "said",
    [
        "compliance doesn't allow pretrained weights, so resnet34 on ./x",
        "pretrained weights aren't allowed; resnet34 on ./x",
        "we can't use pretrained weights; train resnet34 on ./x",
        "resnet34 on ./x, policy forbids pretrained weights",
        "resnet34 on ./x, pretrained weights cannot be used",
        "사전학습 가중치는 사용 금지라서 resnet34로 ./x 학습",
        "resnet34 ./x 학습, 사전학습 모델은 못 씀",
        "사전학습 가중치를 쓸 수 없어요. resnet34로 ./x 학습해 주세요",
    ],
)
def test_what_is_forbidden_is_not_wished_for(said: str) -> None:
    result = intent.parse(said)
    assert (result.status, result.intent["pretrained"]) == ("complete", False)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("pretrained weights are not forbidden, resnet34 on ./x", "pretrained"),
        ("mixed precision isn't possible on this box, resnet34 on ./x", "precision"),
        ("증강 없이는 안 돼, resnet34로 ./x 학습", "augment"),
    ],
)
def test_what_may_be_is_told_from_what_may_not(said: str, field: str) -> None:
    wanted = {"pretrained": True, "precision": "fp32", "augment": None}
    assert intent.parse(said).intent.get(field) == wanted[field]


@pytest.mark.parametrize(
    ("said", "model"),
    [
        ("yolov8x-seg는 무거우니까 yolov8n-seg로 학습해줘, ./x", "ultralytics/yolov8n-seg"),
        ("resnet101은 너무 커서 resnet50으로 ./x 학습", "timm/resnet50"),
        ("yolov8x는 느린데 yolov8n으로 ./x 학습", "ultralytics/yolov8n"),
        ("we can't use resnet101, so resnet50 on ./x", "timm/resnet50"),
        ("we are not allowed to use yolov8, so yolo11n on ./x", "ultralytics/yolo11n"),
    ],
)
def test_what_is_too_much_gives_way(said: str, model: str) -> None:
    assert intent.parse(said).intent["model"] == model


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("train ghostnet_100, jpegs are in $SCRATCH/clouds", "$SCRATCH/clouds"),
        ("train resnet50 on ${DATA_DIR}/a.b", "${DATA_DIR}/a.b"),
        ("train resnet50 on $DATA", "$DATA"),
        (r"train resnet50 on %USERPROFILE%\data\x", r"%USERPROFILE%\data\x"),
        ("resnet50으로 $DATA_ROOT/train 학습해줘", "$DATA_ROOT/train"),
        ("use $HF_TOKEN to log in, train gpt2 on ./x", "./x"),
        ("resnet50 on ./x, it may cost $500", "./x"),
    ],
)
def test_variables_of_a_shell_are_part_of_a_path(said: str, place: str) -> None:
    assert intent.parse(said).intent["dataset"] == place


@pytest.mark.parametrize(
    ("said", "field", "value"),
    [
        ("resnet50 on ./x, the scheduler must not be cosine", "scheduler", None),
        ("resnet50 on ./x; adam is forbidden, use sgd", "optimizer", "sgd"),
        ("resnet50 on ./x, can't use adam", "optimizer", None),
        ("bf16 is not supported here so fp16, resnet50 on ./x", "precision", "fp16"),
        ("resnet50으로 ./x 학습, 아담은 쓰면 안 돼", "optimizer", None),
        ("아담은 사용 금지니까 sgd로, resnet50 ./x 학습", "optimizer", "sgd"),
        ("2 of 8 gpus are broken, train resnet50 on ./x", "gpus", None),
        ("one gpu is busy, train resnet50 on ./x", "gpus", None),
        ("gpu 8장 중 2장은 고장났어요. resnet50으로 ./x 학습", "gpus", None),
        ("train resnet50 on ./x with 2 of 8 gpus", "gpus", 2),
    ],
)
def test_what_cannot_be_had_is_no_wish(said: str, field: str, value: object) -> None:
    result = intent.parse(said)
    assert (result.status, result.intent.get(field)) == ("complete", value)


@pytest.mark.parametrize(
    ("said", "model"),
    [
        ("regnety 16gf on ./x", "torchvision/regnet_y_16gf"),
        ("regnety 1.6gf on ./x", "timm/regnety_016"),
        ("regnetx_32gf on ./x", "torchvision/regnet_x_32gf"),
    ],
)
def test_a_dot_within_a_number_counts(said: str, model: str) -> None:
    assert intent.parse(said).intent["model"] == model


def test_this_one_is_a_run_that_gets_a_name() -> None:
    assert (
        intent.parse("call this one night-shift-3: yolo11n, ./x").intent["name"] == "night-shift-3"
    )
