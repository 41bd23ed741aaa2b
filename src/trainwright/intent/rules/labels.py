"""What the person calls things: the name of the run, and the function that gives rewards."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from trainwright.intent.rules.corrections import standing
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.places import without_particle
from trainwright.intent.rules.vocabulary import alternatives, load


@dataclass(frozen=True)
class Label:
    """A name that was given, with the part of the sentence that is understood by it."""

    value: str
    start: int
    end: int


_RUN = r"(?:run|experiment|exp|job|trial|training)"
_RUN_KO = r"(?:실행|실험|런|작업|run)"
_IS = r"(?:\s+(?:is|should\s+be|will\s+be|shall\s+be|must\s+be|to\s+be))?"
_INTRODUCED = (
    rf"\b(?:name|call|label|title|tag)\s+(?:it|(?:(?:the|this|my|our)\s+)(?:{_RUN}|model)(?:\s+{_RUN})?|this(?:\s+one)?)(?:\s+as)?"
    rf"|\b(?:it|{_RUN}){_IS}\s+(?:called|named)|[,;.(]\s*(?:and\s+)?named"
    r"|(?<!folder )(?<!directory )(?<!dataset )(?<!data )(?<!model )(?<!class )(?<!classes )"
    r"(?<!file )(?<!host )(?<!server )(?<!box )(?<!machine )(?<!node )(?<!user )"
    r"\bnamed(?=\s+[a-z]+\w*[-_\d])"
    r"|\b(?:save|register)\s+(?:it|the\s+run)\s+as"
    rf"|\b(?:wandb[\s_.-])?{_RUN}[\s_-]?name{_IS}|--(?:run-)?name|\bwandb_name|(?<![\w])name[\"']?(?=\s*[:=])"
    rf"|\bname\s+of\s+(?:the|this)\s+{_RUN}{_IS}|\b(?:the|its)\s+name\s+(?:is|should\s+be|will\s+be)|\bname\s+(?=\")|[,;.(]\s*name\s+(?=[a-z]+\w*[-_\d])"
    r"|\b(?:under|with|it|gets?)\s+(?:the\s+)?name(?:\s+of)?(?:\s+is)?"
    rf"|\bas\s+(?:{_RUN})(?=\s+[a-z]+\w*[-_])"
    rf"|(?<![가-힣])(?:{_RUN_KO}\s?)?(?<!클래스 )(?<!라벨 )(?<!범주 )이름(?:은|을|:)"
    rf"|(?<![가-힣]){_RUN_KO}\s?이름\s(?=[A-Za-z0-9\"'])"
    r"|(?<![가-힣])(?<!클래스 )(?<!라벨 )(?<!모델 )(?<!데이터 )(?<!파일 )이름\s(?=[A-Za-z0-9\"'])"
    rf"|(?<![가-힣]){_RUN_KO}\s?명(?:은|을|:)?|\bname(?:은|을|는)"
)
_NO_NAME = (
    r"(?!(?:an?|the|it|off|done|back|whatever|something|after|before|with|later|like|as|by|so|on|in|for"
    r"|and|or|to|is|be|that|this)\b)"
)
_RUN_NAME = Pattern(
    rf"(?:{_INTRODUCED})\s*[:=]?\s*"
    rf"(?:\"([^\"\n]{{1,100}})\"|'([^'\n]{{1,100}})'|{_NO_NAME}([A-Za-z0-9가-힣][\w.-]{{0,99}}))"
    r"|(?<![\w.-])([A-Za-z0-9][\w.-]{0,99})[\"']?"
    rf"(?:(?:이라는|라는|이란|란)\s(?:{_RUN_KO}\s?)?이름"
    rf"|(?:이라고|라고|으로|로)\s(?:{_RUN_KO}\s?)?이름(?:을|도)?\s?(?:붙|지어|짓|정))",
    re.IGNORECASE,
)
_NAME_PARTICLE = Pattern(
    r"(?<=[A-Za-z0-9_])(?:으로|로|이라고|라고|이고|고|야|이야|입니다|이에요|예요|이요|요|이며|임|를|을|이다)$"
)
_KOREAN_NAME_PARTICLE = Pattern(r"(?<=[가-힣])(?:이라고|라고|이고|입니다|이야)$")


_REPAIRS = load("repairs")
_INSTEAD_OF_IT = alternatives(
    [*_REPAIRS["taken_back"], *_REPAIRS["taken_back_hangul"], *_REPAIRS["before_another_name"]]
)
_OTHER_NAME = Pattern(
    rf"[\s,.;(?!-]*(?:으로|로)?\s?(?:{_INSTEAD_OF_IT})"
    r"(?:[\s,:.]+(?:no|wait|better|i|meant?|make|call|name|it|that|to|let.?s|do|use|그냥|아니|썼다))*"
    r"[\s,:.]+([A-Za-z0-9]\w*[-_\d][\w.-]{0,90})"
    r"(?=\s*(?:[,.;)!]|$|instead)|\s(?:할게|해|하자|변경|바꿔|가자))",
    re.IGNORECASE,
)
"""Another name, in the place of the one before: `name it exp-1, no wait, exp-2`."""


def run_name(text: str) -> Label | None:
    """The name the run is to have."""
    labels = [_named(found) for found in _RUN_NAME.finditer(text)]
    if not labels:
        return None
    first, last = labels[0], standing(text.lower(), labels)[-1:] or labels[:1]
    if len(labels) == 1 and (other := _OTHER_NAME.match(text, first.end)):
        value = _NAME_PARTICLE.sub("", other[1].rstrip(".,"))
        return Label(value, first.start, other.end(1))
    return replace(last[0], start=first.start)


def _named(found: re.Match[str]) -> Label:
    value = next(g for g in found.groups() if g)
    value = _NAME_PARTICLE.sub("", value.strip().rstrip(".,"))
    return _label(without_particle(_KOREAN_NAME_PARTICLE.sub("", value)), found)


_REWARD_WORD = (
    r"reward(?:s|ed)?(?:[\s_-]?(?:functions?|fn|func(?:s|tions)?|model|script|code|file))?"
)
_TOLD_WORDS = (
    r"(?:(?:at|from|in|is|are|of|by|with|using|called|named|sits?|lives?|stands?|resides?|found|located|comes?|coming|defined|computed|calculated"
    r"|given|implemented|found|taken|the|my|our|file|script|function)\s+)*"
)
_FUNCTION = r"(?:\.{0,2}/)?[A-Za-z][A-Za-z0-9_./-]{0,200}"
_TELLING = (
    r"(?!w/)(?:\.{1,2}/[A-Za-z0-9_./-]{1,200}"
    r"|/?[A-Za-z][A-Za-z0-9_./-]{0,100}?(?:_|/|\.py)[A-Za-z0-9_./-]{0,100})"
)
"""No ordinary word: it has an underscore or a slash, or is a file."""
_REWARD_KO = r"(?:보상|리워드|reward)(?:\s?(?:함수|모델))?"
_EXACT = r"(?:exact(?:ly)?[\s_-]match(?:es|ing)?|(?:정답|정확히?|완전히?)\s?(?:일치|매칭))"
_REWARD_EXACT = Pattern(
    rf"(?:\b{_REWARD_WORD}\s+{_TOLD_WORDS}|{_REWARD_KO}(?:은|는|을|를)?)\s*[:=]?\s*({_EXACT})"
    rf"|({_EXACT})\s+(?:(?:as|for)\s+)?(?:(?:the|my|our|an?)\s+)?reward(?![a-z])(?:\s+function)?",
    re.IGNORECASE,
)
"""The one reward that everybody says in plain words."""
_ENDS = (
    r"(?![A-Za-z0-9_./-])(?!\s+(?!(?:and|with|on|for|using|over|lr|kl|batch|by|to|at)\b)[a-z]+\b)"
)
"""A word with another behind it is no name: `reward exact matches`."""
_REWARD = Pattern(
    rf"\b{_REWARD_WORD}[\"']?\s*[:=]\s*\[?[\"']?({_FUNCTION})"
    rf"|(?:\b{_REWARD_WORD}|{_REWARD_KO})(?:\s+(?:from|in|is|of|by|with|using|called|named)|는|은|을|를|으로)*\s*[:=]?\s+?(?:\"([^\"\n]{{1,200}})\"|((?:\.{{0,2}}/)?[A-Za-z][A-Za-z0-9_./-]{{1,200}}{_ENDS}|\.{{0,2}}/[\w./-]{{1,200}}\.py))",
    re.IGNORECASE,
)
_REWARD_TOLD = Pattern(
    rf"\b{_REWARD_WORD}\s+{_TOLD_WORDS}[\"']?({_TELLING})"
    rf"|(?:\b(?:with|using|use|by|take|from)\s+)?(?<![\w./-])({_TELLING})(?<!\.)[\"']?\s+(?:(?:as|for)\s+)?(?:(?:the|my|our|an?)\s+)?reward(?![a-z])(?:\s+(?:function|model|script))?"
    rf"|\b(?:scor|reward|grad|judg)(?:e|ed|ing)?\s+(?:(?:it|them|answers?|completions?|responses?|the\s+\w+)\s+)?(?:with|by|using)\s+[\"']?({_TELLING})",
    re.IGNORECASE,
)
_TRAINED_ITSELF = Pattern(
    r"(?i)(?<![a-z])(?:train|tune|build|fit|make|creat)(?:e|ing)?\s+(?:(?:an?|the|our|my)\s+)?reward\s+model(?![a-z])"
)
_HANGUL = Pattern(r"[가-힣]")
_NO_REWARD = frozenset(load("lists")["no_reward"])


def reward(text: str) -> Label | None:
    """The function that gives rewards, by name or file."""
    return next((one for one in _rewards(text) if one.value.lower() not in _NO_REWARD), None)


def _rewards(text: str) -> Iterator[Label]:
    if found := _REWARD_EXACT.search(text):
        yield replace(_label(found[1] or found[2], found), value="exact_match")
    for pattern in (_REWARD_TOLD, _REWARD):
        for found in pattern.finditer(text):
            itself = _TRAINED_ITSELF.search(text)
            if itself and itself.start() < found.start() < itself.end():
                continue  # `train a reward model from ./pairs.jsonl`
            yield _label(next(g for g in found.groups() if g).rstrip(".,/"), found)


def _label(value: str, found: re.Match[str]) -> Label:
    """With English words that introduce it, but for Korean ones: these tell the language."""
    group = next(i for i, said in enumerate(found.groups(), 1) if said)
    start, end = found.span(group) if _HANGUL.search(found[0]) else found.span()
    if end == found.end(group):  # a full stop ends the sentence
        end -= len(found[group]) - len(found[group].rstrip(".,"))
    return Label(value, start, end)
