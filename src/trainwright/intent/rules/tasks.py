"""Tasks, said directly (`object detection`) or not (`draw boxes`, `구분`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trainwright.spec import Task

_T = Task


@dataclass(frozen=True)
class TaskWord:
    """A task that was said; weak words give way to what the model does."""

    task: Task
    weak: bool = False


_RULES: tuple[tuple[TaskWord, re.Pattern[str]], ...] = tuple(
    (TaskWord(task, weak), re.compile(pattern))
    for task, weak, pattern in (
        (_T.GSPO, False, r"(?<![a-z])gspo(?![a-z])|group sequence policy"),
        (_T.GRPO, False, r"(?<![a-z])grpo(?![a-z])|group relative policy"),
        (
            _T.DPO,
            False,
            (
                r"(?<![a-z])dpo(?![a-z])|(?:direct\s+)?preference\s+(?:optimi[sz]|tun|learn|"
                r"align)\w*|align\w*\s+(?:\S+\s+){0,3}(?:to|"
                r"with)\s+(?:\S+\s+){0,3}preferences?|선호도?\s?(?:최적화|학습|정렬|데이터)"
            ),
        ),
        (_T.PPO, False, r"(?<![a-z])ppo(?![a-z])|(?<![a-z])rlhf(?![a-z])|proximal policy"),
        (
            _T.SFT,
            False,
            (
                r"(?<![a-z])sft(?![a-z])|supervised[\s-]fine[\s-]?tun\w*|"
                r"instruction[\s-](?:fine[\s-]?)?tun\w*|지도\s?(?:학습\s?)?(?:미세\s?조정|파인\s?튜닝)|"
                r"(?:지시|인스트럭션)\s?(?:튜닝|학습|미세\s?조정)"
            ),
        ),
        (
            _T.INSTANCE_SEGMENTATION,
            False,
            (
                r"instance[\s_-]?seg\w*|(?:인스턴스|객체(?:별)?|개체(?:별)?)\s?(?:분할|세그)|"
                r"mask(?:s)?\s+(?:for|of|around)\s+(?:each|every|individual)"
            ),
        ),
        (
            _T.SEMANTIC_SEGMENTATION,
            False,
            (
                r"semantic[\s_-]?seg\w*|(?:시맨틱|의미론적|의미적|의미)\s?(?:분할|세그)|(?:per[\s-]pixel|"
                r"pixel[\s-]?wise|every pixel|each pixel|픽셀\s?(?:단위|별))"
            ),
        ),
        (
            _T.OBJECT_DETECTION,
            False,
            (
                r"(?<![a-z])detect(?:s|ing|ion|or|ors)?(?![a-z])|object[\s_-]detection|"
                r"bounding[\s-]box\w*|(?<![a-z])(?:b?boxes|bbox(?:es)?)(?![a-z])|"
                r"(?<![a-z])locali[sz]e|탐지|검출|디텍션|바운딩\s?박스|(?:박스|상자)(?:를|로)?\s?(?:치|그리|쳐|그려)"
            ),
        ),
        (
            _T.IMAGE_CLASSIFICATION,
            False,
            (
                r"(?<![a-z])(?:classif(?:y|ies|ied|ying|ier|iers|ication)|categori[sz]\w*|"
                r"tell\s+(?:\S+\s+){1,4}(?:apart|from)|distinguish\w*)|"
                r"(?<![a-z])sort\s+(?:\S+\s+){1,5}into|분류|구분|구별|판별"
            ),
        ),
        (
            _T.OBJECT_DETECTION,
            True,
            (
                r"(?<![a-z])(?:locate|find|spot|count)\w*\s+(?:\S+\s+){0,4}(?:in|on|"
                r"from)(?![a-z])|감지|찾아|찾는|위치"
            ),
        ),
        (
            _T.IMAGE_CLASSIFICATION,
            True,
            (
                r"(?<![a-z])(?:recogni[sz]\w*|identif\w*|predict\w*\s+(?:the\s+)?(?:class|"
                r"label)|label\s+(?:\S+\s+){0,2}(?:images|photos|pictures))|인식|식별|알아보|맞추|맞히"
            ),
        ),
    )
)
_SEGMENTATION = re.compile(
    r"(?<![a-z])segment(?:s|ed|ing|ation|er)?(?![a-z])|"
    r"(?<!데이터 )(?<!데이터)(?<!검증 )(?<!학습 )분할|세그멘테이션|세그먼트|누끼"
)
_FINE_TUNE = re.compile(
    r"(?<![a-z])fine[\s-]?tun(?:e|es|ed|ing)(?![a-z])|파인\s?튜닝|미세\s?조정|"
    r"(?<![a-z])instruct(?:ion)?s?(?![a-z])|adapt(?![a-z])"
)
_LANGUAGE = re.compile(
    r"(?<![a-z])(?:llms?|slms?|language\s+models?|chat(?:bots?|\s+models?)|gpt)(?![a-z])|"
    r"언어\s?모델|챗봇|대화\s?모델|엘엘엠"
)


def read(text: str) -> list[TaskWord]:
    """The tasks named in (lower-case) text, the most telling first."""
    return [word for word, pattern in _RULES if pattern.search(text)]


def segmentation(text: str) -> bool:
    """Segmentation of a kind that is not said."""
    return _SEGMENTATION.search(text) is not None


def fine_tuning(text: str) -> bool:
    return _FINE_TUNE.search(text) is not None


def language_model(text: str) -> bool:
    """A language model is spoken of, without saying which."""
    return _LANGUAGE.search(text) is not None
