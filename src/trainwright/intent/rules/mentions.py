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
_LONGEST_JOIN = 2
_JOINS = frozenset(" -_./:")
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
    words, starts = _words(text), _starts(names)
    at = 0
    while at < len(words):
        first = words[at]
        best = None if first.goes_on else _longest(text, words[at : at + MAX_WORDS], names, starts)
        if best is None:
            at += 1
            continue
        found, count = best
        yield Mention(found, first.start, words[at + count - 1].end)
        at += count


@dataclass(frozen=True, slots=True)
class _Word:
    """Letters or digits in a text.

    Attributes:
        joins: What stands before it may join it to the last one in a name.
        goes_on: It is no word of its own, but goes on with the last one.
        is_continued: The next one goes on with it.
    """

    start: int
    end: int
    joins: bool
    goes_on: bool
    is_continued: bool


def _words(text: str) -> list[_Word]:
    words, last = [], 0
    for found in _WORD.finditer(text):
        start, end = found.span()
        between = text[last:start]
        joins = len(between) <= _LONGEST_JOIN and _JOINS.issuperset(between)
        glued = _glued(text, start - 1, start), _glued(text, end - 1, end)
        words.append(_Word(start, end, joins, *glued))
        last = end
    return words


@lru_cache(maxsize=8)
def _starts(names: frozenset[str]) -> frozenset[str]:
    return frozenset(name[:_START] for name in names)


def _longest(
    text: str, words: list[_Word], names: frozenset[str], starts: frozenset[str]
) -> tuple[str, int] | None:
    """The longest name these words begin with, and how many of them it is made of."""
    found, joined = None, ""
    for count, word in enumerate(words, start=1):
        if count > 1 and not word.joins:
            break
        joined += text[word.start : word.end]
        if len(joined) >= _START and joined[:_START] not in starts:
            break
        if word.is_continued:
            continue
        if joined in names:
            found = (joined, count)
        elif len(joined) > _PLURAL and joined[-1] == "s" and joined[:-1] in names:
            found = (joined[:-1], count)
    return found


def _glued(text: str, left: int, right: int) -> bool:
    """Whether a word goes on from one place to the next."""
    if left < 0 or right >= len(text):
        return False
    if text[right] == "." and text[left].isdigit() and text[right + 1 : right + 2].isdigit():
        return True  # `cifar10 0.5 epochs` names no cifar100
    return _goes_into_words(text[left]) and _goes_into_words(text[right])


def _goes_into_words(letter: str) -> bool:
    return letter.isascii() and (letter.isalnum() or letter == "_")
