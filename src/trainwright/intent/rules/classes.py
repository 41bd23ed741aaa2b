"""Names of classes, where a sentence introduces them: `classes sparrow, robin and crow`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK
from trainwright.intent.rules.vocabulary import load

_INTRODUCED = Pattern(
    r"(?:\bclass(?:es|[\s_-]?names?|(?=\s?[:=]))|\blabels?(?:\s+names?)?|\bcategories)\s*"
    r"(?:(?:called|named|are|is|should\s+be|will\s+be|being|like)\s+|[:=]\s*|(?=\[|\()|\s(?=[\"'a-z가-힣]+\s?(?:,|/|and\b|&|vs)))"
    r"|(?:클래스|라벨|레이블|카테고리)(?:는|은|가)?\s?\d+\s?(?:개|종|가지)(?:는|은)?\s?[:=(]\s?"
    r"|(?:클래스|라벨|레이블|카테고리)(?:\s?이름)?(?:은|는|으로는|명은|들은|이|가)?\s?[:=]?\s+(?=\S)|(?:클래스|라벨|레이블)(?:\s?이름|명)?\s?[:=]\s?",
    re.IGNORECASE,
)
_JOIN = Pattern(
    r"\s*(?:,\s*(?:and\s+|or\s+|그리고\s+)?|/|\||\band\b|\bor\b|&|\bvs\.?\s|그리고|및)\s*"
)
_KOREAN_JOIN = Pattern(r"(?<=[가-힣a-zA-Z])(?:하고|이랑|랑|과|와)\s+")
_NAME = Pattern(r"[\"']?([A-Za-z가-힣][\w-]*(?:\s[A-Za-z가-힣][\w-]*)?)[\"']?")
_AFTER_LAST = Pattern(
    r"\s+(?:on|in|from|for|with|using|at|to|of|over|by|then|please|is|are|as|if|when|when|data|dataset|folder|each|only)\b.*"
)
_PARTICLE = Pattern(
    r"(?:이렇게|으로만|으로|이고요|이구요|고요|구요|이고|이에요|예요|이야|이며|입니다|인데요?|이랑|임|이다|이요)(?=$|\s)|(?<=[가-힣])(?:로|야|고|를|을|하고|랑)$|(?<=[a-zA-Z])(?:로|야|고|를|을|요|하고|랑)$"
)
_NOT_A_NAME = Pattern(
    r"(?:(?:\w+\s)?(?:epochs?|steps?|iterations?|에폭|스텝)|the|a|an|before|after|so|but|now|last|back|then|imbalanced?|balanced|weights?|it|them|are|is|not|no|all|each|every|train|batch|epochs?|lr|learning|adam\w*|sgd|seed|early|cosine|use|using|please|배치|에폭|에포크|학습\w*|옵티마이저|이미지|시드|모델|데이터\w*|불균형|클래스|라벨|카테고리|개수|수|하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열|스물)(?![\w-])",
    re.IGNORECASE,
)
_NO_PARTICLE = frozenset(load("lists")["end_like_particles"])
_LONGEST = 200  # characters of a list
_MOST = 8  # places looked at where a list might begin


@dataclass(frozen=True)
class ClassNames:
    """Names in order, with where the list stands."""

    names: list[str]
    start: int
    end: int


def read(text: str) -> ClassNames | None:
    """The first list of two names or more that is introduced as one of classes.

    Args:
        text: Capitals kept, places and run name masked.
    """
    for found in islice(_INTRODUCED.finditer(text), _MOST):
        names, end = _list(text, found.end())
        if len(names) > 1 and len(set(names)) == len(names):
            return ClassNames(names, found.end(), end)
    return None


def _list(text: str, at: int) -> tuple[list[str], int]:
    tail = re.split(rf"[{MASK};\n.]|\d+\s?(?:epochs?|에폭)|(?<=\])", text[at : at + _LONGEST])[0]
    tail = tail.strip(" [](){}")
    names: list[str] = []
    end = at
    place = text.find(tail, at) if tail else at
    for part, start in _parts(_KOREAN_JOIN.sub(lambda m: ",".ljust(len(m[0])), tail)):
        bare = _AFTER_LAST.sub("", part)
        last = bare != part
        name = _NAME.match(bare.strip())
        if name is None or (name[1] != "A" and _NOT_A_NAME.match(name[1])):
            break
        word, cut = _without_particle(name[1])
        if word:
            names.append(word)
            end = place + start + part.find(name[1]) + len(word)
        if last or cut or name.end() < len(bare.strip()):
            break
    return names, min(end, len(text))


def _parts(text: str) -> list[tuple[str, int]]:
    parts, at = [], 0
    for join in _JOIN.finditer(text):
        parts.append((text[at : join.start()], at))
        at = join.end()
    return [*parts, (text[at:], at)]


def _without_particle(name: str) -> tuple[str, bool]:
    """The name without what Korean adds to the last of a list; whether it did."""
    first, _, second = name.partition(" ")
    if second and re.search(r"[가-힣]", name):
        found = None if first in _NO_PARTICLE else _PARTICLE.search(first)
        return (first[: found.start()] if found else first), True
    found = None if name in _NO_PARTICLE else _PARTICLE.search(name)
    return (name[: found.start()].strip(), True) if found else (name, False)
