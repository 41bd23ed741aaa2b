"""What is said to the person about a model's reading, in both languages."""

from __future__ import annotations

from trainwright.intent.questions import field_name
from trainwright.intent.reading import Language

WHY: dict[str, tuple[str, str]] = {
    "timeout": ("it did not answer in time", "제시간에 답하지 않았습니다"),
    "unreachable": ("it cannot be reached", "연결할 수 없습니다"),
    "bad_address": ("its address is no http or https URL", "주소가 http(s) URL이 아닙니다"),
    "key_refused": ("the key was refused", "키가 거부되었습니다"),
    "no_such_model": ("the server has no such model", "서버에 그 모델이 없습니다"),
    "limited": ("it allows no more requests now", "지금은 요청 한도를 넘었습니다"),
    "server_error": ("its server failed", "서버 오류가 났습니다"),
    "bad_request": ("it refused the request", "요청을 받아들이지 않았습니다"),
    "declined": ("it declined to answer", "답하기를 거절했습니다"),
    "unusable": ("its answers could not be used", "답을 쓸 수 없었습니다"),
    "not_installed": (
        'its packages are missing: pip install "trainwright[chat]"',
        '패키지가 없습니다: pip install "trainwright[chat]"',
    ),
}
"""Why there is no reading of a model."""

_SAYINGS: dict[str, tuple[str, str]] = {
    "fallback": (
        "Read by rules alone; the language model: {why}.",
        "규칙으로만 읽음. 언어 모델: {why}.",
    ),
    "two_readings": (
        "The rules read {field} as {ruled}, the language model as {answered}. Which one?",
        "{field}: 규칙은 {ruled}, 언어 모델은 {answered}(으)로 읽었습니다. 어느 것인가요?",
    ),
    "which_field": (
        "Is {value} the {field} or the {other}?",
        "{value}은(는) {field}인가요, {other}인가요?",
    ),
    "unclear": (
        'What should the {field} be ("{words}")?',
        '{field}은(는) 얼마나, 무엇으로 할까요("{words}")?',
    ),
    "start": (
        "This may not ask for a training. Should it be started?",
        "학습 요청이 아닐 수도 있습니다. 학습을 시작할까요?",
    ),
    "quoted": ('read from "{words}" by the language model', '언어 모델이 "{words}"에서 읽음'),
    "task_meant": ("what the language model takes you to mean", "언어 모델이 이해한 작업"),
    "chosen": ("the language model takes your answer to mean this", "언어 모델이 이해한 답"),
}

_LONGEST_WORDS = 80


def tell(what: str, language: Language, **words: object) -> str:
    english, korean = _SAYINGS[what]
    return (korean if language == "ko" else english).format(**words)


def fallback(why: str, language: Language) -> str:
    english, korean = WHY[why]
    return tell("fallback", language, why=korean if language == "ko" else english)


def unclear(name: str, words: str, language: Language) -> str:
    shown = words if len(words) <= _LONGEST_WORDS else words[: _LONGEST_WORDS - 1] + "…"
    return tell("unclear", language, field=field_name(name, language), words=shown)
