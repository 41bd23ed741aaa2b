"""Ways Koreans say the same thing: each must read alike, wherever in the sentence it stands."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from trainwright import intent
from trainwright.intent.rules import korean

Fields = dict[str, Any]
IMAGES = {"task": "image_classification", "model": "builtin/resnet18", "dataset": "cifar10"}
WORDS = {"task": "sft", "model": "trl/Qwen/Qwen2.5-0.5B", "dataset": "hf://tatsu-lab/alpaca"}
LORA = {"peft": "lora"}
FRAMES = (
    (IMAGES, "resnet18로 cifar10 학습해줘, {}"),
    (IMAGES, "{}, 레즈넷18 시파10 학습"),
    (IMAGES, "CIFAR-10에 ResNet18 학습 부탁드립니다. {}."),
    (IMAGES, "- 모델: resnet18\n- 데이터: cifar10\n- {}"),
)
LANGUAGE_FRAMES = (
    (WORDS, "qwen2.5 0.5b로 alpaca sft 해줘, {}"),
    (WORDS, "{}, 큐웬2.5 0.5B 알파카 SFT"),
    (WORDS, "알파카로 sft 부탁드립니다. 모델은 qwen2.5 0.5b이고 {}"),
)

SAID: tuple[tuple[Fields, str], ...] = (
    (
        {"epochs": 30},
        "에폭 30|에포크는 30으로|삼십 에폭|에폭은 삼십|서른 번|에폭 값은 30|총 30에폭만",
    ),
    ({"epochs": 12}, "열두 에폭|에폭 수는 12로 맞춰줘|12 epoch 정도|에폭12"),
    (
        {"batch_size": 256},
        "배치 이백오십육|배치 크기는 256으로 부탁드려요|bs는 이백오십육|배치이백오십육",
    ),
    ({"batch_size": 64}, "배치 사이즈는 예순넷|batch size는 64로 set|배치 64씩|배치는 64면 돼"),
    (
        {"learning_rate": 0.001},
        "학습률 천분의 일|lr은 1/1000로|학습률은 영점영영일이면 좋겠어요|lr 1e마이너스3",
    ),
    (
        {"learning_rate": 0.01},
        "학습률 0점01|러닝레이트는 영쩜영일|초기 학습률은 백분의 일이고|학습률 .01",
    ),
    ({"max_steps": 15000}, "1만5천 스텝|스텝은 1만5천|만오천 스텝|스텝 수: 15,000|만 오천 스텝"),
    ({"max_steps": 30000}, "3만 스텝|스텝은 3만으로|최대 스텝 삼만|3만 iteration|step은 30k"),
    ({"image_size": 320}, "이미지 크기 320|320픽셀|320x320으로|320*320으로|해상도는 삼백이십"),
    ({"image_size": 320}, "이미지를 320으로 줄여서|입력 해상도는 320|사진은 320px"),
    ({"seed": 42}, "시드 42|랜덤시드는 사십이|씨드 값은 42|seed는 사십이로 고정"),
    ({"num_classes": 102}, "클래스 백두 개|클래스는 총 백두 개예요|102 종류|백두 가지로 분류"),
    (
        {"num_classes": 3},
        "클래스가 세 개|3 등급으로 나눠|세 종류 구분|카테고리는 셋|클래스는 3개임",
    ),
    ({"gpus": 2}, "GPU 두 장|A100 두 장으로|GPU는 2개만 써줘|gpu 2개의|지피유 두 대에서"),
    ({"gpus": 0}, "CPU로만|GPU 없이|GPU 말고 CPU로|GPU는 쓰지 말고|디바이스는 cpu|GPU 0개"),
    ({"gpus": 1}, "GPU로|싱글 GPU로|GPU 하나만|그래픽카드 하나|단일 gpu로"),
    ({"memory_gb": 32}, "메모리 삼십이 기가|램은 32GB까지|32기가 램으로"),
    ({"max_hours": 1.5}, "한 시간 반 안에|시간 제한 90분|최대 1시간 30분|한 시간 반만"),
    ({"max_hours": 24}, "하루 안에|길어도 하루|제한 시간 하루|하루를 넘지 않게"),
    ({"warmup": 0.05}, "워밍업 5프로|웜업은 5%|warmup 비율 0.05|워밍업은 5퍼센트만"),
    ({"warmup": 0}, "웜업 없이|워밍업은 빼고|웜업 쓰지 말고|워밍업은 필요 없어"),
    ({"weight_decay": 0}, "가중치 감쇠 없이|weight decay 끄고|웨이트 디케이는 쓰지 말고"),
    (
        {"optimizer": "sgd"},
        "옵티마이저로 SGD 써줘|에스지디로|최적화는 sgd로|adam 쓰지 말고 sgd|adam은 말고 SGD로",
    ),
    (
        {"optimizer": "lion"},
        "옵티마이저를 라이언으로|Lion 옵티마이저|옵티마이져는 lion|adam 대신 lion으로",
    ),
    (
        {"scheduler": "exponential"},
        "스케줄러는 지수|지수 스케쥴러로|학습률 스케줄은 지수로|scheduler는 exponential",
    ),
    (
        {"scheduler": "step"},
        "계단식 스케줄러|스케줄은 스텝|코사인 대신 step 스케줄러|스케줄러는 코사인 말고 step",
    ),
    ({"scheduler": "constant"}, "스케줄러 없이|학습률은 고정으로|스케줄러는 상수|스케줄러 안 쓰고"),
    ({"precision": "bf16"}, "bf16으로|정밀도는 bf16|fp16 말고 bf16|fp16 쓰지 말고 bf16"),
    ({"precision": "fp32"}, "혼합 정밀도 없이|amp 끄고|mixed precision은 쓰지 말고|단정밀도로"),
    (
        {"pretrained": False},
        "사전학습 없이|처음부터|사전학습 가중치는 쓰지 말고|pretrained 빼고|제로부터",
    ),
    (
        {"pretrained": False},
        "사전학습 미사용|전이학습 말고 처음부터|사전학습은 하지 않고|스크래치부터",
    ),
    (
        {"augment": "none"},
        "증강 없이|데이터 증강은 하지 말고|증강 사용 안 함|augmentation 끄고|증강은 생략",
    ),
    (
        {"augment": "strong"},
        "강한 증강|증강 세게|강하게 증강해서|증강 강도 높게|augmentation 강하게",
    ),
    ({"augment": "light"}, "증강 켜고|데이터 증강 적용|증강도 넣어줘|약한 증강|데이터 증강 쓰고"),
    (
        {"early_stopping": True},
        "얼리스탑 켜줘|조기 중단 적용|더 안 좋아지면 멈춰|성능 안 오르면 알아서 멈추게",
    ),
    ({"early_stopping": False}, "조기 종료 없이|얼리스토핑은 필요 없어요|early stopping 끄고"),
    (
        {"early_stopping": {"patience": 5}},
        "조기종료(patience 5)|얼리스탑 5에폭|5에폭 동안 정체되면 종료",
    ),
    ({"early_stopping": {"patience": 5}}, "5에폭 동안 개선 없으면 조기 종료|얼리 스탑은 다섯"),
    (
        {"target": "local"},
        "로컬에서|local에서 run 해줘|이 서버에서|제 노트북에서|쿠버네티스 말고 로컬에서",
    ),
    (
        {"target": "kubernetes"},
        "k8s에 띄워서|쿠버네티스 위에서|타깃은 쿠버네티스|로컬 말고 k8s에서",
    ),
    ({"target": "ray"}, "레이에 올려서|ray 위에서|타깃은 레이|target은 ray"),
    ({"priority": 10}, "우선순위 높게|우선순위는 높음|priority는 high로"),
    (
        {"name": "exp-1"},
        "이름은 exp-1|실행 이름 exp-1|exp-1라고 이름 붙여줘|실행명은 exp-1|런 이름은 exp-1로",
    ),
)
SAID_OF_LANGUAGE_MODELS: tuple[tuple[Fields, str], ...] = (
    ({"r": 16, **LORA}, "랭크 십육|r은 16|로라 랭크는 16으로|랭크 8 말고 16"),
    (
        {"max_length": 1024},
        "최대 길이 천이십사|1024 토큰까지|길이는 1024 토큰으로|시퀀스 길이는 1,024",
    ),
    (
        {"gradient_accumulation": 4},
        "4스텝 누적|그래디언트를 4번 누적|기울기 누적 네 번|4스텝마다 업데이트",
    ),
    ({"peft": "qlora"}, "큐로라로|로라 말고 큐로라|4비트 로라|QLoRA 적용"),
    ({"peft": "none"}, "풀 파인튜닝|로라 없이|어댑터 쓰지 말고|전체 파라미터 학습|LoRA 미사용"),
)


def _cases() -> Iterator[tuple[Fields, str]]:
    for said, frames in ((SAID, FRAMES), (SAID_OF_LANGUAGE_MODELS, LANGUAGE_FRAMES)):
        for fields, ways in said:
            for i, way in enumerate(ways.split("|")):
                base, frame = frames[i % len(frames)]
                yield {**base, **fields}, frame.format(way)


@pytest.mark.parametrize(("fields", "text"), list(_cases()))
def test_however_it_is_said_it_reads_alike(fields: Fields, text: str) -> None:
    read = intent.parse(text)
    assert (read.status, read.language) == ("complete", "ko"), read.questions
    assert read.intent == fields


CLAUSES = {
    "20에폭": {"epochs": 20},
    "배치 32": {"batch_size": 32},
    "학습률 3e-4": {"learning_rate": 3e-4},
    "옵티마이저는 SGD": {"optimizer": "sgd"},
    "코사인 스케줄러": {"scheduler": "cosine"},
    "시드 7": {"seed": 7},
    "이미지 크기 96": {"image_size": 96},
    "증강은 하지 말고": {"augment": "none"},
    "사전학습 가중치는 쓰지 말고": {"pretrained": False},
    "조기 종료 3에폭": {"early_stopping": {"patience": 3}},
    "쿠버네티스에서": {"target": "kubernetes"},
    "GPU 2개": {"gpus": 2},
    "6시간 안에": {"max_hours": 6},
    "워밍업 100스텝": {"warmup": 100},
    "메모리 16기가": {"memory_gb": 16},
    "10 종류": {"num_classes": 10},
    "이름은 run_a": {"name": "run_a"},
}
BESIDES = (
    "안녕하세요 팀장님",
    "회의에서 얘기한 건입니다",
    "CUDA 12.1 설치되어 있어요",
    "파이썬 3.11 환경입니다",
    "비용은 50만원까지 승인받았어요",
    "마감은 11월 3일이에요",
    "데이터는 2만 장 정도 돼요",
    "라벨링은 두 명이 했어요",
    "결과는 나중에 볼게요",
)
ORDERS = ("학습해줘", "훈련 부탁드립니다", "트레이닝 ㄱㄱ", "학습 바랍니다", "학습 진행할게요")
BETWEEN = (", ", "\n", "\n- ", ". ", " / ")


@pytest.mark.parametrize("seed", range(60))
def test_neither_order_nor_what_else_is_told_changes_the_fields(seed: int) -> None:
    dice = random.Random(seed)
    clauses = dice.sample(sorted(CLAUSES), 4)
    fields = dict(IMAGES)
    for clause in clauses:
        fields |= CLAUSES[clause]
    core = f"resnet18로 cifar10 {dice.choice(ORDERS)}"
    parts = [core, *clauses, *dice.sample(BESIDES, 2)]
    dice.shuffle(parts)
    read = intent.parse(dice.choice(BETWEEN).join(parts))
    assert (read.status, read.intent) == ("complete", fields), read.questions


@pytest.mark.parametrize("seed", range(20))
def test_width_case_and_hyphens_change_nothing(seed: int) -> None:
    dice = random.Random(seed)
    model = dice.choice(("ResNet18", "resnet-18", "RESNET 18", "레즈넷18", "레즈넷 18", "resnet18"))
    data = dice.choice(("CIFAR-10", "cifar 10", "시파10", "Cifar10", "싸이파 10"))
    epochs = dice.choice(("20에폭", "20 에폭", "에폭20", "20epoch", "스무 에폭"))
    read = intent.parse(f"{model}을 {data}에 {epochs} 학습해줘")
    assert read.intent == {**IMAGES, "epochs": 20}


@pytest.mark.parametrize(
    ("text", "task"),
    [
        ("불량/정상 가르는 모델", "image_classification"),
        ("사과 등급 매기기", "image_classification"),
        ("안전모 착용 여부 판단", "image_classification"),
        ("누가 누군지 구별하는 모델", "image_classification"),
        ("무슨 새인지 알아맞히는 모델", "image_classification"),
        ("사람 찾아서 네모 치기", "object_detection"),
        ("어디에 불량이 있는지 박스로 표시", "object_detection"),
        ("바운딩박스 예측하는 모델", "object_detection"),
        ("객체마다 마스크 씌우기", "instance_segmentation"),
        ("하나하나 윤곽 따기", "instance_segmentation"),
        ("도로를 픽셀 단위로 칠하기", "semantic_segmentation"),
        ("영역별로 색칠하는 모델", "semantic_segmentation"),
        ("탐지 말고 분류", "image_classification"),
    ],
)
def test_tasks_are_said_by_what_is_done(text: str, task: str) -> None:
    for frame in ("./data로 {} 학습해줘", "{}, 데이터는 ./data, 10에폭"):
        assert intent.parse(frame.format(text)).intent.get("task") == task


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("에폭은 삼십이고", "epochs"),  # 삼십 + 이고, or 삼십이 + 고
        ("시드는 사십이면 돼", "seed"),
        ("20에폭이나 30에폭", "epochs"),
        ("에폭은 20에서 30 사이", "epochs"),
        ("20 내지 30 에폭", "epochs"),
        ("배치 32 또는 64", "batch_size"),
    ],
)
def test_what_may_mean_two_numbers_is_asked(text: str, field: str) -> None:
    read = intent.parse(f"resnet18로 cifar10 학습해줘, {text}")
    assert [question.field for question in read.questions] == [field]


@pytest.mark.parametrize(
    "text",
    [
        "비쿠나 7b를 ./a.jsonl로 sft 해줘",
        "문어문어 13b로 ./a.jsonl sft 부탁드립니다",
        "7b 모델을 ./a.jsonl로 sft 해줘",
    ],
)
def test_a_model_that_nobody_has_is_asked_about_and_never_left_out(text: str) -> None:
    assert [question.field for question in intent.parse(text).questions] == ["model"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("instruction tuning 부탁드립니다 base model은 gpt2, dataset은 dolly", "ko"),
        ("PPO experiment 돌릴게요: policy는 gpt2, gsm8k", "ko"),
        ("resnet18 cifar10 이름은 exp-1", "ko"),
        ("please train resnet18 on ./사진 for 5 epochs", "en"),
        ('train resnet18 on "내 사진으로"', "en"),
    ],
)
def test_who_uses_korean_grammar_writes_korean(text: str, language: str) -> None:
    assert intent.parse(text).language == language


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("3만 5천", "35000"),
        ("1만5천 스텝", "15000 스텝"),
        ("백다섯 개", "105 개"),
        ("이번에는 구분", "이번에는 구분"),
        ("만들어서 오늘 일찍", "만들어서 오늘 일찍"),
        ("이만 줄입니다", "이만 줄입니다"),
    ],
)
def test_numerals_and_words_that_look_like_them(text: str, digits: str) -> None:
    assert korean.to_digits(text) == digits


@pytest.mark.parametrize(
    ("wish", "question"),
    [
        ("에폭 0", "에폭 수에 0은 쓸 수 없습니다(1 이상 1,000,000 이하). 어떻게 할까요?"),
        ("학습률 5", "학습률에 5는 쓸 수 없습니다(0 초과 1 이하). 어떻게 할까요?"),
        ("이미지 크기 3x4", "이미지 크기에 3x4는 쓸 수 없습니다"),
        ("워밍업 3에폭", "워밍업에 3은 쓸 수 없습니다(에폭으로는"),
        ("최대 99999시간", "시간 제한(시간)에 99999는 쓸 수 없습니다(0시간 초과"),
        ("조기 종료 0에폭", "조기 종료에 0은 쓸 수 없습니다"),
        ("최대 길이 512", "이미지 분류 작업에는 최대 길이 설정이 없습니다. 뺄까요?"),
        ("20에폭 100스텝", "에폭과 스텝이 모두 있습니다. 어느 쪽으로 할까요?"),
        ("정밀도는 fp64", "정밀도에 fp64는 쓸 수 없습니다(auto, fp32, fp16, bf16). 어떻게 할까요?"),
        ("스케줄러는 foo", "스케줄러에 foo는 쓸 수 없습니다"),
    ],
)
def test_questions_are_whole_korean_sentences(wish: str, question: str) -> None:
    (asked,) = intent.parse(f"resnet18로 cifar10 학습해줘, {wish}").questions
    assert asked.question.startswith(question)


OUT_OF_RANGE = (
    "에폭 -1|배치 0|가중치 감쇠 -1|시드 -1|이미지 크기 2|클래스 0개|GPU 9999개|CPU 0개|메모리 0기가"
    "|최대 0시간|우선순위 1000|최대 스텝 0|그래디언트 누적 0|워밍업 -3"
)


@pytest.mark.parametrize("wish", OUT_OF_RANGE.split("|"))
def test_no_english_stands_in_what_a_field_may_hold(wish: str) -> None:
    (asked,) = intent.parse(f"resnet18로 cifar10 학습해줘, {wish}").questions
    english = set(re.findall("[A-Za-z]+", asked.question)) - {"GPU", "CPU", "GB"}
    assert not english


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        ("제 친구는 배치 128로 했다던데 저는 32로 {}", {"batch_size": 32}),
        ("지난번엔 lr 0.1이라서 발산했어요. 이번엔 0.01로 {}", {"learning_rate": 0.01}),
        ("논문은 에폭 200이라는데 저는 30만, {}", {"epochs": 30}),
        ("보통 100에폭 돌리는데 시간이 없으니 20에폭만 {}", {"epochs": 20}),
        ("이슈 42번 관련해서 {} 부탁드립니다", {}),
        ("2번 서버가 죽어서 다시 부탁드려요. {}", {}),
        ("{}. 원본 사진은 1920x1080이에요", {}),
        ("{}. 원본이 1024x768인데 224로 줄여서", {"image_size": 224}),
        (
            "model: resnet18  # 다음엔 vgg16\ndataset: cifar10\nepochs: 20  # 원래 50\n학습",
            {"epochs": 20},
        ),
    ],
)
def test_what_is_only_told_is_no_wish(told: str, fields: Fields) -> None:
    read = intent.parse(told.format("resnet18 cifar10 학습"))
    assert (read.status, read.intent) == ("complete", {**IMAGES, **fields})


@pytest.mark.parametrize(
    "text",
    [
        "resnet18 cifar10 학습은 어제 끝냈어요",
        "yolo11n 학습 돌리고 있어요",
        "이메일 초안 써줘",
        "학습 코드 작성해줘",
        "ㅋㅋㅋ",
    ],
)
def test_no_request_for_a_training_is_made_one(text: str) -> None:
    read = intent.parse(text)
    assert (read.status, read.language) == ("not_a_training_request", "ko")
