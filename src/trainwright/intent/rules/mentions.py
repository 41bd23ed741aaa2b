"""Names of models and datasets in a sentence, however they are spelt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from trainwright.intent.rules.patterns import Pattern

MAX_WORDS = 28
_START = 6  # letters after which a run of words that begins no name is given up
_PLURAL = 6  # `mobilenets`, `vision transformers`: longer words, whose s can be nothing else
_WORD = Pattern(r"[a-z]+|\d+|\+")
_JOIN = Pattern(r"[ \-_./:]{0,2}$")
COUNTED = Pattern(
    r"\s?(?:epochs?|ep|eps|에폭|에포크|번|회|바퀴|steps?|스텝|iterations?|gpus?|hours?|시간|classes|클래스|분)"
    r"(?![a-z])(?!\s*[:=]?\s*\d)"
)
"""After a number, words that make it a count: `lenet 5 epochs` names LeNet, and five epochs."""


@dataclass(frozen=True)
class Mention:
    """A name that was found: its key in the index, and where it stands."""

    key: str
    start: int
    end: int


def scan(text: str, names: frozenset[str]) -> Iterator[Mention]:
    """The longest of `names` in (lower-case, Latin) text, left to right.

    A name begins and ends where a word does; spaces, hyphens, dots and the like inside it do not
    matter. Cost is linear in the text: at most `MAX_WORDS` look-ups a word.
    """
    words = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    at = 0
    while at < len(words):
        start = words[at][0]
        best = None
        if not _glued(text, start - 1, start):
            best = _longest(text, words, at, names)
        if best is None:
            at += 1
            continue
        found, last = best
        yield Mention(found, start, words[last][1])
        at = last + 1


@lru_cache(maxsize=8)
def _starts(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name[:_START] for name in names)


def _longest(
    text: str, words: list[tuple[int, int]], at: int, names: frozenset[str]
) -> tuple[str, int] | None:
    found, joined, starts = None, "", _starts(names)
    for last in range(at, min(at + MAX_WORDS, len(words))):
        start, end = words[last]
        if last > at and not _JOIN.match(text[words[last - 1][1] : start]):
            break
        joined += text[start:end]
        if len(joined) >= _START and joined[:_START] not in starts:
            break
        if _glued(text, end - 1, end):
            continue
        if joined in names:
            found = (joined, last)
        elif len(joined) > _PLURAL and joined[-1] == "s" and joined[:-1] in names:
            found = (joined[:-1], last)
    return found


def _glued(text: str, left: int, right: int) -> bool:
    """Whether a word goes on from one place to the next."""
    if left < 0 or right >= len(text):
        return False
    if text[right] == "." and text[left].isdigit() and text[right + 1 : right + 2].isdigit():
        return True  # `cifar10 0.5 epochs` names no cifar100
    return all(text[i].isascii() and (text[i].isalnum() or text[i] == "_") for i in (left, right))
