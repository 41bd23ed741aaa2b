"""A yes or a no, and nothing else: only a whole message is either."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from trainwright.server.chat.phrases import table

_LONGEST = 100
_END = r"[\s.!~♡^ㅎㅋ]*"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    consent = table("topics")["consent"]
    yes, start, tail, no = (consent[name][0] for name in ("yes", "start", "tail", "no"))
    return (
        re.compile(rf"\W*{yes}(?:[\s,.!]+{tail})*{_END}"),
        re.compile(rf"\W*(?:{yes}[\s,.!]+)?{start}(?:[\s,.!]+please)?{_END}"),
        re.compile(rf"\W*(?:(?:ok(?:ay)?|아|음|그럼|그냥)[\s,.!]+)*{no}(?:[\s,.!]+{no})*{_END}"),
    )


def starts(text: str) -> bool:
    """Whether a message only says to start: `go ahead and start`, `응 시작해`."""
    return len(text) <= _LONGEST and _patterns()[1].fullmatch(text) is not None


def consent(text: str, *, starting: bool) -> Literal["yes", "no"] | None:
    """Whether a message only agrees or only declines.

    Args:
        text: Lower case.
        starting: A run would be started: `start` and `시작해` agree, too.
    """
    if len(text) > _LONGEST:
        return None
    yes, start, no = _patterns()
    if yes.fullmatch(text) or (starting and start.fullmatch(text)):
        return "yes"
    return "no" if no.fullmatch(text) else None
