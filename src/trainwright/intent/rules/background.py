"""What a sentence tells besides what it asks: how it went before, and what a machine has."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from trainwright.intent.rules import datasets, models, settings, telling
from trainwright.intent.rules.numbers import to_digits
from trainwright.intent.rules.patterns import FirstOf, Pattern
from trainwright.intent.rules.telling import Telling
from trainwright.intent.rules.text import MASK

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
_GOES_ON_FROM = (
    r"\b(?:from|since|after|starting\s+(?:at|from))\s+epoch\s+\d+"
    r"|(?:에폭|에포크)\s?\d+\s?부터|\d+\s?(?:에폭|에포크)부터"
)
_COMPUTER_KO = r"(?:노트북|맥북|랩탑|데스크[탑톱]|컴퓨터|pc|피시|컴|머신|장비|서버|워크스테이션)"
_MEMORY_IS_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:램|메모리|ram|memory)(?:은|는|이|가)?\s?\d+\s?"
    r"(?:기가(?:바이트)?|g(?:i?b)?)"
    r"(?:(?:인데|이라서?|라서|뿐|밖에|이고|\s?(?:달린|있는|있어|있고|있습))\S*"
    rf"|(?:짜리|인|의|급)?\s?{_COMPUTER_KO}(?:인데|이?라서?|이?에요|예요|입니다|임|이고|이?야|이?거든|뿐|밖에)\S*)"
)
_MACHINE_IS_KO = (
    r"\d+\s?코어(?:에|,)?\s?(?:(?:램|메모리)\s?)?\d+\s?기가(?:바이트)?"
    r"(?:인데|이라서?|이고|이에요|예요|입니다)\S*"
)
_PICTURES_OF_EACH_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:각\s?)?(?:클래스|종류|품종|범주|라벨)(?:당|별로?|마다|에)?\s?"
    rf"(?:약\s?|대략\s?)?{_NUMERAL_KO}\s?장(?:씩|정도){{0,2}}"
)
_RATE = (
    rf"{_NO_HANGUL_BEFORE}(?:초당|분당|시간당|하루(?:에)?|매일|매시간|일주일에|한\s?달에|매주|매달)\s?(?:약\s?|대략\s?)?"
    rf"{_NUMERAL_KO}\s?(?:장|개|건|대|명|프레임|fps)(?:씩|정도|쯤){{0,2}}"
    r"|\b\d+(?:[,.]\d+)*\s?(?:(?:frames?|images?|photos?|pictures?|shots?|scans?|parts?)\s+)?(?:(?:per|a|an|every|each)\s+(?:second|minute|hour|day|week|month)|fps)\b"
)
_SHOTS = (
    r"(?:ima?ge?s?|photos?|pictures?|pics|frames|scans|originals|shots|cameras?|videos?"
    r"|jpe?gs?|pngs?|sprites|icons|thumbnails|glyphs|screenshots|drawings|textures|tiles|patches|chips|stamps)"
)
_SIZE = r"\d{2,5}\s?(?:x|by|\*)\s?\d{2,5}(?:\s?(?:px|pixels?)\b)?"
_PICTURES_ARE = (
    rf"\b{_SHOTS}\s+(?:(?:that|which)\s+)?(?:are|were|is|come|came|taken|shot|recorded|captured)\s+"
    r"(?:(?:all|about|mostly|roughly|originally|usually|only|just|tiny|small|large|big|huge|at|in|of"
    rf"|taken|shot|recorded|captured)\s+){{0,3}}\(?{_SIZE}\)?(?:\s+{_SHOTS})?"
    r"|\b(?:have|has|got|collected|there\s+are|contains?|consists?\s+of|took)\s+[^.;!?]{0,60}?"
    rf"\b{_SHOTS}\s+(?:at|of|in|with|sized)\s+{_SIZE}"
    rf"|\b(?:have|has|got|collected|there\s+are|own)\s+(?:(?:my|our|some|a\s+lot\s+of|lots\s+of|only|tiny|small|\d[\d,.]*k?)\s+){{0,3}}{_SIZE}\s+(?:[a-z-]+\s+){{0,2}}?{_SHOTS}"
    r"|\b\d[\d,.]*k?\s+(?:(?!and\b|with\b|on\b|for\b|using\b|at\b|in\b)[a-z-]+\s+){0,3}"
    rf"{_SHOTS}(?:\s+of\s+(?:[a-z-]+\s?){{1,3}})?[\s(]*"
    rf"(?:(?:each|all|at|of|in|with|a|size|resolution|about|roughly|are)\s+){{0,4}}{_SIZE}\)?"
)
_PICTURES_ARE_KO = (
    rf"{_NO_HANGUL_BEFORE}(?:사진|이미지|원본|영상|카메라)\s?(?:해상도|크기|사이즈)?(?:가|는|은|이)?"
    r"\s?\d+\s?x\s?\d+(?:인데|이라서?|라서|짜리(?!로))"
    r"|장\s?\(\s?\d+\s?x\s?\d+\s?\)"
    rf"|장(?:이고|인데|이며|에|,)?\s?(?:(?:크기|해상도|사이즈)(?:는|가)?\s?)?\d+\s?x\s?\d+\s?(?:픽셀)?(?:이고|이에요|예요|입니다|임|이야|인데|이며|라서?|짜리)?(?=[\s.,]|$)"
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
_LENGTH = (
    r"[\d.]+\s?(?:[mcknu]?m|met(?:er|re)s?|(?:킬로|마이크로)?미터|(?:센티|밀리)(?:미터)?)(?![a-z])"
)
_ON_THE_GROUND = (
    rf"(?:해상도|분해능|gsd|\bresolution)(?:가|는|은|이)?\s?(?:of|is|are|at|[:=])?\s?(?:about\s|약\s)?{_LENGTH}"
    r"(?:\s?(?:/|per)\s?(?:px|pixels?|픽셀))?"
    rf"|(?<![\d.]){_LENGTH}(?:\s?(?:/|per)\s?(?:px|pixels?|픽셀))?[\s-]?(?:급\s)?(?:ground\s+|spatial\s+|pixel\s+)?"
    r"(?:resolution|해상도|gsd|분해능)"
)
"""How much of the world a pixel shows: `해상도 0.5m`."""
_NUMBER = r"\d[\d.]*(?:e-?\d+)?(?:\s?(?:epochs?|steps?|에폭|에포크|스텝|픽셀|px|pixels?)(?![a-z]))?"
_VALUE = Pattern(_NUMBER)
_NAMED_VALUE = Pattern(rf"(?:[a-z_가-힣]+\s+){{0,3}}(?:[:=]\s?)?{_NUMBER}")
_TICKETS_KO = (
    r"(?:이슈|티켓|안건|문의|요청서)\s?#?\d+\s?번?"
    r"|\d+\s?번째?\s?(?:라인|카메라|공정|호기|설비|도크|베이|셀|게이트|탱크|로봇|컨베이어|시편|샘플|환자|트랙|채널|슬롯|블록|농장|온실|하우스|밭|구장|선로|병동|병상|수조|기계|공장|창고|노선|구역|교실|반(?![가-힣])|방(?![가-힣])|건물|동(?![가-힣])|창|부스)"
)
_TOLD = FirstOf(
    Pattern(told)
    for told in (
        _HOW_LONG,
        _ON_THE_GROUND,
        _GOES_ON_FROM,
        _PICTURES_ARE,
        _DUE,
        _MEMORY_IS_KO,
        _MACHINE_IS_KO,
        _RATE,
        _PICTURES_OF_EACH_KO,
        _PICTURES_ARE_KO,
        _DUE_KO,
        _TICKETS_KO,
    )
)

_IT = Pattern(
    r"\b(?:train|tune|finetune|try|use|run|take)\s+(?:it|that(?:\s+one)?|this\s+one)(?![a-z])(?!\s+model)"
    r"|그걸로|그거로|그\s?모델로|그걸\s(?:학습|돌|써|쓰)"
)
_COUNTS = Pattern(
    r"(?<![a-z\d._/-])\d[\d,.]*k?\s?(?:x|by)\s?\d+(?:\s?(?:px|pixels?))?"
    r"|(?<![a-z\d._/-])(?:\d[\d,.]*k?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a\s+few)"
    r"[\s-]?(?:hours?|days?|weeks?|months?|years?|minutes?|rounds|passes|times|gi?b|mb|tb|gigs|gigabytes|gpus?|cards"
    r"|px|pixels?|megapixels?)(?![a-z])"
)
_COUNTS_KO = Pattern(
    r"\d[\d,.]*(?:\s?[만천백억])*(?:\s?x\s?\d+|\s?(?:여\s?)?(?:장|건|줄|행|쌍|문장|명|메가(?:바이트)?|주|년|개월|달|일|시간|대|번|회)(?![가-힣]*\s?(?:종|클래스)))"
)
_HANGUL = Pattern(r"[가-힣]")
"""Of data: how many there are, how large they are, and how long it took."""

_COUNT = r"(?:\d{1,4}|an?|one|two|three|four|six|eight|single)"
_SOME = r"one|two|three|four|five|six|seven|eight|\d+"
_COUNT_KO = r"(?:\d+|한|하나|두|둘|세|셋|네|넷|다섯|여섯|일곱|여덟|아홉|열)"
_OWNED = Pattern(
    r"\b(?:have|has|got|own)\s+(?:(?!\b(?:use|using|with|on|train|run)\b)[^.;!?]){0,80}?"
    rf"(?P<en>\b{_COUNT}\s*(?:x\s*)?(?:gpus?|(?:graphics\s+)?cards))\b"
    rf"|(?P<ko>(?:gpu|지피유|그래픽\s?카드)(?:가|이|는)?\s*{_COUNT_KO}\s?(?:개|장|대)"
    r"(?:(?:가|이|를|밖에)?\s*(?:있|보유|갖고|가지고|달[려렸])\S*|(?:인데|이라|이지만|짜리)\S*))"
)
_SOME_OF_THEM = Pattern(
    r"\b(?:(?:use|using|take|taking|grab|reserve|allocate|give\s+(?:me|us|it)|get|spare|need|want)\s+(?:just\s+|only\s+)?|(?:just|only)\s+)"
    rf"({_SOME})(?:\s+of\s+(?:(?:the|my|our|its|those|these)\s+(?:graphics\s+)?(?:cards|gpus)\b|them|those|these)|(?=\s*(?:[.,;:!]|$|(?:for|on|to)\s)))"
    rf"|{_NO_HANGUL_BEFORE}(?:그\s?중(?:에서?)?\s?)?({_COUNT_KO}\s?(?:장|개|대)|하나|둘)(?:(?:만|으로만|만으로)\s?(?:[가-힣]+\s)?"
    r"(?:써|쓰|쓸|씁|사용|잡|할당|배정|빌[려리]|돌[려리]|부탁|이용|줘|주|가지고)|\s?(?:써|쓸|쓰|씁|사용)(?!\s?중))"
)
_OUT_OF = Pattern(
    rf"\b({_SOME})\s+(?:out\s+)?of\s+(?:(?:the|my|our|its|those|these|all)\s+)*(?:\d+|{_SOME})\s+(?:gpus|(?:graphics\s+)?cards)\b"
    rf"|(?:(?:gpu|지피유|그래픽\s?카드)(?:가|이|는|은)?\s?|(?:^|(?<=,\s))(?=[^,.]*장만\s?(?:써|쓰|사용)))"
    rf"{_COUNT_KO}\s?(?:장|개|대)\s*\)?\s*(?:중(?:에서?|의)?|가운데(?:서)?|(?<=\))에서)\s?({_COUNT_KO}\s?(?:장|개|대)|하나|둘)"
)
"""`two of the eight GPUs`, `A100 네 장 중 두 장`."""
_OF_NO_USE = Pattern(
    rf"\b(?:{_SOME})\s+(?:(?:out\s+)?of\s+(?:(?:the|my|our|its|those|these|all)\s+)*(?:(?:\d+|{_SOME})\s+)?)?(?:gpus?|(?:graphics\s+)?cards?)\s+"
    r"(?:(?:is|are|was|were|went|got|seems?)\s+)(?:[a-z]+ly\s+)?(?:broken|busy|dead|taken|down|occupied|in\s+use|reserved|faulty|offline|gone|used|full|fried)\b"
    rf"|(?:(?:gpu|지피유|그래픽\s?카드)(?:가|이|는|은)?\s?)?(?:{_COUNT_KO}\s?(?:장|개|대)\s*(?:중(?:에서?|의)?|가운데(?:서)?)\s?)?(?:{_COUNT_KO}\s?(?:장|개|대)|하나|둘)(?:은|는|이|가)?\s?"
    r"(?:지금\s?|현재\s?|이미\s?)?(?:고장|죽었|죽어|망가|사용\s?중|점유|나갔|나가서|남이\s?쓰|다른\s?(?:사람|팀)이?\s?쓰)\S*"
)
"""`2 of the 8 GPUs are broken`: neither number is wished for."""
_ALL_OF_THEM = Pattern(
    r"\b(?:use|using|take|on|with)\s+(?:both|all|every\s+one|all\s+(?:of\s+)?(?:them|\w+))\b|(?:다|전부|모두|둘\s?다|모조리)\s?(?:써|쓰|쓸|사용)"
)


_COUNTED_GPUS = Pattern(r"\d\s?(?:gpu|card|장|개|대)|\d\s?x\s|[ahv]\d{2,3}|[2-5]0[5-9]0")
_GPUS_THERE = Pattern(
    r"\b(?:has|have|got|with)\s+(?:[a-z]+\s+)?\w+\s?(?:x\s?)?(?:gpus|cards|[ahv]\d{2,3}s?|[2-5]0[5-9]0s?)\b"
)
_LACKING = ", i don't have gpus, "
_LACKS_GPU = Pattern(
    r"(?:gpu|지피유|그래픽\s?카드)(?:가|는|은|도)?\s?(?:하나도\s|아예\s)?없(?!이)"
    r"|\b(?:no|without\s+an?y?|lacks?(?:\s+an?y?)?|(?:don.?t|doesn.?t|does\s+not|do\s+not)\s+have\s+an?y?)\s+(?:dedicated\s+|nvidia\s+|discrete\s+)?"
    r"(?:gpus?|graphics\s+cards?)\b"
)


@dataclass(frozen=True, order=True)
class Told:
    """Something told: from where to where what is left of it stands, and what was said there."""

    start: int
    end: int
    said: str
    left: str = " "
    clause: bool = False


@dataclass(frozen=True)
class Asked:
    """What is asked for, apart from what is only told.

    Attributes:
        text: The sentence, with what is left of each thing told in its place.
        told: What was told, in order.
        machine: Whether it is told what a machine has.
    """

    text: str
    told: tuple[Told, ...]
    machine: bool = False

    def whole(self, text: str, *, but_clauses: bool = False) -> str:
        """What is told put back into the text, whose length has stayed.

        Args:
            text: What is asked for, of which parts may be masked.
            but_clauses: Leave out what is told in clauses of its own.
        """
        for told in reversed(self.told):
            said = " " if told.clause and but_clauses else told.said
            text = f"{text[: told.start]}{said}{text[told.end :]}"
        return text


def apart(text: str) -> Asked:
    """Part what the (lower-case) text asks from what is only told there."""
    named = datasets.find(models.find(text)[1])[1]
    clauses = telling.clauses(named)
    asked = _apart(text, named, clauses, names=False)
    if _IT.search(text) and not models.find(asked.text)[0]:
        # `he says resnet18 is fine, so train it`
        return _apart(text, named, clauses, names=True)
    return asked


def _apart(text: str, named: str, clauses: list[telling.Clause], *, names: bool) -> Asked:
    """The text without what is told; names of models and data may be kept wherever they stand."""
    told = [Told(*found.span(), found[0]) for found in _TOLD.finditer(text)]
    left_of = cache(_left)  # a clause that is repeated costs once
    for clause in clauses:
        said = text[clause.start : clause.end]
        gone = names and clause.telling is Telling.GONE
        telling_of = Telling.FAILED if gone else clause.telling
        left = left_of(said, named[clause.start : clause.end], telling_of)
        told.append(Told(clause.start, clause.end, said, left, clause=True))
    machine = any(
        (clause.telling is Telling.MACHINE or _has_gpus(text, clause))
        and not _lacks_gpus(text[clause.start : clause.end])
        for clause in clauses
    )
    return _without(text, sorted(told), machine=machine)


def _without(text: str, told: list[Told], *, machine: bool) -> Asked:
    moved: list[Told] = []
    rest, at = "", 0
    for one in told:
        if one.start < at:
            continue  # it stands in what was told already
        rest += text[at : one.start]
        moved.append(replace(one, start=len(rest), end=len(rest) + len(one.left)))
        rest, at = rest + one.left, one.end
    return Asked(rest + text[at:], tuple(moved), machine)


def _left(said: str, named: str, told: Telling | None) -> str:
    """What is left of a clause: names that may be meant, and values, taken back."""
    if told is Telling.DATA:
        return _COUNTS_KO.sub(" ", said) if _HANGUL.search(said) else _COUNTS.sub(" ", said)
    names = said if told is not Telling.GONE else ""
    kept = "".join(c if m == MASK else " " for c, m in zip(names, named, strict=False))
    if told is Telling.MACHINE:
        return f" {kept.strip()} {_LACKING if _lacks_gpus(said) else ''}"
    # `this time 64` may follow without a name
    values = (
        _VALUE.sub(r"\g<0> 말고", value[0])
        for value in _NAMED_VALUE.finditer(to_digits(models.without_frameworks(named)))
        if any(settings.read(value[0]))
    )
    return f" {kept.strip()} {' '.join(values)} "


def _has_gpus(text: str, clause: telling.Clause) -> bool:
    """Whether a clause of whatever kind tells how many GPUs there are: `our lab's node has 4`."""
    return bool(clause.telling and _GPUS_THERE.search(text, clause.start, clause.end))


def _lacks_gpus(said: str) -> bool:
    """Whether a clause tells of a machine without a GPU, and of no other."""
    return _LACKS_GPU.search(said) is not None and not _COUNTED_GPUS.search(said)


def without_owned(text: str, *, has: bool) -> str:
    """The (lower-case) text without the GPUs somebody has, unless some of them are to be used.

    Args:
        text: What is asked for.
        has: Whether it was told besides what a machine has.
    """
    text = _OUT_OF.sub(_counted, _OF_NO_USE.sub(" ", text))
    found = _OWNED.search(text)
    if found and _ALL_OF_THEM.search(text):
        return text
    if found:
        start, end = found.span(str(found.lastgroup))
        text = f"{text[:start]} {text[end:]}"
    return _SOME_OF_THEM.sub(_counted, text) if found or has else text


def _counted(found: re.Match[str]) -> str:
    count = found[1] or found[2].rstrip("장개대").strip()
    return f" {_FEW_KO.get(count, count)}{'' if found[1] else '개의'} gpus "


_FEW_KO = {"하나": "한", "둘": "두", "셋": "세", "넷": "네"}
