"""Which language a person writes in."""

from __future__ import annotations

import re

from trainwright.intent.reading import Language

_KOREAN = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ\u1100-\u11ff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]+")


def detect(text: str, besides_names: str) -> Language:
    """Korean when at least as many Korean words as Latin ones are left.

    Args:
        text: The sentence.
        besides_names: The same without names and paths, which are Latin in Korean sentences too.
    """
    korean = len(_KOREAN.findall(text))
    return "ko" if korean and korean >= len(_LATIN.findall(besides_names)) else "en"
