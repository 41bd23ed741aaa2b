"""A setting that is named without a value is asked about; one that is left to us is not."""

from __future__ import annotations

import pytest

from trainwright import intent

_IMAGES, _IMAGES_KO = "train resnet18 on ./x, {}", "resnet18로 ./x 학습, {}"
_LORA, _LORA_KO = "sft qwen2.5 0.5b on ./x.jsonl, lora, {}", "qwen2.5 0.5b ./x.jsonl sft 로라, {}"
_DPO, _DPO_KO = "dpo qwen2.5 0.5b on ./p.jsonl, {}", "qwen2.5 0.5b ./p.jsonl dpo, {}"
_GRPO, _GRPO_KO = "grpo qwen2.5 0.5b on gsm8k, {}", "qwen2.5 0.5b gsm8k grpo, {}"
ENGLISH = {
    "epochs": (_IMAGES, "number of epochs"),
    "batch_size": (_IMAGES, "batch size"),
    "learning_rate": (_IMAGES, "learning rate"),
    "weight_decay": (_IMAGES, "weight decay"),
    "warmup": (_IMAGES, "warmup"),
    "image_size": (_IMAGES, "image size"),
    "r": (_LORA, "rank"),
    "dropout": (_LORA, "lora dropout"),
    "alpha": (_LORA, "lora alpha"),
    "max_length": (_LORA, "max length"),
    "gradient_accumulation": (_LORA, "gradient accumulation"),
    "beta": (_DPO, "beta"),
    "kl_coef": (_GRPO, "kl coefficient"),
    "num_generations": (_GRPO, "completions per prompt"),
}
KOREAN = {
    "epochs": (_IMAGES_KO, "에폭 수", "를", "는"),
    "batch_size": (_IMAGES_KO, "배치 크기", "를", "는"),
    "learning_rate": (_IMAGES_KO, "학습률", "을", "은"),
    "weight_decay": (_IMAGES_KO, "가중치 감쇠", "를", "는"),
    "warmup": (_IMAGES_KO, "웜업", "을", "은"),
    "image_size": (_IMAGES_KO, "이미지 크기", "를", "는"),
    "r": (_LORA_KO, "로라 랭크", "를", "는"),
    "dropout": (_LORA_KO, "드롭아웃", "을", "은"),
    "alpha": (_LORA_KO, "로라 알파", "를", "는"),
    "max_length": (_LORA_KO, "최대 길이", "를", "는"),
    "gradient_accumulation": (_LORA_KO, "그래디언트 누적", "을", "은"),
    "beta": (_DPO_KO, "베타", "를", "는"),
    "kl_coef": (_GRPO_KO, "KL 계수", "를", "는"),
    "num_generations": (_GRPO_KO, "그룹당 응답", "을", "은"),
    "seed": (_IMAGES_KO, "시드", "를", "는"),
}
OPEN = [
    "a higher {n}",
    "a lower {n} please",
    "{n} as in the paper",
    "the {n} from last time",
    "the {n} we discussed",
    "{n} like my colleague uses",
    "the usual {n}",
    "twice the {n}",
    "a different {n}",
    "{n}: ?",
    "{n} = TBD",
    "increase the {n}",
    "lower the {n} a little",
    "the same {n} as yesterday",
    "{n} to be decided later",
]
LEFT = [
    "the default {n}",
    "{n} up to you",
    "pick a good {n}",
    "whatever {n} you like",
    "the {n} doesn't matter",
    "log the {n}",
    "any {n} will do",
]
OPEN_KO = [
    "{n}{은} 높게",
    "{n} 좀 낮춰서",
    "{n}{은} 논문처럼",
    "{n}{은} 지난번 값으로",
    "{n}{은} 회의에서 정한 대로",
    "{n}{은} 평소처럼",
    "{n}{을} 두 배로",
    "{n}{은} ?",
    "{n}{은} 미정",
    "{n}{을} 조금 줄여서",
    "{n}{은} 적당히",
    "{n}{은} 어제랑 똑같이",
    "{n}{은} 팀장님이 말한 값",
    "{n}{은} 나중에 정할게",
    "{n} 늘려서",
    "{n}{을} 다르게",
]
LEFT_KO = [
    "{n}{은} 알아서",
    "기본 {n}",
    "{n}{은} 상관없어요",
    "{n}{은} 추천값으로",
    "{n}{은} 기본값",
]


@pytest.mark.parametrize("field", ENGLISH)
def test_what_is_open_is_asked_about(field: str) -> None:
    base, name = ENGLISH[field]
    for way in OPEN:
        sentence = base.format(way.format(n=name))
        assert field in {q.field for q in intent.parse(sentence).questions}, sentence


@pytest.mark.parametrize("field", ENGLISH)
def test_what_is_left_to_us_is_not(field: str) -> None:
    base, name = ENGLISH[field]
    for way in LEFT:
        read = intent.parse(base.format(way.format(n=name)))
        assert (read.status, field in read.intent) == ("complete", False), way


@pytest.mark.parametrize("field", KOREAN)
def test_what_is_open_is_asked_about_in_korean(field: str) -> None:
    base, name, obj, topic = KOREAN[field]
    for way in OPEN_KO:
        sentence = base.format(way.format(n=name, 을=obj, 은=topic))
        assert field in {q.field for q in intent.parse(sentence).questions}, sentence


@pytest.mark.parametrize("field", KOREAN)
def test_what_is_left_to_us_is_not_in_korean(field: str) -> None:
    base, name, obj, topic = KOREAN[field]
    for way in LEFT_KO:
        read = intent.parse(base.format(way.format(n=name, 을=obj, 은=topic)))
        assert (read.status, field in read.intent) == ("complete", False), way
