"""Where a run should execute."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainwright.intent.rules.choices import Choice
from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK, mask
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
            rf"(?<!data\s)(?<!stored\s)(?<!found\s)(?<!posted\s)(?<!available\s)(?<!hosted\s)(?<!\bis\s)(?<!\bare\s)"
            rf"\b(?:on|via|through|using|to)\s+(?:(?:the|our|my|an?|google|amazon|aws|company|\d{{1,3}})\s+){{0,2}}({_ELSEWHERE})(?![\w/-]|\.\w)"
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


_MACHINES = (
    r"servers?|cluster|workstation|dgx(?:[\s-][a-z]?\d+)?|cloud|node|vm|virtual\s+machine|supercomputer|hpc|raspberry\s+pi"
    r"|jetson(?:\s(?:nano|orin|xavier))?|i?phone|ipad|tablet|smartphone"
    r"|(?:lab|gpu|office|shared|team|company|remote|big|other|spare|second|wife.s|friend.s|colleague.s)(?:.s)?\s+(?:machine|box|computer|pc|rig|laptop|desktop)"
)
_MACHINES_KO = (
    r"서버|클러스터|워크스테이션|클라우드|라즈베리\s?파이|젯슨(?:\s?나노)?|아이폰|아이패드|핸드폰|휴대폰|스마트폰|태블릿"
    r"|dgx|(?:연구실|회사|사무실|학교|집|공용|원격|다른|옆|팀)\s?(?:컴퓨터|컴|pc|피시|장비|머신|노트북|데스크[톱탑])"
)
_UNKNOWN = Pattern(
    rf"\bon\s+((?:the|our|my|an?|that|your|their)\s+(?:[a-z0-9'-]+\s+){{0,3}}?(?:{_MACHINES}))\b(?!\s*(?:at\s|under\s|in\s|:)?\s*{MASK})"
    r"|\b(?:in|to)\s+(the\s+cloud)\b"
    r"|\b(?:run|execute|launch|submit|start)\s+(?:it|this|that)\s+(?:on|to)\s+((?!(?:rtx|gtx|gpu|cpu|cuda)[\s_-]?\d|[ahvltb]\d{1,3}\b)(?:[a-z]+-)*[a-z]+-?\d+)\b"
    rf"|(?<![가-힣a-z0-9-])((?!이\s|내\s|제\s|본\s|현재\s|지금\s)(?:[가-힣a-z0-9-]{{1,10}}\s?)?(?:{_MACHINES_KO})(?:\s?\d{{1,3}}(?:번|호)?)?)(?:에서|에다가?|로)(?![가-힣])"
    r"(?!\s?(?:\S+\s){0,2}?(?:받|다운|가져|가지고|불러|긁|내려|구한|찾|본|공개|올라|올려|저장|찍|수집|모은|모았|나온|뽑은|쓰던|돌렸|돌아가|돌아갈|돌릴|배포|추론|서빙|쓸\s|구동|탑재))"
)
_HOLDS = Pattern(
    r"\b(?:data\w*|photos?|images?|pictures?|pics|files?|folders?|videos?|scans?|labels?|annotations?|weights|it|them|is|are|was|were|sits?|sitting"
    r"|lives?|lie|lies|stored|kept|saved|hosted|found|located|collected|taken|mounted|shot|got|have|has|available|already|still|there|everything|recorded|works?"
    r"|gpus?|cards|cores|memory|[ahvlb]\d{2,3}s?|\d0[5-9]0s?)\s+$"
    r"|\b(?:deploy\w*|serv(?:e|ed|ing)|ship\w*|infer\w*)\s+(?:[a-z]+\s+){0,3}$"
    r"|(?<!this to )(?<!this should )(?<!job to )(?<!training to )\brun(?:s|ning)?\s+$"
)
"""Before a machine that something lies on, or that the trained model is for."""
_DEVICES = Pattern(r"raspberry|jetson|phone|ipad|tablet|파이|젯슨|폰|패드|태블릿")
_TO_TRAIN_THERE = Pattern(r"(?:directly|train(?:ing)?(?:\s+it)?)\s+$")


def unknown(text: str) -> str | None:
    """A machine that the run should go to, and that no target is known for: `on the lab server`.

    Args:
        text: Lower case, with the targets that are known masked.
    """
    for found in _UNKNOWN.finditer(text):
        place = next(name for name in found.groups() if name)
        before = max(0, found.start() - 32), found.start()
        if not _HOLDS.search(text, *before) and (
            not _DEVICES.search(place) or _TO_TRAIN_THERE.search(text, *before)
        ):
            return place
    return None


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
