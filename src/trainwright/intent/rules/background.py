"""What a sentence tells besides what it asks: how it went before, and what a machine has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trainwright.intent.rules import datasets, models
from trainwright.intent.rules.numbers import to_digits
from trainwright.intent.rules.patterns import FirstOf, Pattern

_REST = r"(?:[^.;!?]|\.(?=\d)){0,160}?"  # of the sentence
_CLAUSE = r"(?:[^.;,!?]|\.(?=\d)){0,60}"
_NO_HANGUL_BEFORE = r"(?<![가-힣])"
_PAST_KO = (
    f"[{''.join(chr(code) for code in range(0xAC14, 0xD7A4, 28) if chr(code) not in '있겠')}]"
)
"""Syllables that end in ㅆ, as every past tense has one: 했, 썼, 터졌, 나갔."""
_NUMERAL_KO = r"(?:\d[\d,]*|[일이삼사오육칠팔구십백천만]+)\s?[백천만]?"

_HOW_LONG = (
    r"\b(?:it|that|this|which|runs?|training|everything)\s+(?:only\s+|usually\s+|always\s+)?"
    r"(?:took|takes|lasted|needed)\s[^.;,!?]*"
)
_WENT_BEFORE = (
    r"\b(?:(?:the\s+)?(?:last|previous|first|old)\s+(?:[a-z]+(?:.s)?\s+)?"
    r"(?:time|week|month|year|spring|summer|autumn|winter|run|night|one|attempt|try)|previously|yesterday|earlier"
    r"|the\s+other\s+day|back\s+then)\b"
    rf"(?={_REST}\b(?:used|ran|tried|trained|had|did|got|was|were|failed|crashed|died|diverged|exploded|blew"
    r"|went|ended|stopped|stalled|overfit(?:ted)?|oom.?e?d|ran\s+out|took|gave|reached)\b)"
    rf"{_REST}(?=[;!?]|\.(?!\d)|,?\s(?:now|but|so|this\s+time|please)\b|$)"
)
# nothing is asked for in it yet
_NO_ORDER_KO = r"(?:(?!줘|주세요|부탁|바랍|할게|입니다|싶)(?:[^.;!?]|\.(?=\d))){0,160}?"
_WENT_BEFORE_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:지난\s?번|저번|어제|아까|이전|예전|기존|그동안|여태|지난\s?(?:주|달|해)|작년|전)에?(?:는|엔)?\s"
    rf"{_NO_ORDER_KO}{_PAST_KO}(?:더니|는데|지만|으니|어서|어요|습니다|어|고|음|다)?\S*"
)
_GOES_ON_FROM = (
    r"\b(?:from|since|after|starting\s+(?:at|from))\s+epoch\s+\d+"
    r"|(?:에폭|에포크)\s?\d+\s?부터|\d+\s?(?:에폭|에포크)부터"
)
_OTHERS_DID = (
    rf"\b(?:papers?|authors?|article|tutorial|blog)\s{_CLAUSE}?"
    rf"\b(?:used?|uses|trained|trains|ran|runs|says?|said)\s{_CLAUSE}?(?=[;,!?]|\.(?!\d)|\s(?:now|but|so|while|though)\b|$)"
)
_MACHINE_HAS = (
    rf"\b(?:i|we)(?:.ve)?\s+(?:only\s+|just\s+)?(?:have|got)\s{_CLAUSE}?"
    r"\d+\s?(?:gi?b?|gigs?|gigabytes?)\s+(?:of\s+)?(?:ram|memory)\b|"
    r"\b(?:laptop|machine|pc|computer|box|workstation|server|desktop|mac\w*)\s+"
    rf"(?:has|have|with|got|comes\s+with)\s{_REST}(?:ram|memory|cores?|cpus?)\b"
)
_MACHINE_HAS_KO = (
    r"(?:노트북|컴퓨터|서버|피시|pc|맥북|장비|머신)(?:은|는|이|가|에|엔)\s"
    rf"{_REST}(?:램|메모리|코어|ram)\s?\d*\s?(?:기가|gb?|개)?\S*"
)
_MEMORY_IS_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:램|메모리|ram|memory)(?:은|는|이|가)?\s?\d+\s?"
    r"(?:기가(?:바이트)?|g(?:i?b)?)"
    r"(?:인데|이라서?|라서|뿐|밖에|이고|\s?(?:달린|있는|있어|있고|있습))\S*"
)
_PICTURES_OF_EACH_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:각\s?)?(?:클래스|종류|품종|범주|라벨)(?:당|별로?|마다|에)?\s?"
    rf"(?:약\s?|대략\s?)?{_NUMERAL_KO}\s?장(?:씩|정도){{0,2}}"
)
_SHOTS = (
    r"(?:images?|photos?|pictures?|pics|frames|scans|originals|shots|cameras?|videos?"
    r"|jpe?gs?|pngs?)"
)
_SIZE = r"\d{2,5}\s?(?:x|by|\*)\s?\d{2,5}(?:\s?(?:px|pixels?)\b)?"
_PICTURES_ARE = (
    rf"\b{_SHOTS}\s+(?:(?:that|which)\s+)?(?:are|were|is|come|came|taken|shot|recorded|captured)\s+"
    r"(?:(?:all|about|mostly|roughly|originally|usually|only|just|tiny|small|large|big|huge|at|in|of"
    rf"|taken|shot|recorded|captured)\s+){{0,3}}\(?{_SIZE}\)?(?:\s+{_SHOTS})?"
    r"|\b(?:have|has|got|collected|there\s+are|contains?|consists?\s+of|took)\s+[^.;!?]{0,60}?"
    rf"\b{_SHOTS}\s+(?:at|of|in|with|sized)\s+{_SIZE}"
    r"|\b\d[\d,.]*k?\s+(?:(?!and\b|with\b|on\b|for\b|using\b|at\b|in\b)[a-z-]+\s+){0,3}"
    rf"{_SHOTS}(?:\s+of\s+(?:[a-z-]+\s?){{1,3}})?[\s(]*"
    rf"(?:(?:each|all|at|of|in|with|a|size|resolution|about|roughly|are)\s+){{0,4}}{_SIZE}\)?"
)
_PICTURES_ARE_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:사진|이미지|원본|영상|카메라)\s?(?:해상도|크기|사이즈)?(?:가|는|은|이)?"
    r"\s?\d+\s?x\s?\d+(?:인데|이라서?|라서|짜리(?!로))"
    rf"|{_NO_HANGUL_BEFORE}(?:원본|카메라)\s?(?:사진|영상|이미지)?\s?(?:해상도|크기)?(?:은|는|이|가)?"
    r"\s?\d+\s?x\s?\d+(?:이고|이에요|예요|입니다|임|이야|인데)"
)
_DUE = (
    r"\b(?:deadline|due(?:\s+date)?|exam|demo|presentation|conference|meeting|submission)\b"
    r"[^.;,!?]{0,30}?\b(?:\d+|an?|one|two|three|four|five|six|seven|ten)\s+(?:days?|hours?|minutes?|weeks?)(?:\s+(?:away|left|from\s+now))?"
    r"|(?<!finish )(?<!finished )(?<!done )(?<!complete )(?<!ready )(?<!over )"
    r"\bin\s+(?:\d+|an?|one|two|three|four|five|six|seven|ten)\s+(?:days?|weeks?|months?)\b"
)
_DUE_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:마감|발표|시험|제출|데모|회의|데드라인)(?:은|는|이|가|까지)?\s?"
    r"[^.;,!?]{0,12}?\d+\s?(?:시간|일|분)\s?(?:남|뒤|후|전)\S*"
)
_FAILED = (
    rf"\b(?:since|because|as|after)\s{_CLAUSE}?"
    rf"\b(?:crashed|died|diverged|exploded|oomed|failed|blew\s+up)\b{_CLAUSE}"
)
_GONE = Pattern(rf"{_WENT_BEFORE}|{_OTHERS_DID}|{_FAILED}")
_GONE_KO = Pattern(_WENT_BEFORE_KO)
_NUMBER = r"\d[\d.]*(?:e-?\d+)?(?:\s?(?:epochs?|steps?|에폭|에포크|스텝|픽셀|px)(?![a-z]))?"
_VALUE = Pattern(_NUMBER)
_NAMED_VALUE = Pattern(rf"(?:[a-z_]+\s+){{0,3}}(?:[:=]\s?)?{_NUMBER}")
_TICKETS_KO = r"(?:이슈|티켓|안건|문의|요청서)\s?#?\d+\s?번?"
_TOLD = FirstOf(
    [
        _GONE,
        *(Pattern(told) for told in (_HOW_LONG, _MACHINE_HAS, _GOES_ON_FROM, _PICTURES_ARE, _DUE)),
    ]
)
_TOLD_KO = tuple(
    Pattern(told)
    for told in (
        _MEMORY_IS_KO,
        _PICTURES_OF_EACH_KO,
        _PICTURES_ARE_KO,
        _DUE_KO,
        _MACHINE_HAS_KO,
        _TICKETS_KO,
    )
)
# `large`: the 라지 of `라지만`, read as a size of models before
_OTHERS_DID_KO = Pattern(
    rf"{_NO_HANGUL_BEFORE}(?:논문|튜토리얼|블로그|예제|저자|기본|원래|남들|보통|평소"
    r"|지난\s?번|저번|기존|예전|이전|어제|\S{0,4}(?:친구|동료|선배|후배|팀장|교수|대리|과장|사수))\S*"
    r"(\s(?:[^.;!?]|\.(?=\d)){0,30}?\d\s?(?:에폭|에포크|스텝|번|픽셀|gpu|장|개)?)(?:으로|로|을|를)?\s?"
    r"(?:이?라던데|이?라는데|이던데|인데|이지만|이?(?:라지|large)만|이?라고\s?하지만|이?라서|[했썼]다[던는]데|[했썼]는데"
    r"|돌[렸리]\S{0,2}데|하던데|쓰던데)"
)

_COUNT = r"(?:\d{1,4}|an?|one|two|three|four|six|eight|single)"
_OWNED = Pattern(
    r"\b(?:have|has|got|own)\s+(?:(?!\b(?:use|using|with|on|train|run)\b)[^.;!?]){0,80}?"
    rf"(?P<en>\b{_COUNT}\s*(?:x\s*)?gpus?)\b"
    r"|(?P<ko>(?:gpu|지피유|그래픽\s?카드)(?:가|이|는)?\s*(?:\d+|한|두|세|네|여덟)\s?(?:개|장|대)"
    r"(?:가|이|를|밖에)?\s*(?:있|보유|갖고|가지고)\S*)"
)
_SOME_OF_THEM = Pattern(
    r"\b(?:use|using|take)\s+(?:just\s+|only\s+)?(one|two|three|four|\d+)\s+of\s+them"
    rf"|{_NO_HANGUL_BEFORE}(하나|한\s?장|두\s?장|세\s?장|\d+\s?[장개])만\s?(?:써|쓰|사용)"
)


def gone(text: str) -> list[tuple[int, int]]:
    """Where the (lower-case) text tells in Korean what was used before."""
    return [found.span() for found in _GONE_KO.finditer(text)]


@dataclass(frozen=True)
class Asked:
    """What is asked for, apart from what is only told.

    Attributes:
        text: The sentence, with what is left of each thing told in its place.
        told: What was told: from where to where that is, and what was said there.
    """

    text: str
    told: tuple[tuple[int, int, str], ...]

    def whole(self, text: str) -> str:
        """What is told put back into the text, whose length has stayed."""
        for start, end, said in reversed(self.told):
            text = f"{text[:start]}{said}{text[end:]}"
        return text


def apart(text: str) -> Asked:
    """Part what the (lower-case) text asks from what is told there in English."""
    told: list[tuple[int, int, str]] = []
    rest, at = "", 0
    for found in _TOLD.finditer(text):
        rest += text[at : found.start()]
        left = _left(found[0]) if found.re.pattern == _GONE.source else " "
        told.append((len(rest), len(rest) + len(left), found[0]))
        rest, at = rest + left, found.end()
    return Asked(rest + text[at:], tuple(told))


def _left(said: str) -> str:
    """The values that were used before, taken back: `this time 64` may follow without a name."""
    _, rest = datasets.find(models.find(said)[1])
    values = (
        _VALUE.sub(r"\g<0> 말고", value[0]) for value in _NAMED_VALUE.finditer(to_digits(rest))
    )
    return f" {' '.join(values)} "


def without_told(text: str) -> str:
    """The (lower-case) text without what is only told there in Korean; its length changes."""
    # `논문은 배치 256인데 저는 64로`: the number is taken back by the next one
    text = _OTHERS_DID_KO.sub(r"\1 말고", text)
    text = _GONE_KO.sub(lambda found: _VALUE.sub(r"\g<0> 말고", to_digits(found[0])), text)
    for told in _TOLD_KO:
        text = told.sub(" ", text)
    return text


def without_owned(text: str) -> str:
    """The same without the GPUs somebody has, unless some of them are to be used."""
    found = _OWNED.search(text)
    if found is None:
        return text
    start, end = found.span(str(found.lastgroup))
    return _SOME_OF_THEM.sub(_counted, f"{text[:start]} {text[end:]}")


def _counted(found: re.Match[str]) -> str:
    count = found[1] or found[2].removesuffix("장").removesuffix("개").strip()
    return f" {'한' if count == '하나' else count}{'' if found[1] else '개의'} gpus "
