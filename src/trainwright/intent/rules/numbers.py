"""Numbers as people write them: digits, words, Sino- and native Korean, powers, percents."""

from __future__ import annotations

import re

from trainwright.intent.rules.patterns import Pattern

_UNITS = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
_WORDS = _UNITS | _TENS | _SCALES | {"dozen": 12}
_ENGLISH = Pattern(
    r"\b(?:(?:a|half a)\s+(?=hundred|thousand|million|dozen))?"
    rf"(?:{'|'.join(_WORDS)})(?:(?:\s+and\s+(?!a\s)|[\s-]+)(?:{'|'.join(_WORDS)}))*\b"
)
_ORDINAL = {"half": 2, "quarter": 4, "fifth": 5, "tenth": 10, "hundredth": 100, "thousandth": 1000}
_ORDINAL |= {"ten-thousandth": 10_000, "ten thousandth": 10_000, "millionth": 1_000_000}
_ENGLISH_FRACTION = Pattern(
    rf"\b(a|{'|'.join(_UNITS)})[\s-](?:({'|'.join(_TENS)})[\s-])?"
    rf"({'|'.join(sorted(_ORDINAL, key=len)[::-1])})s?\b(?!\s+(?:an?\s|epoch|step|precision|the\s))"
)
_DIGIT_WORDS = "|".join(list(_UNITS)[:10]) + "|oh"
_SPOKEN_POINT = Pattern(rf"\b(?:({_DIGIT_WORDS})\s+)?point((?:\s+(?:{_DIGIT_WORDS}))+)\b")
_SPOKEN_EXPONENT = Pattern(
    rf"(?<![\w.])(\d+(?:\.\d+)?|{'|'.join(_UNITS)})\s?e\s?-?\s?(?:minus|negative)\s+(\d+|{'|'.join(_UNITS)})\b"
)
_SPOKEN_POWER = Pattern(
    r"\b(?:10|ten)\s+to\s+the\s+(?:power\s+(?:of\s+)?)?(?:minus|negative|-)\s?(\d+|one|two|three|four|five|six)\b"
    r"|10의\s?(?:마이너스\s?|-)(\d)\s?승"
)

_SINO = {
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
_SINO_SCALE = {"십": 10, "백": 100, "천": 1000}
_MYRIAD = {"만": 10_000, "억": 100_000_000}
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
_ONES, _TENS_KO = "|".join(_NATIVE_ONES), "|".join(_NATIVE_TENS)
_NATIVE = rf"(?:(?:{_TENS_KO})\s?(?:{_ONES})?|(?:{_ONES}))"
_SINO_RUN = r"[영공일이삼사오육칠팔구십백천만억]+"
_SINO_ROUND = r"[영공일이삼사오육칠팔구십백천만억]*[십백천만억]"
_EPOCHS = r"에폭|에포크|이폭|epochs?|스텝|steps?|이터"
_COUNTERS = r"번(?!째|호)|회|바퀴|개|장|대|종|가지|시간|클래스|gpus?|코어|배"
_MEASURES = r"픽셀|토큰|배치|퍼센트|프로(?![가-힣])|기가|코어"
# Which numerals go with which counter keeps words such as 구분 and 이번 from being read as numbers.
_KOREAN_BEFORE = Pattern(
    rf"(?<![가-힣a-z0-9])(?!한\s?번)"
    rf"(?:({_SINO_RUN}(?=\s?(?:{_EPOCHS}|{_MEASURES}))"
    rf"|{_SINO_RUN}{_SINO_RUN}(?=\s?분(?!류|할|의|포|석|기|야)))"
    rf"|({_SINO_ROUND}|{_NATIVE})(?=\s?(?:{_EPOCHS}|{_COUNTERS}|{_MEASURES}|분(?!류|할))))"
)
_IS = r"이(?:에요|야|고|며|요|니까|라서?|지만)(?![가-힣])"
"""After a numeral, the 이 of `이에요`: `삼십이에요` is thirty."""
_NAMED = (
    r"(?:에폭|에포크|배치|배치\s?(?:크기|사이즈)|학습\s?[률율]|러닝\s?레이트|시드|스텝|크기|사이즈|해상도|길이"
    r"|랭크|알파|베타|계수|누적|생성|클래스|드롭아웃|감쇠|워밍업|웜업|종료|gpu|지피유|코어|횟수|epochs?|batch|size|lr|seed|rank|alpha|steps?)"
)
_KOREAN_AFTER = Pattern(
    rf"({_NAMED}(?:\s?수)?(?:은|는|을|를|이|가|만|도)?\s*[:=]?\s*)"
    rf"(?!한\s(?:{_NATIVE}|{_SINO_RUN}|\d))((?<=[\s:=]){_SINO_RUN}?(?={_IS})|(?<=[\s:=]){_SINO_RUN}|(?<=[\s:=]){_NATIVE})"
    r"(?=으로|로|만|번|회|개|장|대|정도|쯤|이고|이야|이며|이에요|예요|입니다|이요|이니까|이라|이지만|요|에|[^가-힣]|$)"
)
_MIXED_MYRIAD = Pattern(
    rf"(?<![\d.])(\d+(?:\.\d+)?)\s?(만|천|백|억)(?=\s?(?:{_EPOCHS}|{_COUNTERS}|토큰|번|회)|\s?\d)"
)
_SPOKEN_KOREAN = Pattern(
    rf"(?<![가-힣])(영|공|\d)\s?(?:점|쩜)\s?([영공일이삼사오육칠팔구]+?(?={_IS})|[영공일이삼사오육칠팔구]+(?![가-힣]{{2}}))"
)
_KOREAN_EXPONENT = Pattern(
    r"(?<![\w.])(\d+)\s?(?:이|e)\s?마이너스\s?(\d|일|이|삼|사|오|육)(?![가-힣]{2})"
)
_COPULA = r"(?:이?(?:에요|예요|야|고|며|요|니까|라서?|지만|거든요?)(?![가-힣]{2})|입니다)"
_KOREAN_FRACTION = Pattern(
    rf"(?<![가-힣])({_SINO_RUN}|\d+)\s?분의\s?({_SINO_RUN}?(?={_COPULA})|{_SINO_RUN}|\d+)"
)
_PARTS_OF_AN_HOUR = Pattern(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s?(?:h(?:ours?|rs?)?|시간)\s?(?:and\s+|,\s?)?(?:(\d{1,2})\s?(?:m(?:in(?:ute)?s?)?(?![a-z])|분)|(반)(?![가-힣])|(and\s+)?(?:a\s+half|half)(?![a-z]))"
)
_HALF_AN_HOUR = Pattern(r"\bhalf\s+an?\s+hour\b|(?<![가-힣\d])반\s?시간")
_MINUS = Pattern(r"(?:\b(?:minus|negative)|(?<![가-힣])마이너스)\s?(?=\d)")
_QUARTERS = Pattern(r"\b(?:(a|three)\s+)?quarters?\s+(?:of\s+)?an\s+hour\b")
_HALF_MORE = Pattern(r"\b(an|one|\d+)\s+(?:and\s+a\s+half\s+hours?|hours?\s+and\s+a\s+half)\b")
_AN_HOUR = Pattern(r"\b(an?)\s+(?=hour|day\b)")
_KOREAN_DAYS = {
    "하루": 24,
    "이틀": 48,
    "사흘": 72,
    "나흘": 96,
    "반나절": 6,
    "한나절": 12,
    "일주일": 168,
}
_KOREAN_DAY = Pattern(
    rf"(?<![가-힣])({'|'.join(_KOREAN_DAYS)})(?=\s?(?:안|이내|동안|까지|만|내|정도|을?\s?넘|[,.]|$))"
)
_KOREAN_RANGE = Pattern(
    rf"(?<![가-힣a-z0-9])({_NATIVE}|{_SINO_RUN})(?=\s?(?:에서|이나|나|또는|~)\s?\d+\s?(?:{_EPOCHS}|번))"
)
_SUFFIX = Pattern(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([km])(?![a-z0-9])")
_POWER = Pattern(r"(?<![\w.])(?:(\d+(?:\.\d+)?)\s*[x*]\s*)?10\s*(?:\^|\*\*)\s*\(?\s*(-?\d{1,3})\)?")
_FRACTION = Pattern(r"(?<![\w./])(\d{1,6})\s?/\s?(\d{1,9})(?![\w./])")
_THOUSANDS = Pattern(r"(?<=\d)[,_](?=\d{3}(?!\d))")

NUMBER = r"(?:(?<![\w.\ue000])[-+])?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d{1,3})?"
"""Pattern of a number once `to_digits` has been over the text."""


def to_digits(text: str) -> str:
    """The (lower-case) text with every number that people wrote otherwise written in digits."""
    text = _THOUSANDS.sub("", text)
    text = _POWER.sub(lambda m: f"{m[1] or 1}e{m[2]}", text)
    text = _SUFFIX.sub(lambda m: _plain(float(m[1]) * (1000 if m[2] == "k" else 1_000_000)), text)
    text = _FRACTION.sub(lambda m: _plain(int(m[1]) / int(m[2])) if int(m[2]) else m[0], text)
    text = _QUARTERS.sub(lambda m: f"{0.75 if m[1] == 'three' else 0.25} hours", text)
    text = _english_words(text)
    if not text.isascii():
        text = _korean_words(text)
    text = _MINUS.sub("-", text)
    text = _HALF_AN_HOUR.sub("0.5 hours", text)
    text = _HALF_MORE.sub(
        lambda m: f"{_plain((1 if m[1] == 'an' else int(m[1])) + 0.5)} hours", text
    )
    text = _AN_HOUR.sub("1 ", text)
    return _PARTS_OF_AN_HOUR.sub(_hours, text)


def _hours(found: re.Match[str]) -> str:
    more = int(found[2]) / 60 if found[2] else 0.5
    return f"{_plain(round(float(found[1]) + more, 4))} hours"


def _english_words(text: str) -> str:
    text = _SPOKEN_EXPONENT.sub(lambda m: f"{_unit(m[1])}e-{_unit(m[2])}", text)
    text = _SPOKEN_POWER.sub(lambda m: f"1e-{_unit(m[1] or m[2])}", text)
    text = _SPOKEN_POINT.sub(_point, text)
    text = _ENGLISH_FRACTION.sub(_english_fraction, text)
    return _ENGLISH.sub(lambda m: str(english(m[0])), text)


def _korean_words(text: str) -> str:
    scale = _MYRIAD | _SINO_SCALE
    text = _SPOKEN_KOREAN.sub(
        lambda m: f"{_SINO.get(m[1], m[1])}.{''.join(str(_SINO[c]) for c in m[2])}", text
    )
    text = _KOREAN_EXPONENT.sub(lambda m: f"{m[1]}e-{_SINO.get(m[2], m[2])}", text)
    text = _KOREAN_FRACTION.sub(_korean_fraction, text)
    text = _MIXED_MYRIAD.sub(lambda m: _plain(float(m[1]) * scale[m[2]]), text)
    text = _KOREAN_DAY.sub(lambda m: f"{_KOREAN_DAYS[m[1]]}시간", text)
    text = _KOREAN_BEFORE.sub(lambda m: str(korean(m[1] or m[2])), text)
    text = _KOREAN_RANGE.sub(lambda m: str(korean(m[1])), text)
    return _KOREAN_AFTER.sub(lambda m: f"{m[1]}{korean(m[2])}", text)


def _unit(word: str) -> int:
    return int(word) if word[0].isdigit() else _UNITS[word]


def _point(found: re.Match[str]) -> str:
    digits = "".join("0" if w == "oh" else str(_UNITS[w]) for w in found[2].split())
    whole = 0 if found[1] in (None, "oh") else _UNITS[found[1]]
    return f"{whole}.{digits}"


def _english_fraction(found: re.Match[str]) -> str:
    above = 1 if found[1] == "a" else _UNITS[found[1]]
    below = _ORDINAL[found[3]]
    return found[0] if found[2] else _plain(above / below)


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _korean_fraction(found: re.Match[str]) -> str:
    below, above = (int(part) if part.isdigit() else korean(part) for part in found.groups())
    return _plain(above / below) if below else found[0]


def english(words: str) -> int:
    """`two hundred and fifty-six` is 256; `a dozen` is 12.

    Digits said one by one are not added up: `one two` is the first of them.
    """
    total = part = 0
    half = words.startswith("half a")
    for word in re.findall(r"[a-z]+", words):
        if word in ("a", "and", "half") or word not in _WORDS:
            continue
        value = _WORDS[word]
        if word in ("hundred", "dozen"):
            part = max(part, 1) * value
        elif word in _SCALES:
            total, part = total + max(part, 1) * value, 0
        elif (part and value >= 10 and part % 100) or (part % 10 and value < 10):
            break
        else:
            part += value
    total += part
    return total // 2 if half else total


def korean(word: str) -> int:
    """`이백오십육` is 256, `만` is 10,000, `스물다섯` is 25."""
    if any(word.startswith(tens) for tens in _NATIVE_TENS) or word in _NATIVE_ONES:
        tens = next((t for t in _NATIVE_TENS if word.startswith(t)), "")
        ones = word.removeprefix(tens).strip()
        return _NATIVE_TENS.get(tens, 0) + _NATIVE_ONES.get(ones, 0)
    total = part = digit = 0
    for c in word:
        if c in _SINO:
            digit = digit * 10 + _SINO[c]
        elif c in _SINO_SCALE:
            part, digit = part + max(digit, 1) * _SINO_SCALE[c], 0
        else:
            total, part, digit = total + max(part + digit, 1) * _MYRIAD[c], 0, 0
    return total + part + digit
