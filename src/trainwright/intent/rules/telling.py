"""Clauses that only tell something: what others did, how it went before, what somebody has.

A text is cut into clauses, and each is judged by how it is built: who does something in it, in
which tense, and whether it wishes for anything. Words are kept in `words/telling.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto

from trainwright.catalog import FRAMEWORKS
from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.text import MASK
from trainwright.intent.rules.vocabulary import alternatives, load

_EN, _KO = load("telling")["english"], load("telling")["korean"]


class Telling(Enum):
    """What a clause tells of."""

    GONE = auto()  # settings that others have, or that were used before: no wishes
    FAILED = auto()  # the same, of a run whose model and data may be the wished ones
    MACHINE = auto()
    DATA = auto()


@dataclass(frozen=True)
class Clause:
    """A part of a text, without what parts it from the next one."""

    start: int
    end: int
    opens: str
    telling: Telling | None = None


def _en(name: str) -> str:
    return rf"\b{alternatives(_EN[name])}(?![a-z])"


def _ko(name: str) -> str:
    return alternatives(_KO[name])


_BOUNDARY = Pattern(
    r"[;!?()\[\]\n]|\s/\s|(?<!\bal)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)[:.](?=\s|$)|\s--?\s|,(?!\d{3})"
    r"|\s(?=(?:but|so(?!\s(?:far|that|many|much|on))|now|while|whereas|though|although|however"
    r"|because|since|yet|unlike|instead\sof|rather\sthan|compared\s(?:to|with)"
    r"|(?:and\s)?(?:i|we)(?:.d|.ll|\swould|\swant|\sneed|\sprefer|\swill)|and\s(?:i|we|please|now|this|would))\b)"
    r"|(?<=는데)\s|(?<=는데요)\s|(?<=[던인은한운]데)\s|(?<=[던인은한운]데요)\s|(?<=지만)\s|(?<=large만)\s|(?<=더니)\s|(?<=니까)\s|(?<=거든요)\s|(?<=라서)\s|(?<=뿐이라)\s"
    r"|(?<=[다요]고요)\s|(?<=라고요)\s|(?<=구요)\s|(?<=있고)\s|(?<=[어아여]서)\s"
    r"|(?<=[어아에예대래네죠군]요)\s|(?<=니다)\s|(?<=더라)\s|(?<=더라고)\s|(?<=로 하고)\s"
    rf"|\s(?={_ko('own')})"
)
_INSTEAD = Pattern(r"\s?(?:instead\s+of|rather\s+than|unlike|compared\s+(?:to|with))\b")
_WISH = Pattern(_en("wish"))
_ORDER = Pattern(
    rf"\s*(?:(?:and|then|so|now|but|just|also|here)\s+)*{alternatives(_EN['order'])}(?![a-z])"
)
_LIKE = (
    r"(?<!\blike )(?<!\bas in )(?<!\bsame as )(?<!\blike the )(?<!\blike in )(?<!\bas the )"
    r"(?<!\blike my )(?<!\blike our )(?<!\bas my )(?<!\bas our )"
)
_OWNER = rf"(?:{MASK}++|{'|'.join(FRAMEWORKS)}|hugging\s?face)(?:'s?)?"
_THE = (
    r"(?:(?:according\s+to|in|as\s+per|by|the|an?|my|our|your|their|his|her|some|one|most|all"
    rf"|{_OWNER})\s+){{0,5}}"
)
_OTHERS = Pattern(
    rf"[^{MASK}]{{0,40}}?(?P<who>{_THE}{_LIKE}{_en('others')})(?:.s)?(?=\s|$)"
    rf"[^,]{{0,60}}?{_en('do')}"
)
_OTHERS_ALONE = Pattern(
    rf"\s*(?:(?:in|by|the|a|my|our|their|his|her|from|per|not)\s+){{0,3}}{_en('others')}"
)
_HEADING = Pattern(rf"\s*(?:(?:in|by|the)\s+)*{_en('others')}\s*")
_BY_NAME = Pattern(
    r"\s*(?!(?:i|we|you|it|that|this|which|what|who|model|classifier|detector|network|data|epochs?"
    r"|batch|size|rate|optimi[sz]er|scheduler|and|or|then|please|be|to|get|gets?)\b)"
    r"(?:(?:the|my|our|an?|his|her|some|one|that)\s+(?:(?!(?:model|classifier|detector|network|data|images|photos|"
    r"pictures|frames|run|training|job|dataset|folder|machine|server)\b)[a-z'-]+\s+){0,3})?"
    r"(?!(?:model|classifier|detector|network|data|dataset|images|photos|pictures|frames|run|training|job|folder|weights"
    r"|one|ones|set|files|samples)\b)"
    r"[a-z]+\s+(?:has\s+|had\s+|just\s+|already\s+|also\s+|once\s+|always\s+|apparently\s+)*(?:ran|tried|used|did|got|trained\s+(?:it|this|theirs|hers|his|for|with|on|\d+|up\s+to))\s"
)
_ONESELF = Pattern(
    rf"[^{MASK}]{{0,40}}?\b(?P<who>i|we)(?:.?ve|\s+have|\s+had)?\s+"
    rf"(?:(?:just|only|already|once|also|always|usually|first|even|originally|both|never|then|have|been)\s+)*{alternatives(_EN['did'])}(?![a-z])"
)
_BEFORE = Pattern(rf"{_LIKE}{_en('before')}")
_ATTEMPT = Pattern(rf"\s*{_en('before')}\s*")
_DID = Pattern(rf"\b{alternatives([*_EN['do'], *_EN['did'], *_EN['failed']])}(?![a-z])")
_FAILED = Pattern(_en("failed"))
_NAMED = Pattern(rf"\s*{alternatives(_EN['named'])}(?![a-z])")
_PAST = Pattern(rf"[^,]{{2,60}}?\s{alternatives(_EN['past'])}(?![a-z])")
_DID_TO = Pattern(
    r"\d\s?[a-z ]{0,30}?\s[a-z]{3,}ed\s+(?:(?:up|out)\s+)?"
    r"(?:the|all|our|my|its|every)(?![a-z])"
)
"""`a batch of 128 exhausted the memory`: a verb with an object is no participle."""
_SAYS = Pattern(rf"[^{MASK},]{{2,60}}?(?<!\bi )(?<!\bwe )\b{alternatives(_EN['says'])}(?![a-z])")
_MACHINE = Pattern(
    rf"[^{MASK}]{{0,30}}?(?<!\bon )\b(?:the|this|that|my|our|his|her|their|an?|each|one|every)\s+"
    rf"(?:[a-z0-9]+\s+){{0,2}}?{_en('machines')}\s+"
    r"(?:(?:only|also|just)\s+)?(?:has|have|had|got|is|are|comes?\s+with|contains?|holds?|offers?)(?![a-z])"
    r"(?!\s+(?:all|what|everything)\s)"
    rf"|[^{MASK}]{{0,30}}?\b(?:i|we)(?:.?ve)?\s+(?:(?:only|just|got)\s+)*(?:have|got|own|\d|an?)(?=\s)[^,]{{0,60}}?"
    r"(?:\d\s?(?:gi?b?|gigs?|gigabytes?)\s+(?:of\s+)?(?:ram|memory)|\bcores)(?![a-z])"
    rf"|[^{MASK}]{{1,40}}?\b(?:is|are|has|have|shares?|owns?|runs?|comes?|sits?)\s[^,]{{0,40}}?"
    r"\d+\s?(?:x\s?)?(?:gpus?|cores?|cards|gi?b\s+(?:of\s+)?(?:v?ram|memory))(?![a-z])"
    rf"|\s*there(?:.s|\s+is|\s+are|.re)\s[^,]{{0,50}}?\b(?:in|on|inside)\s+(?:it|there|(?:the|my|our|this|that)\s+(?:[a-z]+\s+)?{_en('machines')})"
)
_ABOUT_DATA = Pattern(
    rf"[^{MASK}]{{0,30}}?{_en('data')}(?:\s+(?:in|of|from|on|that|which|each)\s[^,]{{0,40}}?)?\s+"
    r"(?:(?:all|each|mostly|only|roughly|usually)\s+)*(?:is|are|was|were|has|have|had|contains?|holds?|comes?|came|consists?|includes?|spans?|covers?|takes?|took|weighs?)(?![a-z])"
    rf"|[^,]{{0,30}}?{_en('gathered')}(?=\s)"
    rf"|[^{MASK}]{{0,30}}?\b(?:each|every|per)\s+{_en('data')}"
)
_GATHERED = Pattern(rf"\s*{_en('gathered')}")
_GOES_ON = Pattern(
    rf"\s*(?:with|and|at|on|for|over|in|using|each|by|about|to|or|both|which|that|after|even|because|since|as|without|from|of|all|only|then|(?=\d)|{alternatives(_EN['gathered'])})(?![a-z])"
)
_KEPT_KO = Pattern(r"(?:데이터|모델|사진|폴더|이미지)\S*\s(?:\S+\s)?(?:그대로|같은)\S*")
"""What stays as it is, and says nothing of settings: `데이터는 ./x 그대로`."""
_SAME = Pattern(rf"{_en('same')}|{_ko('same')}")

_PAST_KO = (
    f"[{''.join(chr(code) for code in range(0xAC14, 0xD7A4, 28) if chr(code) not in '있겠')}]"
)
"""Syllables that end in ㅆ, as every past tense has one: 했, 썼, 터졌, 나갔."""
_PAST_ENDS = (
    rf"{_PAST_KO}(?:더니|는데요?|지만|으니|어서|어요|습니다|어|고요?|구요|음|다(?:가|는데)?|거든요?"
    r"|던\S*|었\S*|을\s때\S*|(?!으면|으이|을|길|기를)[가-힣]{1,4})?"
)
_RIEUL = "".join(chr(code) for code in range(0xAC08, 0xD7A4, 28))
"""Syllables that end in ㄹ: before 래 a wish (`주실래요`), and no hearsay."""
_WISH_KO = Pattern(rf"{_ko('wish')}|[{_RIEUL}]래[요용]?(?![가-힣])")
# the last one that is followed by a number
_TOPIC_KO = Pattern(
    r".*(?<![가-힣])(?P<who>[가-힣a-z]{1,12}(?:은|는|이|가|엔|에선|께서))\s\D{0,40}\d|"
)
_HEARSAY_KO = Pattern(rf"{_ko('hearsay')}\s*$")
_OTHERS_KO = Pattern(
    rf"(?<![가-힣])(?P<who>{_ko('others')}(?:님|들|분|네)*(?:은|는|이|가|도|께서는?|에서(?:는|도)?|에선"
    rf"|에는|엔|에|의|말로는?|말이|쪽은|마다|한테)(?=\s)|{_ko('usually')})"
)
_BEFORE_KO = Pattern(rf"(?<![가-힣])(?P<who>{_ko('before')})")
_STATES_KO = Pattern(rf"(?:{_PAST_ENDS}|{_ko('states')})\s*$")
_ENDED_KO = Pattern(
    rf"^(?!.*(?:클래스|범주|가지|종류|등급|라벨|이름))[^.]{{0,200}}?{_PAST_ENDS}\s*$"
)
_FAILED_KO = Pattern(_ko("failed"))
_DID_KO = Pattern(rf"{_ko('did')}\S*\s*$")
_MACHINE_KO = Pattern(
    rf"(?<![가-힣]){_ko('machines')}(?:은|는|이|가|에|엔|에는|에도)?(?=\s|\d)[^.]{{0,60}}?{_ko('has')}\s*$"
    rf"|(?:\d|(?<![가-힣])[한두세네]|여덟)\s?(?:코어|기가|gb?|장|개|대)[^.]{{0,20}}?{_ko('machines')}(?:예요|이에요|입니다|인데|라서|이라서?|이고|고)\S*\s*$"
    r"|(?:gpu|지피유|그래픽\s?카드|(?<!\d)[1-5]0[5-9]0(?:\s?ti)?|[ahv]\d{2,3})\s?(?:\S+\s){0,3}?"
    r"(?:가진|가지고\s?있는|보유한|있는|쓰는|갖고\s?있는)\s\S{1,8}(?:입니다|이에요|예요|인데|이라서?|라서?|임)\s*$"
    r"|(?:gpu|지피유|그래픽\s?카드)[^.]{0,30}?같이\s?(?:써|쓰|사용)\S*\s*$"
)
_DATA_KO = Pattern(
    rf"(?<![가-힣])(?P<who>{_ko('data')})(?:은|는|이|가|만|도|을|를)?(?=\s|\d)[^.]{{0,60}}?\d\s?(?:만|천|백)?\s?{_ko('counted')}[^.]{{0,20}}$"
)
_GATHERED_KO = Pattern(
    rf"(?:(?P<who>(?:라벨링|수집|촬영|정리|어노테이션)[은는])|라벨링|수집|촬영|찍|모았|모은|모아|정리|어노테이션)[^.]{{0,30}}?{_PAST_ENDS}\s*$"
)
_SIZE_IS = Pattern(r"[a-z\s]{0,30}\d+\s?(?:x|by)\s?\d+[a-z\s]{0,30}")
_SIZE_IS_KO = Pattern(
    r"\s*(?:(?:크기|해상도|사이즈)(?:는|은)?\s)?(?:전부\s|다\s|모두\s)?\d+\s?x\s?\d+\S*\s*"
)
_NOT_SQUARE = Pattern(r"\s*(\d+)\s?x\s?(\d+)\s*")
"""`사진 3000장, 1920x1080`, where the two sides differ."""
_HANGUL = Pattern(r"[가-힣]")
_DIGIT = Pattern(r"\d")


Span = tuple[str, int, int]
Find = Callable[[str, int, int], re.Match[str] | None]
Judges = tuple[tuple[Telling, tuple[Find, ...]], ...]
_ENGLISH: Judges = (
    (Telling.GONE, (_SAYS.match,)),
    (Telling.GONE, (_OTHERS.match,)),
    (Telling.GONE, (_BY_NAME.match,)),
    (Telling.MACHINE, (_MACHINE.match,)),
    (Telling.GONE, (_ONESELF.match,)),
    (Telling.GONE, (_BEFORE.search, _DID.search)),
    (Telling.DATA, (_ABOUT_DATA.match,)),
    (Telling.GONE, (_HEADING.fullmatch,)),
    (Telling.GONE, (_ATTEMPT.fullmatch,)),
    (Telling.FAILED, (_FAILED.search,)),
    (Telling.FAILED, (_PAST.match, _DIGIT.search)),
    (Telling.FAILED, (_DID_TO.search,)),
)
_KOREAN: Judges = (
    (Telling.MACHINE, (_MACHINE_KO.search,)),
    (Telling.DATA, (_DATA_KO.search,)),
    (Telling.DATA, (_GATHERED_KO.search,)),
    (Telling.GONE, (_OTHERS_KO.search, _HEARSAY_KO.search)),
    (Telling.GONE, (_OTHERS_KO.search, _STATES_KO.search)),
    (Telling.GONE, (_TOPIC_KO.match, _HEARSAY_KO.search)),
    (Telling.GONE, (_BEFORE_KO.search, _STATES_KO.search)),
    (Telling.GONE, (_TOPIC_KO.match, _DID_KO.search)),
    (Telling.FAILED, (_TOPIC_KO.match, _FAILED_KO.search)),
    (Telling.FAILED, (_TOPIC_KO.match, _ENDED_KO.search, _DIGIT.search)),
)
"""What a clause tells in which all of these are found; the first that fits counts."""


def clauses(text: str) -> list[Clause]:
    """The clauses of a (lower-case) text that only tell something, in order; names are masked."""
    if _SAME.search(_KEPT_KO.sub(" ", text)):
        return []  # `the paper used 300 epochs, do the same`
    told: list[Clause] = []
    last: Clause | None = None
    for cut in _cut(text):
        last = _judge(text, cut) or _going_on(text, last, cut)
        if last.telling is not None:
            told.append(last)
    return told


def _cut(text: str) -> Iterator[Clause]:
    at, opens = 0, ""
    for found in _BOUNDARY.finditer(text):
        if text[at : found.start()].strip():
            yield Clause(at, found.start(), opens)
        at, opens = found.end(), found[0].strip()
    if text[at:].strip():
        yield Clause(at, len(text), opens)


def _judge(text: str, clause: Clause) -> Clause | None:
    """What a clause tells, from where on it does."""
    span = text, clause.start, clause.end
    if _HANGUL.search(*span):
        return None if _WISH_KO.search(*span) else _first(_KOREAN, span, clause)
    if _WISH.search(*span) or _ORDER.match(*span) or _NAMED.match(*span):
        return None
    if _takes_the_place(clause, span):
        return replace(clause, telling=Telling.GONE)
    return _first(_ENGLISH, span, clause)


def _first(judges: Judges, span: Span, clause: Clause) -> Clause | None:
    """The clause, with what the first judge tells all of whose patterns are found."""
    for telling, finds in judges:
        first = finds[0](*span)
        if first and all(find(*span) for find in finds[1:]):
            return replace(clause, start=_who(first, clause, telling), telling=telling)
    return None


def _who(found: re.Match[str] | None, clause: Clause, telling: Telling) -> int:
    """Where the telling begins: what stands before who does something may be a wish."""
    who = found.start("who") if found and "who" in found.re.groupindex else -1
    if found is None or who < 0:
        return clause.start
    tells = telling is Telling.DATA or _DIGIT.search(found.string, who, clause.end)
    return who if tells else clause.start


def _takes_the_place(clause: Clause, span: Span) -> bool:
    """`instead of the paper's 300 epochs`, and what stands in brackets: `(paper: 300)`."""
    instead = _INSTEAD.match(*span)
    if not (instead or clause.opens in ("(", "[")):
        return False
    text, start, end = span
    return _OTHERS_ALONE.match(text, instead.end() if instead else start, end) is not None


def _going_on(text: str, last: Clause | None, clause: Clause) -> Clause:
    """The clause, with what the last one began to tell, if this goes on with it."""
    goes_on = last is not None and _continues(text, last, clause)
    return replace(clause, telling=last.telling) if last and goes_on else clause


def _continues(text: str, last: Clause, clause: Clause) -> bool:
    """Whether a clause goes on telling what the last one began to tell."""
    if (
        last.telling is None
        or clause.opens not in (",", ":", "(", "")
        or MASK in text[clause.start : clause.end]
    ):
        return False
    start, end = clause.start, clause.end
    size = _NOT_SQUARE.fullmatch(text, start, end) if last.telling is Telling.DATA else None
    if size and size[1] != size[2] and _HANGUL.search(text, last.start, last.end):
        return True
    if _HANGUL.search(text, start, end):
        return last.telling is Telling.DATA and _SIZE_IS_KO.fullmatch(text, start, end) is not None
    if clause.opens == "(":
        return last.telling is Telling.DATA and _SIZE_IS.fullmatch(text, start, end) is not None
    if clause.opens == ":":
        return _HEADING.fullmatch(text, last.start, last.end) is not None
    wishes = _WISH.search(text, start, end)
    goes_on = _GATHERED if last.telling is Telling.DATA else _GOES_ON
    return clause.opens == "," and not wishes and goes_on.match(text, start, end) is not None
