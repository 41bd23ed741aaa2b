"""The rules one by one, where a mistake would hide inside a whole sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright import intent
from trainwright.intent.rules import (
    background,
    classes,
    hardware,
    korean,
    language,
    numbers,
    places,
    settings,
    spacing,
    spelling,
)

DIGITS = "영일이삼사오육칠팔구"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("two hundred and fifty-six", "256"),
        ("a dozen epochs", "12 epochs"),
        ("one billion", "1000000000"),
        ("백 에폭", "100 에폭"),
        ("배치 이백오십육", "배치 256"),
        ("만 스텝", "10000 스텝"),
        ("3만 스텝", "30000 스텝"),
        ("스물다섯 번", "25 번"),
        ("천분의 일", "0.001"),
        ("100k steps", "100000 steps"),
        ("1,024", "1024"),
        ("10^-4", "1e-4"),
        ("3 x 10^-4", "3e-4"),
        ("1/4", "0.25"),
        ("half an hour", "0.5 hours"),
        ("1h30m", "1.5 hours"),
        ("한 시간 반", "1.5 hours"),
        ("one thousandth", "0.001"),
        ("three e minus four", "3e-4"),
        ("point zero one", "0.01"),
        ("영점영영일", "0.001"),
        ("10의 마이너스 3승", "1e-3"),
        ("고양이 강아지 구분", "고양이 강아지 구분"),
        ("에폭은 삼십이에요", "에폭은 30이에요"),
        ("에폭은 삼십이요", "에폭은 30이요"),
        ("시드는 사십이로", "시드는 42로"),
        ("만분의 일이야", "0.0001이야"),
        ("영점영일이고", "0.01이고"),
        ("이번 학습", "이번 학습"),
        ("someone", "someone"),
    ],
)
def test_numbers_in_words(text: str, digits: str) -> None:
    assert numbers.to_digits(text) == digits


@given(st.integers(1, 99_999_999))
def test_every_korean_number_is_read(value: int) -> None:
    assert korean.number(_korean(value)) == value


def _korean(value: int) -> str:
    high, low = divmod(value, 10_000)
    return (_below_myriad(high) + "만" if high else "") + _below_myriad(low)


def _below_myriad(value: int) -> str:
    word = ""
    for unit, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            word += DIGITS[digit] + name
    return word


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("./chat.jsonl로 학습", "./chat.jsonl"),
        ("/data/cars에서 학습", "/data/cars"),
        (r"D:\사진\꽃 폴더로", r"D:\사진\꽃"),
        (r"\\server\share\photos를", r"\\server\share\photos"),
        ("./도로 픽셀 단위", "./도로"),
        ("./사진으로 학습", "./사진"),
        ("(./flowers)을", "./flowers"),
        ("on ~/birds, please", "~/birds"),
        ("s3://bucket/key.", "s3://bucket/key"),
        ("use train.jsonl.", "train.jsonl"),
        *(
            (f"데이터는 ./leaves{end} 배치 32", "./leaves")
            for end in (
                "야",
                "이야",
                "예요",
                "이에요",
                "입니다.",
                "입니당",
                "임",
                "임ㅋㅋ",
                "이고",
                "고,",
                "인데",
                "이며",
                "에있어",
                "였어",
            )
        ),
        ("데이터는 D:\\tea\\leaves야", "D:\\tea\\leaves"),
        ("./data사진, 10 에폭", "./data사진"),
        ("./잎사진이에요", "./잎사진"),
        ("./모임, 10 에폭", "./모임"),
        ("./data/이에요", "./data/"),
        ("./꽃/란, 10 에폭", "./꽃/란"),
    ],
)
def test_paths_end_where_the_sentence_goes_on(text: str, path: str) -> None:
    assert [place.value for place in places.places(text)] == [path]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("batch size 64 epochs 5", {"batch_size": 64, "epochs": 5}),
        ("5 epochs 64 batch size", {"batch_size": 64, "epochs": 5}),
        ("on gpu 10 epochs", {"epochs": 10}),
        ("bs16 lr1e-3 20ep", {"batch_size": 16, "learning_rate": 1e-3, "epochs": 20}),
        ("warm up for 5% of steps", {"warmup": 0.05}),
        ("30 minutes", {"max_hours": 0.5}),
        ("640x480", {"image_size": [640, 480]}),
        ("adam at 0.01", {"learning_rate": 0.01}),
        ("from 0 to 9", {}),
        ("version 2.1", {}),
    ],
)
def test_numbers_go_to_the_setting_beside_them(text: str, found: dict[str, object]) -> None:
    assert {f.field: f.value for f in settings.read(text)} == found


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("15 epohcs", "15 epochs"),
        ("bacth size", "batch size"),
        ("learnign rate", "learning rate"),
        ("optimzer sgd", "optimizer sgd"),
        ("학슴", "학습"),
        ("patches of defects", "patches of defects"),
        ("by train and rain", "by train and rain"),
    ],
)
def test_slips_in_words_of_the_trade_are_mended(typed: str, meant: str) -> None:
    assert spelling.mend(typed) == meant


@pytest.mark.parametrize(
    ("text", "gpus"),
    [
        ("on 2 x rtx 4090 (24gb each)", 2),
        ("two a100s", 2),
        ("a100 80gb 두 장으로", 2),
        ("4x h100", 4),
        ("batch size 4060", None),
        ("i have 2 gpus", None),
    ],
)
def test_cards_are_counted_and_their_digits_are_no_settings(text: str, gpus: int | None) -> None:
    read = background.without_owned(hardware.read(text), has=False)
    found = {f.field: f.value for f in settings.read(numbers.to_digits(read))}
    assert found.get("gpus") == gpus
    assert "memory_gb" not in found


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("resnet18 cifar10 0.5 epochs", "dataset", "cifar10"),
        ("lenet 5 epochs on mnist", "epochs", 5),
        ("resnet18, cifar 10 epochs", "epochs", 10),
        ("lenet5-mnist-5ep", "epochs", 5),
        ("lenet5 on mnist-fashion", "dataset", "fashion_mnist"),
        ("train resnet18 on tiny imagenet", "dataset", None),
        ("train resnet18 on imagenet-100", "dataset", None),
        ("mask rcnn r50 on ./cells", "task", "instance_segmentation"),
        ("swin_tiny_patch4_window7_224 on ./x", "model", "timm/swin_tiny_patch4_window7_224"),
        ("resnet18 cifar10 lr=0.1->0.01", "learning_rate", None),
        ("resnet18 cifar10, freeze for the first 5 epochs", "epochs", None),
        ("resnet18 cifar10 5 warmup epochs, 100 epochs", "warmup", 0.05),
        ("sgd instead of adam, resnet18, mnist", "optimizer", "sgd"),
        ("resnet18 on mnist with lion instead of adamw", "optimizer", "lion"),
        ("tell a lion from a tiger with resnet18 on ./cats", "optimizer", None),
        ("mnist 르넷, 배치는 음... 4로요", "batch_size", 4),
        ("lenet5 on mnist for, um, 20 epochs", "epochs", 20),
        ("램 16기가짜리 노트북이라, mnist 르넷", "memory_gb", None),
        ("램은 32기가로, mnist 르넷", "memory_gb", 32),
        ("mnist 르넷, 배치는 32에서 64로 올려서", "batch_size", 64),
        ("lenet5 on mnist, raise the epochs from 10 to 30", "epochs", 30),
        ("new run. lenet5, mnist. epochs, fifteen. seed, 3", "epochs", 15),
        ("mnist 르넷, sgd 쓸까 했는데 그냥 adamw로", "optimizer", "adamw"),
        ("i was going to use sgd but make it adamw, lenet5, mnist", "optimizer", "adamw"),
        ("a batch of 128 exhausted the memory, so use 32, lenet5 on mnist", "batch_size", 32),
        ("카메라가 초당 30장씩 찍어요. mnist 르넷 학습", "batch_size", None),
        ("3번 라인 사진 ./weld 로 르넷 학습", "epochs", None),
        ("내 그래픽카드는 4060이야. mnist 르넷", "gpus", None),
        ("3090 한 장 가진 유저입니다. mnist 르넷", "gpus", None),
        ("lenet5 on mnist for a single epoch", "epochs", 1),
        ("lenet5 on mnist, 5 epochs, validate every single epoch", "epochs", 5),
        ("digits told apart one by one, lenet5 on mnist", "image_size", None),
        (
            "touvron et al. trained for 800 epochs; i want 50 of deit3_small_patch16_224 on mnist",
            "epochs",
            50,
        ),
        ("lenet5 + mnist + 2 epochs = happy me", "epochs", 2),
        ("fix: redo mnist with lenet, seed 3", "seed", 3),
        ("the scheduler i want linear, lenet5 on mnist", "scheduler", "linear"),
        (
            "last year i ran it with 64 pixels, this time make it 96: lenet5 on mnist",
            "image_size",
            96,
        ),
        ("what i'd really like is lenet5 on mnist, 5 epochs", "epochs", 5),
        ("no more lora, smollm2 360m on alpaca", "peft", "none"),
        ("grpo qwen2.5 0.5b instruct on gsm8k, the reward lives in ./r.py", "reward", "./r.py"),
        ("lenet5 on mnist, refrain from any warmup", "warmup", 0),
        ("my boss says resnet34 is fine; train it on cifar10", "model", "builtin/resnet34"),
        ("can we get resnet18 going on cifar10 for the demo on friday? 5 epochs", "epochs", 5),
        ("르넷 말고 레즈넷18로 mnist", "model", "builtin/resnet18"),
        ("30 epochs instead of 20, lenet5, mnist", "epochs", 30),
        ("mnist 르넷 배치 32 말고 64", "batch_size", 64),
        ("it took 3 hours last time; lenet5 on mnist", "max_hours", None),
    ],
)
def test_nothing_is_read_from_the_wrong_place(text: str, field: str, value: object) -> None:
    assert intent.parse(text).intent.get(field) == value


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("inspect bottles with resnet18, photos in ./b, 10 epochs", "complete"),
        ("inspect the results of resnet18 on cifar10, 10 epochs", "not_a_training_request"),
        ("check if resnet18 learns cifar10 in 10 epochs", "not_a_training_request"),
    ],
)
def test_what_a_model_shall_examine_is_no_order_to_examine(text: str, status: str) -> None:
    assert intent.parse(text).status == status


def test_a_setting_that_no_run_has_is_named_in_the_reply() -> None:
    read = intent.parse("resnet18 on cifar10, sgd, momentum 0.9, lr 0.1")
    assert "momentum" in (read.reply or "")
    assert read.intent["learning_rate"] == 0.1


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("mnist로르넷학습해줘에폭5번", "mnist로 르넷학습해줘 에폭5번"),
        ("배치64로에폭40번", "배치64로 에폭40번"),
        ("./사진으로학습 폴더", "./사진으로학습 폴더"),
        ("르넷으로 mnist 학습", "르넷으로 mnist 학습"),
    ],
)
def test_what_is_glued_together_is_taken_apart_but_for_paths(text: str, apart: str) -> None:
    assert spacing.apart(text) == apart


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("르넷 엠니스트 15ep bs64 lr=3e-4", "ko"),
        ("patience 3으로 early stopping, seed=123 학습", "ko"),
        ("please train it on the 사진 folder for me", "en"),
        ("...?", "en"),
    ],
)
def test_words_of_the_trade_are_nobodys_language(text: str, expected: str) -> None:
    assert language.detect(text, text) == expected


@pytest.mark.parametrize(
    "keys",
    [
        "logging_steps=10 save_steps=500 eval_steps 50",
        "save_period=5",
        "per_device_eval_batch_size=8",
        "--warmup-lr 1e-6 --min-lr 1e-5",
        "beta1=0.9 beta2=0.999",
    ],
)
def test_other_tools_keys_are_no_settings_of_a_run(keys: str) -> None:
    assert {found.field for found in settings.read(f"{keys} epochs=20")} == {"unread_", "epochs"}


@pytest.mark.parametrize(
    "told",
    [
        "the deadline is in 3 days",
        "마감이 3시간 남았어요",
        "각 클래스 1000장씩 있는",
        "사진 해상도가 4032x3024인데",
        "램 16기가인데",
        "from epoch 10",
    ],
)
def test_numbers_of_other_things_are_no_settings(told: str) -> None:
    assert not list(settings.read(background.apart(told).text))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("classes intact, cracked and missing, data at", ["intact", "cracked", "missing"]),
        ("classes intact, cracked, missing, images in", ["intact", "cracked", "missing"]),
        ("classes intact, cracked, missing, model resnet18", ["intact", "cracked", "missing"]),
        ("classes intact, cracked, missing, two gpus", ["intact", "cracked", "missing"]),
        ("classes intact, cracked, missing, fp16", ["intact", "cracked", "missing"]),
        ("classes text, tables and images, resnet18", ["text", "tables", "images"]),
        ("classes: zebra, tiger, lion", ["zebra", "tiger", "lion"]),
        ("classes: a, b and c", ["a", "b", "c"]),
        ("classes are cat, dog and rabbit now that these moved in", ["cat", "dog", "rabbit"]),
        ("classes cat and dog and bird, resnet18", ["cat", "dog", "bird"]),
        ("클래스는 벼, 보리, 잡초, 사진은", ["벼", "보리", "잡초"]),
        ("클래스는 벼, 보리, 잡초, 증강 없이", ["벼", "보리", "잡초"]),
        ("클래스는 고양이랑 개랑 새", ["고양이", "개", "새"]),
        ("클래스는 사자랑 호랑이랑 표범이야", ["사자", "호랑이", "표범"]),
        ("클래스는 공장이랑 수박이랑 구멍", ["공장", "수박", "구멍"]),
        ("클래스는 양파, 고추, 오이고", ["양파", "고추", "오이"]),
        ("클래스는 배, 사과이고", ["배", "사과"]),
    ],
)
def test_names_of_classes_end_where_the_sentence_goes_on(text: str, names: list[str]) -> None:
    found = classes.read(text)
    assert found is not None and found.names == names
