"""Where a run should execute."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trainwright.intent.rules.choices import Choice

_NAME = r"[a-z0-9][a-z0-9_.-]{0,62}[a-z0-9]|[a-z0-9]"
_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (target, re.compile(pattern))
    for target, pattern in (
        ("ssh:", rf"(?<![\w/])ssh:(?!//)\s?({_NAME})"),
        ("ssh:", rf"\b(?:via|over|through)\s+ssh\s+(?:on|to)\s+(?:the\s+)?({_NAME})"),
        ("ssh:", rf"\b(?:on|to)\s+(?:the\s+)?(?!ssh\b)({_NAME})\s+(?:via|over|through)\s+ssh\b"),
        ("kubernetes", r"(?<![a-z0-9])(?:kubernetes|k8s)(?![a-z0-9])|쿠버네티스|쿠베|큐브네티스"),
        (
            "ray",
            (
                r"\b(?:on|in|using|with|via)\s+(?:the\s+|a\s+|our\s+)?ray\b|"
                r"(?<![a-z0-9])ray\s?(?:cluster|클러스터|에서|로)|레이\s?클러스터"
            ),
        ),
        (
            "local",
            (
                r"\b(?:locally|on\s+(?:this|my|the\s+local)\s+(?:machine|computer|laptop|pc|"
                r"box)|on\s+localhost)\b|로컬(?:에서|로)?|(?:내|이)\s?(?:컴퓨터|노트북|피시|pc)(?:에서|로)?"
            ),
        ),
        (
            "",
            (
                rf"(?<![\w-])(?:--)?target\s*[:=]?\s+({_NAME})|"
                rf"(?<![\w-])(?:--)?target\s*[:=]\s*({_NAME})"
            ),
        ),
    )
)


def read(text: str) -> Iterator[Choice]:
    """Targets named in (lower-case) text; `on ssh:box` is `ssh:box`."""
    for target, pattern in _RULES:
        for found in pattern.finditer(text):
            name = next((g for g in found.groups() if g), "")
            value = target + name if target in ("", "ssh:") else target
            yield Choice("target", value, found.start(), found.end())
