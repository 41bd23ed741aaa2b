"""Which language a person writes in."""

from __future__ import annotations

from trainwright.intent.reading import Language
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK
from trainwright.intent.rules.vocabulary import load

_KOREAN = Pattern(r"[가-힣ㄱ-ㅎㅏ-ㅣ\u1100-\u11ff]+")
_QUOTED = Pattern(r"\"[^\"\n]*\"|(?<![A-Za-z0-9])'[^'\n]*'(?![A-Za-z])")
_PARTICLES = (
    "은|는|을|를|에서|에서는|으로|로|에|에다|이랑|하고|까지|부터|이고|고요|이고요|입니다|이에요"
    "|예요|인데"
)
_GRAMMAR = Pattern(
    rf"[A-Za-z0-9)\]\"'%{MASK}](?:{_PARTICLES}|이|가|의|도|만|와|과|랑|임|용|짜리|씩)(?![가-힣])"
    rf"|[가-힣](?:{_PARTICLES}|니다|세요|해요|어요|아요|까요|게요|래요|줘|줘요|해|해라|해봐|해서|하자|하라|할래|드려요|네요)(?![가-힣])"
    r"|부탁|바랍니다|(?<![가-힣])(?:돌려|해\s?줘|해\s?주)"
)
"""Particles and endings: who uses them writes Korean, however many of the words are English."""

_LATIN = Pattern(r"[A-Za-z][A-Za-z0-9_-]+")
_TRADE = frozenset(load("lists")["trade"])
_KEY = Pattern(r"[A-Za-z_-]+(?=\s?[=:]|\s?\d)|(?<=\d)[A-Za-z]+|--?[A-Za-z][\w-]*")
"""Names beside their values: `bs64`, `lr=3e-4`, `15ep` and flags are nobody's language."""


def detect(text: str, besides_names: str) -> Language:
    """Korean when it has Korean grammar, or at least as many Korean words as English ones.

    Args:
        text: The sentence.
        besides_names: The same without names and paths, which are Latin in Korean sentences too.
    """
    korean = len(_KOREAN.findall(text))
    if not korean:
        return "en"
    if _GRAMMAR.search(_QUOTED.sub(" ", text)):
        return "ko"
    words = _LATIN.findall(_KEY.sub(" ", besides_names))
    english = sum(word.lower() not in _TRADE for word in words)
    return "ko" if korean >= english else "en"
