"""Where a run should execute."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainwright.intent.rules.choices import Choice
from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import mask
from trainwright.intent.rules.vocabulary import load

_WORD = r"[a-z0-9](?:[a-z0-9_.-]{0,62}[a-z0-9])?"
_LOGIN = rf"{_WORD}@{_WORD}(?::\d{{1,5}})?"
"""`kim@10.0.0.7` is no target's name, and asked about as such."""
_NAME = rf"{_LOGIN}|{_WORD}"
_HOST = r"(?:box|server|machine|host|node|workstation)"
ELSEWHERE = frozenset(load("lists")["targets_elsewhere"])
"""Where people train otherwise, and runs here do not go."""

_ELSEWHERE = "|".join(sorted(map(re.escape, ELSEWHERE), key=len, reverse=True))
_RULES: tuple[tuple[str, Pattern], ...] = tuple(
    (target, Pattern(pattern))
    for target, pattern in (
        ("ssh:", rf"(?<![\w/])ssh:(?!//)\s?({_NAME})"),
        (
            "ssh:",
            rf"\b(?:via|over|through|using)\s+ssh\s+(?:on|to|into|at)\s+(?:the\s+|my\s+|our\s+)?({_NAME})",
        ),
        (
            "ssh:",
            rf"\b(?:on|to|at)\s+(?:the\s+|my\s+|our\s+)?(?:{_HOST}\s+)?(?!ssh\b)({_NAME})\s+(?:{_HOST}\s+)?(?:via|over|through|using|by)\s+ssh\b",
        ),
        (
            "ssh:",
            rf"\bssh\s+(?:{_HOST}|target)\s+(?:called\s+|named\s+)?(?!with\b|and\b|for\b|to\b)({_NAME})",
        ),
        (
            "ssh:",
            rf"(?<![\w/])ssh\s(?:서버|머신|장비|박스|호스트|노드)(?:인|의|중)?\s({_NAME})(?=에서|로|에|\s|$)",
        ),
        ("ssh:", rf"\b(?:ssh|log)\s+(?:in)?to\s+(?:the\s+|my\s+|our\s+)?(?:{_HOST}\s+)?({_NAME})"),
        ("ssh:", rf"\bon\s+(?:the\s+|my\s+|our\s+)?ssh\s+(?!{_HOST}\b)({_NAME})"),
        ("ssh:", rf"({_NAME})\s?(?:서버|머신|장비|박스|호스트|노드)?\s?[(（]\s?ssh\s?[)）]"),
        ("ssh:", rf"[(（]\s?ssh[\s:]\s?({_NAME})\s?[)）]"),
        (
            "ssh:",
            rf"(?<![\w/])ssh(?:로|\s)\s?(?:접속해서\s?)?({_NAME})\s?(?:서버|머신|장비|박스|호스트|노드|에서|로|에)",
        ),
        (
            "ssh:",
            rf"({_NAME})\s?(?:서버|머신|장비|박스|호스트|노드)?(?:에|로|에서)?\s?ssh(?:로|\s?접속)",
        ),
        ("ssh:", rf"\bon\s+({_LOGIN})(?![\w/])"),
        ("ssh:", rf"(?<![\w.])({_LOGIN})(?=에서|에(?![가-힣])|로(?![가-힣]))"),
        (
            "kubernetes",
            r"(?<![a-z0-9])(?:kubernetes|k8s|kube)(?![a-z0-9])|쿠버네티스|쿠베|큐브네티스|쿠버",
        ),
        (
            "ray",
            r"\b(?:on|in|using|with|via|through|to|or)\s+(?:the\s+|a\s+|our\s+|my\s+)?ray\b"
            r"|(?<![a-z0-9-])ray\s?(?:cluster|job|클러스터|에서|에(?=\s)|로|위)|(?<![a-z])(?:target|타깃|타겟|대상)(?:은|는|을|를)?\s?[:=]?\s?(?:ray(?![a-z0-9])|레이(?![가-힣]))|(?<=,\s)ray(?=\s*(?:,|$|\.))|레이\s?클러스터"
            r"|(?<![가-힣])레이(?=에서|에\s|로(?![가-힣])|\s*(?:,|$|\.)|\s위)",
        ),
        (
            "local",
            r"\b(?:locally|on\s+(?:this|my|my\s+own|the\s+local)\s+(?:machine|computer|laptop|mac(?:book)?|desktop|pc"
            r"|box|workstation|server)|on\s+localhost)\b|(?<![가-힣])로컬(?:\s?(?:머신|컴퓨터|pc))?(?:에서|로)?"
            r"|(?<![\w./:-])local(?:\s?(?:machine|pc|computer|환경|머신|컴퓨터|서버))?(?:에서|에다가?|로(?![가-힣]))"
            r"|(?<![가-힣])(?:내|제|이|현재|본)\s?(?:컴퓨터|컴|노트북|피시|pc|맥북|데스크[톱탑]|맥)(?:에서|로)"
            r"|(?<![가-힣])(?:여기에?서|(?:이|현재|본|지금\s?이)\s?(?:장비|기계|머신|서버|워크스테이션)에서)",
        ),
        (
            "",
            rf"(?<!data\s)(?<!stored\s)(?<!found\s)(?<!posted\s)(?<!available\s)(?<!hosted\s)(?<!is\s)(?<!are\s)"
            rf"\b(?:on|via|through|using|to)\s+(?:(?:the|our|my|an?|google|amazon|aws|company)\s+){{0,2}}({_ELSEWHERE})(?![\w./-])"
            rf"|(?<![a-z0-9가-힣./-])({_ELSEWHERE})\s?(?:클러스터|서버|인스턴스|노트북|환경)?(?:에서|에(?=\s)|으?로(?![가-힣]))"
            r"(?!\s?(?:받|다운|가져|가지고|불러|긁|내려|구한|찾|본|공개|올라|올려|저장))",
        ),
        (
            "",
            rf"(?<![\w-])(?:--)?target(?:은|는|을|를)?\s*[:=]?\s+(?!(?:accuracy|acc|loss|metric|score|value|map|f1|class\w*|label\w*|size|domain|date)\b|\d+(?:\.\d+)?\s?%|0\.\d)({_NAME})|(?<![\w-])(?:--)?target\s*[:=]\s*({_NAME})",
        ),
        ("", rf"(?<![가-힣])(?:타깃|타겟|대상)(?:은|는)?\s?[:=]?\s?({_NAME})"),
    )
)


def read(text: str) -> list[Choice]:
    """Targets named in (lower-case) text, but for those taken back; `on ssh:box` is `ssh:box`."""
    return standing(text, sorted(_found(text), key=lambda choice: choice.start))


def _found(text: str) -> Iterator[Choice]:
    for target, pattern in _RULES:
        for found in list(pattern.finditer(text)):
            name = next((g for g in found.groups() if g), "")
            value = target + name if target in ("", "ssh:") else target
            yield Choice("target", value, found.start(), found.end())
            text = mask(text, found.start(), found.end())
