"""Clauses that only tell something change nothing of what is asked for, wherever they stand."""

from __future__ import annotations

import pytest

from trainwright.intent import parse

ENGLISH = (
    "resnet18 on cifar10, 5 epochs, batch 32",
    "boxes around the pallets in /data/pallets: yolo12s, 30 epochs",
)
KOREAN = ("resnet18로 cifar10 학습해줘, 5에폭, 배치 32", "segformer b0, ade20k, 8000 스텝")
AROUND = ("{told}. {base}.", "{base} ({told})", "{base}. {told}.")
TOLD = (
    "the paper trained for 300 epochs with a batch of 4096",
    "my colleague uses a batch size of 512",
    "last time I used batch 64 and ran out of memory",
    "the run before this one had 25 epochs and diverged",
    "the docs suggest batch 256",
    "the ImageNet recipe says 600 epochs",
    "the guy next to me swears by lr 3e-4",
    "30 epochs had not been enough back in May",
    "the server has 8 A100s, shared by 5 people",
    "there are 14,200 photos in it, taken with 2 phones over 6 weeks",
    "we collected 3,000 pictures in 2 years",
)
TOLD_KO = (
    "논문은 배치 4096에 300에폭이던데",
    "팀장님은 100에폭이라고 하셨지만",
    "지난번에는 배치 64로 하다가 메모리가 터졌어요",
    "강의 자료에는 가중치 감쇠 0.05로 되어 있고요",
    "리더보드 1등은 600에폭이래요",
    "장비에 A100 8장 있고",
    "12코어에 램 48기가짜리 컴퓨터예요",
    "이미지는 총 5만 장인데 32x32예요",
    "2년 동안 3천 장 모았어요",
)


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize(
    ("base", "told"),
    [(base, told) for base in ENGLISH for told in TOLD]
    + [(base, told) for base in KOREAN for told in TOLD_KO],
)
def test_what_a_clause_tells_is_no_wish(base: str, told: str, around: str) -> None:
    plain, read = parse(base), parse(around.format(base=base, told=told))
    assert (read.status, read.intent) == ("complete", plain.intent)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("The paper used 300 epochs, do the same: lenet5 on mnist", "epochs", 300),
        ("lenet5 on mnist; my boss said to use 5 epochs", "epochs", 5),
        ("교수님이 배치 32로 하래요. lenet5로 mnist 학습", "batch_size", 32),
        ("논문은 300에폭인데 똑같이 해줘 lenet5 mnist", "epochs", 300),
        ("The server has 8 A100s; take 2. lenet5 on mnist", "gpus", 2),
        ("GPU 4장 있는데 다 써서 lenet5 mnist 학습", "gpus", 4),
        ("20에폭\n비용은 50만원까지 승인받았어요\nlenet5로 mnist 학습 바랍니다", "epochs", 20),
        ("The photos in ./birds are sorted into 7 classes; resnet18", "num_classes", 7),
        ("lenet5 on mnist, constant learning rate, 0.01", "learning_rate", 0.01),
        ("lenet5 on mnist with sgd over adam", "optimizer", "sgd"),
        ("lenet5 mnist 에폭 말고 스텝으로 3000", "max_steps", 3000),
        ("CPU로 30분 안에 lenet5로 mnist 학습", "gpus", 0),
        ("./x resnet18 분류 클래스는 인도, 도로고요", "class_names", ["인도", "도로"]),
    ],
)
def test_what_is_wished_for_all_the_same(text: str, field: str, value: object) -> None:
    read = parse(text)
    assert (read.status, read.intent[field]) == ("complete", value)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("lenet5 on mnist on several GPUs", "gpus"),
        ("lenet5 on mnist for a while", "max_hours"),
        ("lenet5 on mnist, double the epochs", "epochs"),
        ("lenet5 mnist 몇 시간만 돌려줘", "max_hours"),
    ],
)
def test_an_amount_without_a_number_is_asked_about(text: str, asked: str) -> None:
    assert [question.field for question in parse(text).questions] == [asked]


@pytest.mark.parametrize(
    "text",
    [
        "My train to Lyon is 20 minutes late, where can I get a coffee?",
        "Take the detector from yesterday and show me the boxes it finds in these three photos.",
        "The yolo11n run on ./helmets crashed at epoch 12 with out of memory.",
        "Label the images in ./raw.",
        "Would 8 epochs be better than 4 on mnist?",
        "Thanks, the 20 epochs on mnist were enough.",
        "학습된 yolo11n으로 ./street 사진에서 사람 찾아줘",
        "resnet50 imagenet 평가만 해줘, 배치 256",
        "'5에폭 학습해줘'를 영어로 번역해줘",
        "mnist는 4에폭보다 8에폭이 나을까요?",
    ],
)
def test_words_of_training_alone_ask_for_none(text: str) -> None:
    assert parse(text).status == "not_a_training_request"


@pytest.mark.parametrize(
    "text",
    [
        "How about lenet5 on mnist for 3 epochs?",
        "Once it's trained, show me the accuracy: lenet5, mnist, 2 epochs",
        "I don't know much about this: lenet5 on mnist, 2 epochs",
        "랜덤 데이터로 mlp 한 에폭만 부탁해요, 설치 잘 됐나 확인하려고요",
        "yolo11n을 ./helmets로 50에폭 먹여줘",
    ],
)
def test_a_request_needs_no_verb_of_training(text: str) -> None:
    assert parse(text).status == "complete"
