"""Two values for one thing are asked about, however they are joined."""

from __future__ import annotations

from typing import Any

import pytest

from trainwright import intent

_IMAGES, _IMAGES_KO = "train resnet18 on ./x, {}", "resnet18로 ./x 학습, {}"
_LORA, _LORA_KO = "sft qwen2.5 0.5b on ./x.jsonl, lora, {}", "qwen2.5 0.5b ./x.jsonl sft 로라, {}"
_DPO, _DPO_KO = "dpo qwen2.5 0.5b on ./p.jsonl, {}", "qwen2.5 0.5b ./p.jsonl dpo, {}"
_GRPO, _GRPO_KO = "grpo qwen2.5 0.5b on gsm8k, {}", "qwen2.5 0.5b gsm8k grpo, {}"
_Said = tuple[str, str, Any, Any]
ENGLISH: dict[str, _Said] = {
    "epochs": (_IMAGES, "{} epochs", 10, 20),
    "batch_size": (_IMAGES, "batch size {}", 32, 64),
    "learning_rate": (_IMAGES, "lr {}", 0.01, 0.001),
    "weight_decay": (_IMAGES, "weight decay {}", 0.01, 0.05),
    "image_size": (_IMAGES, "image size {}", 224, 256),
    "seed": (_IMAGES, "seed {}", 1, 2),
    "gpus": (_IMAGES, "{} GPUs", 2, 4),
    "num_classes": (_IMAGES, "{} classes", 5, 6),
    "r": (_LORA, "rank {}", 8, 16),
    "max_length": (_LORA, "max length {}", 512, 1024),
    "beta": (_DPO, "beta {}", 0.1, 0.2),
    "kl_coef": (_GRPO, "kl coefficient {}", 0.01, 0.05),
    "num_generations": (_GRPO, "{} completions per prompt", 4, 8),
}
KOREAN: dict[str, _Said] = {
    "epochs": (_IMAGES_KO, "{}에폭", 10, 20),
    "batch_size": (_IMAGES_KO, "배치 {}", 32, 64),
    "learning_rate": (_IMAGES_KO, "학습률 {}", 0.01, 0.001),
    "weight_decay": (_IMAGES_KO, "가중치 감쇠 {}", 0.01, 0.05),
    "image_size": (_IMAGES_KO, "이미지 크기 {}", 224, 256),
    "seed": (_IMAGES_KO, "시드 {}", 1, 2),
    "gpus": (_IMAGES_KO, "GPU {}개", 2, 4),
    "num_classes": (_IMAGES_KO, "클래스 {}개", 5, 6),
    "r": (_LORA_KO, "랭크 {}", 8, 16),
    "max_length": (_LORA_KO, "최대 길이 {}", 512, 1024),
    "beta": (_DPO_KO, "베타 {}", 0.1, 0.2),
    "kl_coef": (_GRPO_KO, "KL 계수 {}", 0.01, 0.05),
    "num_generations": (_GRPO_KO, "그룹당 응답 {}개", 4, 8),
}
JOINED = [
    "{a} or {b}",
    "{a} to {b}",
    "between {a} and {b}",
    "{a}/{b}",
    "either {a} or {b}",
    "{a} and {b}",
    "{a} or maybe {b}",
    "{a} or even {b}",
    "{a} or so, or {b}",
    "{a}, alternatively {b}",
    "{a}; or {b}",
    "{a} vs {b}",
    "both {a} and {b}",
    "from {a} to {b}",
    "{a} ~ {b}",
    "{a}-{b}",
]
JOINED_KO = [
    "{a}나 {b}",
    "{a} 아니면 {b}",
    "{a} 또는 {b}",
    "{a}~{b}",
    "{a} 혹은 {b}",
    "{a}이나 {b}",
    "{a}하고 {b}",
    "{a}랑 {b}",
    "{a}와 {b}",
    "{a} 내지 {b}",
    "{a}/{b}",
    "{a} 아님 {b}",
    "{a} 정도나 {b}",
]


def _check(said: _Said, ways: list[str], field: str) -> None:
    base, name, first, second = said
    for way in ways:
        sentence = base.format(name.format(way.format(a=first, b=second)))
        assert field in {q.field for q in intent.parse(sentence).questions}, sentence


@pytest.mark.parametrize("field", ENGLISH)
def test_in_english(field: str) -> None:
    _check(ENGLISH[field], JOINED, field)


@pytest.mark.parametrize("field", KOREAN)
def test_in_korean(field: str) -> None:
    _check(KOREAN[field], JOINED_KO, field)
