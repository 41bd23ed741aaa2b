"""`from step 300`, `최고 체크포인트부터`: where a run that is resumed shall go on from."""

from __future__ import annotations

import re

_STEP = r"(?:step\s*#?(?P<after>\d+)|(?P<before>\d+)\s*스텝|스텝\s*(?P<word>\d+))"
_BEST = (
    r"(?P<best>best(?:\s+(?:checkpoint|step|point|state))?"
    r"|최고\s*(?:체크포인트|지점|스텝)|베스트\s*체크포인트)"
)
_CHECKPOINTS = (
    re.compile(
        r"\b(?:from|at)\s+(?:the\s+|its\s+)?(?:checkpoint\s+(?:of|at)\s+)?"
        rf"(?:{_STEP}|{_BEST})\b",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:{_STEP}|{_BEST})\s*(?:체크포인트)?(?:\s*지점)?\s*(?:에서부터|에서|부터)",
        re.IGNORECASE,
    ),
)


def checkpoint_in(text: str) -> tuple[str, int | str | None]:
    """A message without the checkpoint that it names, and that: a step, `best`, or none."""
    matches = (found for one in _CHECKPOINTS if (found := one.search(text)))
    first = min(matches, key=lambda found: found.start(), default=None)
    if first is None:
        return text, None
    rest = f"{text[: first.start()]} {text[first.end() :]}"
    if first["best"]:
        return rest, "best"
    return rest, int(first["after"] or first["before"] or first["word"])
