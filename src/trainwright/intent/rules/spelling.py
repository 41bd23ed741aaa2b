"""Slips of the finger in words of the trade (`epohcs`, `bacth`), which can mean nothing else.

Names of models and data are never mended: they are masked before, or asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import load

_WORDS = load("lists")["spelt"]
_SHORTEST = 5
_LONG = 8  # from here on a wrong letter is a slip too, and not another word
_WORD = Pattern(r"(?<![a-z0-9_./\\-])[a-z-]{4,16}(?![a-z0-9_/\\])")
# other words that are one slip away
_REAL = frozenset(load("lists")["near_spelt"])
_KOREAN = {"학슴": "학습", "에퐄": "에폭", "에퍽": "에폭", "뱃치": "배치", "배취": "배치"}


@cache
def _slips() -> dict[str, str]:
    """Letters swapped, left out or doubled in a known word."""
    found: dict[str, str] = {}
    for word in _WORDS:
        if len(word) < _SHORTEST:
            continue
        found |= dict.fromkeys(_slips_of(word), word)
    return {slip: word for slip, word in found.items() if slip not in _WORDS and slip not in _REAL}


@cache
def _one_wrong() -> dict[str, str]:
    """Long words with any one letter missing in the pattern: `optimi?er`."""
    long = (word for word in _WORDS if len(word) >= _LONG)
    return {f"{w[:i]}?{w[i + 1 :]}": w for w in long for i in range(1, len(w))}


_SECOND = {"batch": "size", "image": "size", "learning": "rate"}
"""Short words whose slips are known by the word before them: `batch siez`."""
_PAIR = Pattern(rf"(?<![a-z])({'|'.join(_SECOND)})\s([a-z]{{3,5}})(?![a-z])")


def _slips_of(word: str) -> Iterator[str]:
    """Letters left out, doubled or swapped; the first one stays."""
    for i in range(1, len(word)):
        yield word[:i] + word[i + 1 :]
        yield word[:i] + word[i] + word[i:]
        if i + 1 < len(word):
            yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]


def mend(text: str) -> str:
    """The (lower-case) text with such slips mended."""
    text = _PAIR.sub(_mended_pair, _WORD.sub(lambda m: _mended(m[0]), text))
    if not text.isascii():
        for slip, word in _KOREAN.items():
            text = text.replace(slip, word)
    return text


def _mended_pair(found: re.Match[str]) -> str:
    second = _SECOND[found[1]]
    return f"{found[1]} {second}" if found[2] in set(_slips_of(second)) else found[0]


def _mended(word: str) -> str:
    if word in _slips():
        return _slips()[word]
    if len(word) < _LONG or word in _WORDS:
        return word
    patterns = (f"{word[:i]}?{word[i + 1 :]}" for i in range(1, len(word)))
    return next((_one_wrong()[p] for p in patterns if p in _one_wrong()), word)
