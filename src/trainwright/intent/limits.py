"""What a field may hold, in the person's language, for the question about a value it may not."""

from __future__ import annotations

import re

from trainwright.intent.reading import Language
from trainwright.spec import Fault

_BOUND = re.compile(r"(at least|above|at most|below) (-?[\d.]+)")
_IN_KOREAN = {
    "at least": "{} 이상",
    "above": "{} 초과",
    "at most": "{} 이하",
    "below": "{} 미만",
}
_DESCRIBED = {
    "warmup": "스텝 수, 또는 1 미만이면 전체 스텝 중 비율",
    "image_size": "한 변의 픽셀 수, 또는 높이와 너비, 각각 8 이상 8,192 이하",
    "max_length": "토큰 8개 이상 10,000,000개 이하",
    "max_hours": "0시간 초과 8,760시간 이하",
    "priority": "-100 이상 100 이하, 또는 낮음·보통·높음·긴급",
    "target": "local, ssh:이름, ray, kubernetes, 또는 등록된 실행 위치의 이름",
    "name": "100자 이하의 이름",
}
_IN_A_SENTENCE = {
    "learning_rate": {"en": "≤ 1", "ko": "0 초과 1 이하"},
    "warmup": {"en": "steps, or a share of all steps below 1", "ko": _DESCRIBED["warmup"]},
    "early_stopping": {"en": "epochs without improvement", "ko": "개선 없이 기다릴 에폭 수"},
    "reward": {
        "en": "exact_match, or a file: ./reward.py",
        "ko": "exact_match, 또는 파일: ./reward.py",
    },
    "target": {
        "en": "local, ssh:<name>, ray, kubernetes or the name of a registered target",
        "ko": _DESCRIBED["target"],
    },
}
"""Fields of which a spec may hold more than a sentence can mean, or says it in other words."""


def likely(name: str, language: Language) -> str:
    """What a sentence can mean by one of these fields."""
    return _IN_A_SENTENCE[name][language]


def expected(name: str, fault: Fault, language: Language) -> str:
    """What would be right, in a few words.

    Args:
        name: The field as claims call it.
        fault: What was wrong, in English.
        language: The person's.
    """
    if name in _IN_A_SENTENCE:
        return likely(name, language)
    choices = fault.message.partition("input should be ")[2]
    english = fault.expected or choices or fault.message
    if language == "en":
        return english
    if name in _DESCRIBED:
        return _DESCRIBED[name]
    bounds = _BOUND.findall(english)
    if bounds:
        return " ".join(_IN_KOREAN[word].format(_grouped(limit)) for word, limit in bounds)
    if choices:
        return choices.replace("'", "").replace(" or ", ", ")
    return f"이름은 {english}개" if english.isdigit() else english


def _grouped(limit: str) -> str:
    return f"{int(limit):,}" if limit.isdigit() else limit
