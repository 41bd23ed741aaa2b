"""Which language a person writes in."""

from __future__ import annotations

from trainwright.intent.reading import Language
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import load

_KOREAN = Pattern(r"[가-힣ㄱ-ㅎㅏ-ㅣ\u1100-\u11ff]+")
_LATIN = Pattern(r"[A-Za-z][A-Za-z0-9_-]+")
_TRADE = frozenset(load("lists")["trade"])
_KEY = Pattern(r"[A-Za-z_-]+(?=\s?[=:]|\s?\d)|(?<=\d)[A-Za-z]+|--?[A-Za-z][\w-]*")
"""Names beside their values: `bs64`, `lr=3e-4`, `15ep` and flags are nobody's language."""


def detect(text: str, besides_names: str) -> Language:
    """Korean when at least as many Korean words as English ones are left.

    Args:
        text: The sentence.
        besides_names: The same without names and paths, which are Latin in Korean sentences too.
    """
    korean = len(_KOREAN.findall(text))
    if not korean:
        return "en"
    words = _LATIN.findall(_KEY.sub(" ", besides_names))
    english = sum(word.lower() not in _TRADE for word in words)
    return "ko" if korean >= english else "en"
