"""Names of classes, where a sentence introduces them: `classes sparrow, robin and crow`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from trainwright.intent.rules import choices, models, settings
from trainwright.intent.rules.numbers import to_digits
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK
from trainwright.intent.rules.vocabulary import load

_INTRODUCED = Pattern(
    r"(?:\bclass(?:es|[\s_-]?names?|(?=\s?[:=]))|\blabels?(?:\s+names?)?|\bcategories)\s*"
    r"(?:(?:called|named|are|is|should\s+be|will\s+be|being|like)\s+|[:=]\s*|(?=\[|\()|\s(?=[\"'a-z가-힣]+\s?(?:,|/|and\b|&|vs)))"
    r"|(?:클래스|라벨|레이블|카테고리)(?:는|은|가)?\s?\d+\s?(?:개|종|가지)(?:는|은)?\s?[:=(]\s?"
    r"|(?:클래스|라벨|레이블|카테고리)(?:\s?이름)?(?:은|는|으로는|명은|들은|이|가)?\s?[:=]?\s+(?=\S)"
    r"(?!(?:(?<=라벨 )|(?<=레이블 ))(?:있|없|완료|작업|됨|되[어었]|된|다\s))"
    r"(?!(?:분류|탐지|검출|인식|분할|구분|구별|판별|가르|나누|나눠))"
    r"|(?:클래스|라벨|레이블)(?:\s?이름|명)?\s?[:=]\s?",
    re.IGNORECASE,
)
_JOIN = Pattern(
    r"\s*(?:,\s*(?:and\s+|or\s+|그리고\s+)?|/|\||\band\b|\bor\b|&|\bvs\.?\s|그리고|및)\s*"
)
_AND = Pattern(r"\band\b|\bor\b|&|그리고|및")
_KOREAN_JOIN = Pattern(r"(?<=[가-힣a-zA-Z])(?:하고|이랑|랑|과|와)\s+")
_NAME = Pattern(r"[\"']?([A-Za-z가-힣][\w-]*(?:\s[A-Za-z가-힣][\w-]*)?)[\"']?")
_AFTER_LAST = Pattern(
    r"\s+(?:on|in|from|for|with|using|at|to|of|over|by|then|please|is|are|as|if|when|now|since|because|so|but|that|which|after|before|until|where|data|dataset|folder|each|only)\b.*"
)
_PARTICLE = Pattern(
    r"(?:이렇게|으로만|으로|이고요|이구요|고요|구요|이고|이에요|예요|이야|이며|입니다|인데요?|이랑|임|이다|이요)(?=$|\s)|(?<=[가-힣])(?:로|야|고|를|을|하고|랑)$|(?<=[a-zA-Z])(?:로|야|고|를|을|요|하고|랑)$"
)
_NOT_A_NAME = Pattern(
    r"(?:(?:\w+\s)?(?:epochs?|steps?|iterations?|에폭|스텝)|the|a|an|before|after|so|but|now|last|back|then|imbalanced?|balanced|weights?|it|them|are|is|not|no|all|each|every|train|batch|epochs?|lr|learning|adam\w*|sgd|seed|early|cosine|use|using|please|배치|에폭|에포크|학습\w*|옵티마이저|이미지|시드|모델|데이터\w*|불균형|클래스|라벨|카테고리|개수|수|하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열|스물)(?![\w-])",
    re.IGNORECASE,
)
_OF_DATA = Pattern(
    r"(?:data(?:set)?|images?|photos?|pictures?|pics|files?|folder|path|model|run|name)(?=\s+\S|\s*$)"
    r"|(?:데이터(?:셋)?|사진|이미지|그림|자료|폴더|경로|모델|증강|이름|위치|저장|정밀도|우선\s?순위|타[깃겟]|스케[줄쥴]러|옵티마이저|장비|서버|시드)(?:은|는|도|을|를|이|가|로|에)?(?=\s|$)",
    re.IGNORECASE,
)
_NO_PARTICLE = frozenset(load("lists")["end_like_particles"])
_ENDS_IN_I = tuple(load("lists")["end_in_i"])
_WORDS_TOO = {"optimizer", "priority"}
"""Fields of which a single word may be a class as well: `lion`, `urgent`."""
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
    for part, start in _parts(_KOREAN_JOIN.sub(_comma, tail)):
        if len(names) > 1 and _begins_another(part, more=text[place + start + len(part) :]):
            break
        bare = _AFTER_LAST.sub("", part)
        last = bare != part
        name = _NAME.match(bare.strip())
        alone = bare.strip().lower() == "a"  # between commas it is no article
        if name is None or (name[1] != "A" and not alone and _NOT_A_NAME.match(name[1])):
            break
        if _is_model(name[1]):  # `into five classes: DenseNet121, …`
            break
        word, cut = _without_particle(name[1])
        if word:
            names.append(word)
            end = place + start + part.find(name[1]) + len(word)
        if last or cut or name.end() < len(bare.strip()):
            break
    return names, min(end, len(text))


def _comma(join: re.Match[str]) -> str:
    """In the place of `와` and the like; the 이 of `고양이랑` is the name's own."""
    own = join[0].startswith("이") and _ends_in_i(join.string[: join.start() + 1])
    return ("이," if own else ",").ljust(len(join[0]))


def _ends_in_i(word: str) -> bool:
    """Whether an 이 at the end belongs to the word: `고양이`, `오이`."""
    return word.endswith(_ENDS_IN_I) or not _closed(word[-2:-1])


def _closed(syllable: str) -> bool:
    """Whether a syllable of Hangul ends in a consonant; other letters may."""
    return not "가" <= syllable <= "힣" or (ord(syllable) - ord("가")) % 28 != 0


def _begins_another(part: str, *, more: str) -> bool:
    """Whether the next clause begins here: `…, data at ./x`, `…, half precision`.

    Args:
        part: What stands between two commas.
        more: The text after it.
    """
    said = part.strip().lower()
    if of_data := _OF_DATA.match(said):
        return of_data.end() < len(said) or more.lstrip().startswith(MASK) or said[-1] in "은는"
    return (
        any(c.field not in _WORDS_TOO or " " in said[: c.end] for c in _chosen_first(said))
        or any(settings.read(to_digits(said)))
        or _is_model(said)
    )


def _is_model(name: str) -> bool:
    return bool(models.find(name.lower())[0])


def _chosen_first(said: str) -> list[choices.Choice]:
    return [choice for choice in choices.read(said) if choice.start == 0]


def _parts(text: str) -> list[tuple[str, int]]:
    """What a list joins, up to the comma after its last `and`: `a, b and c, …`."""
    parts, at, closes = [], 0, False
    joins = list(_JOIN.finditer(text))
    last_and = max((i for i, join in enumerate(joins) if _AND.search(join[0])), default=0)
    for i, join in enumerate(joins):
        parts.append((text[at : join.start()], at))
        at = join.end()
        if closes and i > last_and:
            return parts
        closes = i == last_and > 0
    return [*parts, (text[at:], at)]


def _without_particle(name: str) -> tuple[str, bool]:
    """The name without what Korean adds to the last of a list; whether it did."""
    first, _, second = name.partition(" ")
    if second and re.search(r"[가-힣]", name):
        return _cut(first), True
    bare = _cut(name)
    return bare.strip(), bare != name


def _cut(name: str) -> str:
    found = None if name in _NO_PARTICLE else _PARTICLE.search(name)
    if found is None:
        return name
    own = found[0].startswith("이") and name[: found.start() + 1].endswith(_ENDS_IN_I)
    return name[: found.start() + own]
