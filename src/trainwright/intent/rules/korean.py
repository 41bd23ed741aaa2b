"""Numbers as Koreans write them: `이백오십육`, `스물다섯`, `3만 5천`, `영점영일`, `천분의 일`.

Many numerals are also the beginnings of words (이번, 구분, 만들다). Long ones are numbers wherever
they stand; short ones where they count something, or follow the name of a setting.
"""

from __future__ import annotations

import re

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load

_DIGITS = {
    "영": 0,
    "공": 0,
    "일": 1,
    "이": 2,
    "삼": 3,
    "사": 4,
    "오": 5,
    "육": 6,
    "칠": 7,
    "팔": 8,
    "구": 9,
}
_SCALES = {"십": 10, "백": 100, "천": 1000}
_MYRIADS = {"만": 10_000, "억": 100_000_000}
_NATIVE_ONES = {
    "하나": 1,
    "한": 1,
    "둘": 2,
    "두": 2,
    "셋": 3,
    "세": 3,
    "석": 3,
    "넷": 4,
    "네": 4,
    "넉": 4,
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
_NATIVE_TENS = {
    "열": 10,
    "스물": 20,
    "스무": 20,
    "서른": 30,
    "마흔": 40,
    "쉰": 50,
    "예순": 60,
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
_ONE = "[일이삼사오육칠팔구]"
_BELOW = rf"(?:{_ONE}?천)?(?:{_ONE}?백)?(?:{_ONE}?십)?{_ONE}?"
_SINO = (
    rf"(?=[일이삼사오육칠팔구십백천만억])(?:{_BELOW}억\s?)?"
    rf"(?:{_BELOW}만(?:\s(?={_ONE}?[천백십]))?)?{_BELOW}(?<=[일이삼사오육칠팔구십백천만억])"
)
LONG = rf"(?={_ONE}?[십백천만](?:{_ONE}|[백천만])|{_ONE}[십백천만]){_SINO}"
"""Of two syllables at least, one of them a scale: `삼십`, `백이십팔`, `만 오천`."""
_SPELT = rf"(?:{_ONE}|[영공]){{3,4}}"
_ONES, _TENS = "|".join(_NATIVE_ONES), "|".join(_NATIVE_TENS)
_NATIVE = rf"(?:{_ONE}?백\s?)?(?:(?:{_TENS})\s?(?:{_ONES})?|(?:{_ONES}))"
_ALONE = r"(?:(?:" + _TENS + r")(?:\s?(?:" + _ONES + r"))?|하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉)"
"""Native numerals that need no noun after them, as 한 and 두 do."""

_TIMES = r"에폭|에포크|이폭|epochs?|스텝|steps?|이터|iterations?|iters?"
_NO_TIMES = r"(?!째|호|역|식|들|개|데기|거|영|잡|화|창|지(?:수|점|르)|갈)"
"""After 번: it is no `times`, but begins a noun (번역, 번식, 번개)."""
_COUNTED = (
    rf"번{_NO_TIMES}|회|바퀴|개|장|대|종|가지|시간|클래스|gpus?|코어|배(?!치|경)|등급|단계"
    r"|품종|범주"
)
_MEASURED = r"픽셀|토큰|배치|퍼센트|프로(?![가-힣])|기가|코어"
_MINUTES = r"분(?!류|할|의|포|석|기|야)"
COUNTED_NOUN = rf"{_TIMES}|{_COUNTED}|{_MEASURED}"
"""What a numeral before it counts."""
_ENDS = (
    r"(?=으?로|이?(?:면|고|며|야|라|니|요|지만|죠|거든|에요|었)|예요|였|입니다|인데|임(?![가-힣])"
    r"|만|씩|쯤|정도|까지|부터|짜리|개|번(?!째|호)|회|장|대|명|가지|종|을|를|은|는|이(?![가-힣])"
    r"|가(?![가-힣])|도(?![가-힣])|에|의|[^가-힣]|$)"
)
_SPOKEN_ENDS = r"(?:유|여|예|우다|마씸|요잉|당께|랑께|구마|구먼|네|제|래이|데이|다)(?![가-힣])"
_ENDS_SHORT = (
    r"(?=으?로|이?(?:면|고(?![가-힣])|며|야|요|에요)|예요|입니다|임(?![가-힣])"
    r"|만|까지|정도|쯤|[^가-힣]|$)"
)
_IS = r"이(?:에요|야|고|며|요|니까|라서?|지만|면|죠|거든요?|었)"
"""After a numeral, the 이 of `이에요`: `삼십이에요` is thirty."""
_IS_SAID = (
    r"이(?:우다|여|라예|라이|래이|라우|데이|당께|랑께|구[마만먼나려]|제|지|유|쥬|오(?!이)|다|네|란|랍니다|라[고꼬카]"
    r"|려나|주|잖|올시다|외다|마씸|군)[가-힣]{0,4}(?![가-힣])"
)
"""The same in any dialect, after what can be nothing but a numeral: `서른다섯이우다`."""

_COUNTING = Pattern(
    rf"(?<![가-힣a-z0-9])(?!한\s?번)"
    rf"(?:({_SINO}(?=\s?(?:{_TIMES}|{_MEASURED}))|(?:{LONG}|[십백천만])(?=\s?(?:{_COUNTED}|{_MINUTES})))"
    rf"|({_NATIVE})(?=\s?(?:{_TIMES}|{_COUNTED}|{_MEASURED}|{_MINUTES})))"
)
_LONG_ANYWHERE = Pattern(
    rf"(?<![가-힣a-z0-9.])(?=[일이삼사오육칠팔구십백천만억]{{3}})({LONG})(?:(?={_IS})(이)|{_ENDS})"
)
_BY_NAME = Pattern(
    rf"(?<![가-힣a-z0-9.])(?:((?:{_SINO}|{_SPELT})(?={_IS})|{LONG}(?={_IS_SAID}))"
    rf"|({_SPELT}|{LONG}|{_ALONE}){_ENDS}|({_ALONE})(?={_IS_SAID}|{_SPOKEN_ENDS})"
    rf"|(?!이(?:\s|고|면|야|며|요|에))([일이삼사오육칠팔구십백천만]){_ENDS_SHORT})"
    rf"|(?<=[가-힣a-z])({LONG}|{_ALONE}){_ENDS}"
)
_SETTINGS = [name for entry in load("settings")["setting"] for name in entry.get("before", ())]
_NAMED = Pattern(
    rf"(?<![a-z가-힣])(?:{alternatives(_SETTINGS)}|r|step)(?![a-z])"
    r"(?:\s?(?:값|수|개수|번호))?(?:은|는|을|를|이|가|만|도|로)?\s*[-:=(]?\s*"
    r"(?:(?:약|총|딱|한|최대|대략|일단|그냥|모두|전부|각각|우선)\s)?$"
)
_NEAR = 26
_EITHER = Pattern(
    rf"(?<![가-힣a-z0-9.])([일이삼사오육칠팔])([이삼사오육칠팔구])([십백천만])(?=\s?(?:{_TIMES}|정도|쯤))"
)
"""`삼사십` is thirty or forty."""
_PER_MYRIAD = Pattern(
    rf"(?<![\d.])(\d+(?:\.\d+)?)\s?(만|천|백|억)(?=\s?(?:{_TIMES}|{_COUNTED}|토큰)|\s\d+\s?[a-z가-힣])"
)
_MIXED = Pattern(
    rf"(?<![\d.])(?:(\d+)\s?만\s?)?(?:(\d+)\s?천\s?)?(?:(\d+)\s?백)?(?<=[천백])(?:{_ENDS}|(?=\s?(?:{_TIMES}|{_COUNTED}|토큰)))"
)
_STEPS_OF = Pattern(
    r"((?:스텝|이터레이션|이터|steps?|iterations?)(?:\s?수)?(?:은|는|을|를)?\s?[:=]?\s?)(1?\d{1,2})\s?만"
    rf"{_ENDS}"
)
_POINT = Pattern(
    rf"(?:(?<![가-힣\d])|(?=[영공][점쩜][영공]))(영|공|{_ONE}|\d+)\s?(?:점|쩜)\s?"
    rf"((?:{_ONE}|[영공\d])+(?={_IS})|(?:{_ONE}|[영공\d])+{_ENDS})"
)
_EXPONENT = Pattern(
    rf"(?<![a-z0-9_.])(\d+|{_ONE})\s?(?:이|e)\s?마이너스\s?(\d|{_ONE})(?![가-힣]{{2}}|\d)"
)
_FRACTION = Pattern(
    rf"(?:(?<![가-힣a-z])|(?<=[률율트e]))(?!만\s)(?:({_SINO})|(\d+))\s?분의\s?(?:({_SINO})(?:(?={_IS})|{_ENDS})|(\d+))"
)
_DAYS = {
    "하루": 24,
    "이틀": 48,
    "사흘": 72,
    "나흘": 96,
    "반나절": 6,
    "한나절": 12,
    "일주일": 168,
}
_DAY_LIMIT = r"(?:길어도|제한|최대|시간)"
_DAY = Pattern(
    rf"(?<![가-힣])({'|'.join(_DAYS)})"
    r"(?=\s?(?:안|이내|이하|동안|까지|만|내|정도|[을를]?\s?넘|제한|[,.]|$))"
    rf"|(?<![가-힣])({_DAY_LIMIT}(?:은|는)?\s?)({'|'.join(_DAYS)})"
)
_RANGE = Pattern(
    rf"(?<![가-힣a-z0-9])({_NATIVE}|{_SINO})(?=\s?(?:에서|이나|나|또는|~)\s?\d+\s?(?:{_TIMES}|번))"
)


def to_digits(text: str) -> str:
    """The (lower-case) text with its Korean numerals in digits."""
    text = _EITHER.sub(_either, text)
    text = _POINT.sub(_point, text)
    text = _EXPONENT.sub(lambda m: f"{_digit(m[1])}e-{_digit(m[2])}", text)
    text = _FRACTION.sub(_fraction, text)
    text = _MIXED.sub(_mixed, text)
    text = _STEPS_OF.sub(lambda m: f"{m[1]}{m[2]}0000", text)
    text = _PER_MYRIAD.sub(_per_myriad, text)
    text = _DAY.sub(lambda m: f"{m[2] or ''}{_DAYS[m[1] or m[3]]}시간", text)
    text = _COUNTING.sub(lambda m: str(number(m[1] or m[2])), text)
    text = _RANGE.sub(lambda m: str(number(m[1])), text)
    text = _BY_NAME.sub(_by_name, text)
    return _LONG_ANYWHERE.sub(lambda m: f"{number(m[1])}{m[2] or ''}", text)


def _either(found: re.Match[str]) -> str:
    one, other = _DIGITS[found[1]], _DIGITS[found[2]]
    if other != one + 1:
        return found[0]
    scale = (_MYRIADS | _SCALES)[found[3]]
    return f"{one * scale} 또는 {other * scale}"


def _by_name(found: re.Match[str]) -> str:
    """The numeral in digits, if the name of a setting stands before it."""
    text, start = found.string, found.start()
    if not _NAMED.search(text[max(0, start - _NEAR) : start]):
        return found[0]
    said = next(group for group in found.groups() if group)
    value = number(said)
    if found[1] and said.endswith("십") and not text.startswith(("이에요", "이요"), found.end()):
        return f"{value} 또는 {value + 2}"  # 삼십이고: 삼십 + 이고, or 삼십이 + 고
    return str(value)


def _digit(said: str) -> int:
    return int(said) if said.isdigit() else _DIGITS[said]


def _point(found: re.Match[str]) -> str:
    whole = found[1] if found[1].isdigit() else _DIGITS[found[1]]
    return f"{whole}.{''.join(str(_digit(c)) for c in found[2])}"


def _fraction(found: re.Match[str]) -> str:
    below = int(found[2]) if found[2] else number(found[1])
    above = int(found[4]) if found[4] else number(found[3])
    return plain(above / below) if below else found[0]


def _per_myriad(found: re.Match[str]) -> str:
    value = float(found[1]) * (_MYRIADS | _SCALES)[found[2]]
    return found[0] if _ends_before(found) else plain(value)


def _ends_before(found: re.Match[str]) -> bool:
    """Whether the digits are another setting's: `배치 64 만 스텝`, `lr=5e-7 천 스텝`."""
    before = found.string[max(0, found.start() - _NEAR) : found.start()]
    apart = re.match(r"[\d.]+\s", found[0])
    return apart is not None and bool(_NAMED.search(before) or re.search(r"\de-?$", before))


def _mixed(found: re.Match[str]) -> str:
    if not (found[2] or found[3]) or _ends_before(found):
        return found[0]
    parts = zip(found.groups(), (10_000, 1000, 100), strict=True)
    return str(sum(int(part) * scale for part, scale in parts if part))


def plain(value: float) -> str:
    """A number without needless digits."""
    return str(int(value)) if value == int(value) else repr(value)


def number(word: str) -> int:
    """`이백오십육` is 256, `만` is 10,000, `스물다섯` is 25, `백두` is 102."""
    native = re.search(rf"(?:(?:{_TENS})\s?(?:{_ONES})?|(?:{_ONES}))$", word)
    if native is not None:
        before = word[: native.start()].strip()
        return (number(before) if before else 0) + _native(native[0])
    total = part = digit = 0
    for c in word:
        if c in _DIGITS:
            digit = digit * 10 + _DIGITS[c]
        elif c in _SCALES:
            part, digit = part + max(digit, 1) * _SCALES[c], 0
        elif c in _MYRIADS:
            total, part, digit = total + max(part + digit, 1) * _MYRIADS[c], 0, 0
    return total + part + digit


def _native(word: str) -> int:
    tens = next((t for t in _NATIVE_TENS if word.startswith(t)), "")
    ones = word.removeprefix(tens).strip()
    return _NATIVE_TENS.get(tens, 0) + _NATIVE_ONES.get(ones, 0)
