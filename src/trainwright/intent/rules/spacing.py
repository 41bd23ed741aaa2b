"""Korean written without spaces: `르넷으로학습해줘배치64로에폭5번`."""

from __future__ import annotations

import re
from functools import cache

from trainwright.catalog.shelf import hangul_names
from trainwright.intent.rules.patterns import Pattern

_AFTER = r"으로|로|에서|에|을|를|은|는|줘|요|고"
_WORDS = (
    r"학습|훈련|파인튜닝|미세조정|돌려|배치|에폭|에포크|스텝|러닝레이트|옵티마이저|스케[줄쥴]러|시드|웜업|워밍업"
    r"|조기종료|이미지크기|사전학습|증강|지피유"
)
_NO_PATH = Pattern(r"(?<!\S)[^\s/\\_\"']{6,}(?!\S)")


@cache
def _joint() -> Pattern:
    names = "|".join(re.escape(name) for name in hangul_names() if len(name) > 1)
    return Pattern(rf"(?<=[가-힣a-zA-Z0-9])({_AFTER})(?={_WORDS}|{names}|[a-zA-Z]{{3}})")


def apart(text: str) -> str:
    """The text with a space after particles that a word of the trade or a name is glued to."""
    if text.isascii():
        return text
    return _NO_PATH.sub(lambda token: _joint().sub(r"\1 ", token[0]), text)
