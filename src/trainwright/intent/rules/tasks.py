"""Tasks, said directly (`object detection`) or not (`draw boxes`, `구분`)."""

from __future__ import annotations

from dataclasses import dataclass

from trainwright.intent.rules.corrections import dropped
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load
from trainwright.spec import Task


@dataclass(frozen=True)
class TaskWord:
    """A task that was said; weak words give way to what the model does."""

    task: Task
    weak: bool = False


_RULES: tuple[tuple[TaskWord, Pattern], ...] = tuple(
    (
        TaskWord(Task(entry["task"]), entry.get("weak", False)),
        Pattern(alternatives(entry["words"])),
    )
    for entry in load("tasks")["task"]
)


@dataclass(frozen=True)
class Elsewhere:
    """A training that nothing here does, as it was said, and what comes nearest."""

    said: str
    instead: tuple[Task, ...]


_ELSEWHERE: tuple[tuple[Pattern, tuple[Task, ...]], ...] = tuple(
    (Pattern(alternatives(entry["words"])), tuple(map(Task, entry["instead"])))
    for entry in load("tasks")["elsewhere"]
)
_METHOD = Pattern(r"(?<![a-z])(?:sft|dpo|ppo|grpo|gspo|rlhf)(?![a-z])")
"""Language models are trained by one method; who names one of ours means that."""
_VARIANT = Pattern(alternatives(["{variant}"]))
_SEGMENTATION = Pattern(
    r"(?<![a-z])segment(?:s|ed|ing|ation|er)?(?![a-z])|"
    r"(?<!데이터 )(?<!데이터)(?<!검증 )(?<!학습 )(?<!비율로 )"
    r"(?<!\d)(?<!\d )(?<!\d로 )(?<![충구])분할(?!\s?비율)|"
    r"세그멘테이션|세그먼트|세그멘트|(?<![가-힣])세그(?=로|[^가-힣]|$)"
)
_FINE_TUNE = Pattern(
    r"(?<![a-z])fine[\s-]?tun(?:e|es|ed|ing)(?![a-z])|파인\s?튜닝|미세\s?조정|"
    r"(?<![a-z])instruct(?:ion)?s?(?![a-z])|adapt(?![a-z])"
)
_LANGUAGE = Pattern(
    r"(?<![a-z])(?:llms?|slms?|language\s+models?|chat(?:bots?|\s+models?)|gpt)(?![a-z])|"
    r"언어\s?모델|챗봇|대화\s?모델|엘엘엠"
)
_REINFORCEMENT = Pattern(
    r"(?<![a-z])(?:reinforcement[\s-](?:learn|fine|tun)\w*|post[\s-]?train\w*|rl(?:vr)?)(?![a-z])"
    r"|강화\s?학습|보상(?:으로|을\s?써서)?\s?(?:튜닝|학습|파인\s?튜닝|최적화|기반)|사후\s?학습|포스트\s?트레이닝"
)
REINFORCEMENT_TASKS = (Task.GRPO, Task.GSPO, Task.PPO)


def read(text: str) -> list[TaskWord]:
    """The tasks named in (lower-case) text and not taken back there, the most telling first."""
    return [word for word, pattern in _RULES if _wanted(pattern, text)]


def elsewhere(text: str) -> Elsewhere | None:
    """What is wished for that cannot be had here, such as ORPO or poses."""
    for pattern, instead in _ELSEWHERE:
        for found in pattern.finditer(text):
            if dropped(text, found.start(), found.end()):
                continue
            if instead[0].is_language and _wanted(_METHOD, text):
                continue
            return Elsewhere(found[0].strip("- "), instead)
    return None


def is_variant(text: str, end: int) -> bool:
    """Whether a model's name goes on with what no model here does: `yolov8n-pose`."""
    return _VARIANT.match(text, end) is not None


def _wanted(pattern: Pattern, text: str) -> bool:
    """Whether it is named, and not taken back where it is named last."""
    found = list(pattern.finditer(text))
    return bool(found) and not dropped(text, found[-1].start(), found[-1].end())


def segmentation(text: str) -> bool:
    """Segmentation of a kind that is not said."""
    return _SEGMENTATION.search(text) is not None


def fine_tuning(text: str) -> bool:
    return _FINE_TUNE.search(text) is not None


def language_model(text: str) -> bool:
    """A language model is spoken of, without saying which."""
    return _LANGUAGE.search(text) is not None


def reinforcement(text: str) -> bool:
    """Reinforcement learning of a kind that is not said."""
    return _REINFORCEMENT.search(text) is not None
