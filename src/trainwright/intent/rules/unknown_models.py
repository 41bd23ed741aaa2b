"""Names of models that are none here: misspelt, trained elsewhere, or never heard of.

Whatever stands in a model's place and names none is asked about: to take the usual model instead
would be a guess that nobody sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from unicodedata import normalize

from rapidfuzz import fuzz, process

from trainwright.catalog.shelf import hangul_names
from trainwright.intent.rules.keys import keys
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load
from trainwright.spec import RunSpec, Task

_WORDS = load("models")
_STEMS = _WORDS["stems"]
_ELSEWHERE = frozenset(_WORDS["elsewhere"])
_IN_PLACE = frozenset(_WORDS["in_place"])
_ORDINARY = frozenset(_WORDS["ordinary"])
_NOT_SAID = frozenset(_WORDS["not_said"])
_NOT_IN_PLACE = frozenset(_WORDS["not_in_place"]) | frozenset(load("lists")["trade"])
_ORDINARY_HANGUL = frozenset(_WORDS["ordinary_hangul"])
_KINDS = tuple(_WORDS["kinds_hangul"])
_ADNOMINAL = {4, 8}
"""The finals ㄴ and ㄹ, in which words that describe a noun end: 작은, 쓸."""
_TYPO, _TYPO_WITH_DIGIT, _TYPO_IN_HANGUL = 78.0, 72.0, 84.0

# Words with a digit that name something other than a model.
_OTHER_THINGS = Pattern(
    r"(?:fp|bf|tf|rtx|gtx|cuda|gpu|cpu|sha|utf|float|int|top|day|exp|run|test|seed|epochs?|batch|"
    r"step|rank|layer|fold|part|round"
    r"|take|try|trial|version|ver|phase|stage|level|room|platform|number|node|host|server|"
    r"box|dataset|data|class|label"
    r"|python|torch|windows|ubuntu|alpha|beta|dropout|lora|patience|size|warmup|lr|bsz|"
    r"imgsz|resolution|covid|ipv)[\s_.-]?\d.*"
)
_WITH_DIGIT = Pattern(r"(?<![a-z0-9_./\\-])[a-z][a-z_-]{2,30}\d[a-z0-9_.-]{0,30}(?![a-z0-9_/\\])")
_PLAIN_WORD = Pattern(r"(?<![a-z0-9_./\\-])[a-z]{3,20}(?![a-z0-9_/\\])")
_ALIKE = r"[a-z]{2,15}(?:net|former|rcnn|yolo|llm|bert|gpt|vit|detr|vgg|mamba|mixer)"
_SOUNDS_LIKE_ONE = Pattern(r"[a-z-]*(?:net|former|rcnn|yolo|llm|bert|gpt|vit|detr|vgg)")
_PHRASES = Pattern(rf"(?<![a-z가-힣]){alternatives(_WORDS['phrases'])}(?![a-z])")

_IDENTIFIER = Pattern(
    r"(?<![a-z0-9_./\\-])(?:[a-z]{2,20}[-_]?\d[a-z0-9.-]{0,20}|[a-z]{1,20}(?:_[a-z0-9]{1,20})+)(?![a-z0-9_/]|\s?[=:])"
)
_LONG_PART = Pattern(r"[a-z]{5,}")
_SPEC_WORDS = frozenset({*map(str, Task), *RunSpec.model_fields})
_SAID = Pattern(
    r"(?:\bmodel\s*(?:[:=]|\bis\b|\bcalled\b)|\b(?:change|switch|set)\s+(?:the\s+)?model\s+to\b|모델은|모델\s?[:=]"
    r"|모델(?:을|만)(?=\s[a-z][\w.-]*으?로\s?(?:바꿔|변경|교체|해)))\s*([a-z][a-z0-9_.-]{1,60})"
)
_CALLED_ONE = Pattern(
    r"(?<![a-z0-9_./\\-])([a-z][a-z0-9]*(?:_[a-z0-9.]+)+)\s?(?:모델|models?(?![a-z]))"
    r"|(?<![a-z0-9_./\\-])([a-z][a-z0-9-]*\d[a-z0-9-]*|[a-z][\w.-]*/[a-z][\w.-]*)\s?모델(?=로|을|를)"
    r"|\b(?:re)?train\s+(?:an?\s+|the\s+)?([a-z][a-z0-9]*(?:_[a-z0-9.]+)+)(?=\s+(?:on|with|for|using)\b)"
)

_SIZE = (
    r"(?:[nsmlxb]\d?|xs|xl|xxl|nano|tiny|mini|small|medium|base|large|huge|giant|lite|plus|pro"
    r"|instruct|chat|[a-z]?\d[\w.]{0,6})"
)
_NAME = rf"[a-z][a-z0-9]{{1,20}}(?:[-_.][a-z0-9]{{1,12}}){{0,4}}(?:\s{_SIZE}(?![a-z0-9])){{0,3}}"
_LIKE_A_NAME = Pattern(
    rf"(?:{_ALIKE}|[a-z]{{2,15}}[a-z0-9]*)[-_]{_SIZE}|{_ALIKE}|[a-z-]{{2,}}\d\w*"
)
_TRAINED = Pattern(
    r"(?<![a-z])(?:(?:re|post-?|fine-?\s?)?train|(?:fine-?\s?)?tune|sft|dpo|ppo|grpo|gspo)\s+(?:the\s+)?"
    rf"({_NAME})(?:\s+model)?\s+(?:on|with|using|over|to)(?![a-z])"
)
"""`sft foobar on …`: whatever it is, it is what is to be trained."""
_GOT_TRAINED = Pattern(
    rf"(?<![a-z])(?:get|have|got|want|need)\s+(?:the\s+)?({_NAME})\s+(?:re|fine-?\s?)?(?:trained|tuned)(?![a-z])"
)
_PLACES = Pattern(
    rf"(?<![a-z])(?:train|use|try|run|with|using|via|want)\s+(?:an?\s+|the\s+)?({_NAME})"
    r"(?=\s*(?:[,.;!]|$|(?:on|with|using|for|at|model|network|backbone|instead)(?![a-z])))"
    rf"|(?<![a-z0-9_./\\-])({_NAME})(?=\s(?:model|backbone|network)(?![a-z]))"
    rf"|(?<![a-z0-9_./\\-])({_NAME})(?=\s?(?:모델|(?:으?로|을|를)(?![가-힣])|(?:이?랑|써서|사용)))"
)
_CALLED_IN_KOREAN = Pattern(rf"(?<![a-z0-9_./\\-])({_NAME})\s?모델(?:로|을)(?![가-힣])")
_WITH_IN_KOREAN = Pattern(
    r"(?<![가-힣])([가-힣]{2,8}(?:\s(?:프로|맥스|미니|플러스|라이트|울트라|베이스|라지|스몰|타이니))?)\s?모델(?:로|로요)(?![가-힣])"
)
_REFERENCE = Pattern(alternatives(_WORDS["references"]))
_ENDS_LIKE_ONE = Pattern(
    r"(?<![가-힣])([가-힣]{1,6}(?:넷|포머|버트|지피티|엘엘엠))(?=\s?\d|으?로(?![가-힣])|을(?![가-힣])|를(?![가-힣])|\s?모델)"
)
_OF_A_SIZE = Pattern(
    r"(?<![a-z0-9.가-힣])(?:[a-z가-힣][a-z0-9가-힣.-]{1,30}\s?(?:\d(?:\.\d)?\s)?)?"
    r"(?<![\d.])\d{1,3}(?:\.\d)?\s?b(?![a-z0-9])(?!\s?(?:토큰|tokens?|params?|파라미터))"
)
"""Only language models are told apart by their billions: `비쿠나 7b`, `the 7b`."""
_HANGUL_WORD = Pattern(
    r"(?<![가-힣])([가-힣]{2,8}?)(?=\s?\d|으로|로|을|를|은|는|이|가|도|만|[^가-힣]|$)"
)


def find(text: str) -> str | None:
    """What seems to be meant as a model's name but is none.

    Args:
        text: Lower case, everything that was understood masked.
    """
    return next(filter(None, (look(text) for look in _LOOKS)), None)


def refers(text: str) -> bool:
    """Whether a model is only pointed at: `the model we used last week`, `지난번 모델로`."""
    return _REFERENCE.search(text) is not None


def is_ordinary(name: str) -> bool:
    """Whether it is also a word of every day: `falcon`."""
    return name in _IN_PLACE


def _said(text: str) -> str | None:
    if (said := _SAID.search(text)) and said[1] not in _NOT_SAID:
        return said[1]
    if said := _CALLED_ONE.search(text):
        return said[1] or said[2] or said[3]
    return None


def _written_like_one(text: str) -> str | None:
    """`resnett18`, `xgboost`: a slip, or a model that is trained elsewhere."""
    for found in _WITH_DIGIT.finditer(text):
        if not _OTHER_THINGS.fullmatch(found[0]) and _near(found[0], _TYPO_WITH_DIGIT):
            return found[0]
    for found in _PLAIN_WORD.finditer(text):
        ordinary = found[0] in _ORDINARY
        if found[0] in _ELSEWHERE or (not ordinary and _near(found[0], _TYPO)):
            return found[0]
    phrase = _PHRASES.search(text)
    return phrase[0] if phrase else None


def _in_its_place(text: str) -> str | None:
    for pattern in (_TRAINED, _GOT_TRAINED, _CALLED_IN_KOREAN):
        for found in pattern.finditer(text):
            first = re.split(r"[\s_.-]", found[1])[0]
            if first not in _NOT_IN_PLACE and not found[1].endswith(("s", "ing", "ly")):
                return found[1]
    return next(filter(_may_be_one, _names(text)), None)


def _names(text: str) -> Iterator[str]:
    for found in _PLACES.finditer(text):
        yield next(filter(None, found.groups()))


def _may_be_one(name: str) -> bool:
    first = re.split(r"[\s_.-]", name)[0]
    if first in _NOT_IN_PLACE or first in _ORDINARY or _OTHER_THINGS.fullmatch(name):
        return False
    return first in _IN_PLACE or _LIKE_A_NAME.fullmatch(name) is not None


def _of_a_size(text: str) -> str | None:
    return found[0].strip() if (found := _OF_A_SIZE.search(text)) else None


def _in_hangul(text: str) -> str | None:
    """`레스냇18`: letter by letter nearly a model's name; `푸바넷`: it ends as one does."""
    if text.isascii():
        return None
    for found in _HANGUL_WORD.finditer(text):
        letters = normalize("NFD", found[1])
        near = process.extractOne(
            letters, _hangul_stems().keys(), scorer=fuzz.ratio, score_cutoff=_TYPO_IN_HANGUL
        )
        if near is not None:
            size = re.match(r"\s?\d+\w{0,2}", text[found.end() :])
            return _hangul_stems()[near[0]] + (size[0].strip() if size else "")
    for found in _ENDS_LIKE_ONE.finditer(text):
        if found[1] not in _ORDINARY_HANGUL:
            return found[1]
    return next((m[1] for m in _WITH_IN_KOREAN.finditer(text) if not _describes(m[1])), None)


def _describes(word: str) -> bool:
    """Whether a Korean word before `모델` says of what kind it is: `가벼운`, `분류`."""
    final = (ord(word[-1]) - ord("가")) % 28
    return final in _ADNOMINAL or word.endswith(_KINDS)


def _like_an_identifier(text: str) -> str | None:
    """`visionmaster-3`, `effcientnet_bo`: nothing else of a training has such a name."""
    for found in _IDENTIFIER.finditer(text):
        name = found[0]
        if _OTHER_THINGS.fullmatch(name) or name in _SPEC_WORDS or keys(name):
            continue
        if "_" not in name or any(_near(part, _TYPO) for part in _LONG_PART.findall(name)):
            return name
    return None


_LOOKS = (
    _said,
    _written_like_one,
    _in_its_place,
    _of_a_size,
    _in_hangul,
    _like_an_identifier,
)


@cache
def _hangul_stems() -> dict[str, str]:
    """Letters of Korean names of models, with the Latin name."""
    stems = {name: latin for name, latin in hangul_names().items() if latin in _STEMS}
    return {normalize("NFD", name): latin for name, latin in stems.items()}


def _near(word: str, cutoff: float) -> bool:
    stem = re.match(r"[a-z_-]+", word)
    letters = stem[0].strip("-_") if stem else word
    if len(letters) < len(word) and _SOUNDS_LIKE_ONE.fullmatch(letters):
        return True
    close = process.extractOne(letters, _STEMS, scorer=fuzz.ratio, score_cutoff=cutoff)
    return close is not None
