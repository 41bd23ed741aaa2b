"""Numbers as people write them: digits, words, Sino- and native Korean, powers, percents."""

from __future__ import annotations

import re

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
_ENGLISH = re.compile(
    r"\b(?:(?:a|half a)\s+(?=hundred|thousand|million|dozen))?"
    rf"(?:{'|'.join(_WORDS)})(?:(?:\s+and\s+|[\s-]+)(?:{'|'.join(_WORDS)}))*\b"
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
_EPOCHS = r"에폭|에포크|이폭|epochs?|스텝|steps?"
_COUNTERS = r"번|회|바퀴|개|장|대|종|가지|시간|클래스|gpus?"
# Which numerals go with which counter keeps words such as 구분 and 이번 from being read as numbers.
_KOREAN_BEFORE = re.compile(
    rf"(?<![가-힣a-z0-9])(?!한\s?번)"
    rf"(?:({_SINO_RUN})(?=\s?(?:{_EPOCHS}|픽셀|토큰|배치))"
    rf"|({_SINO_ROUND}|{_NATIVE})(?=\s?(?:{_EPOCHS}|{_COUNTERS}|분)))"
)
_NAMED = (
    r"(?:에폭|에포크|배치(?:\s?크기|\s?사이즈)?|학습률|시드|스텝|이미지\s?크기|해상도|길이"
    r"|epochs?|batch)"
)
_KOREAN_AFTER = re.compile(
    rf"({_NAMED}(?:\s?(?:은|는|을|를|수는|수를))?\s+)({_SINO_RUN}|{_NATIVE})"
    r"(?=으로|로|만|번|회|개|[^가-힣]|$)"
)
_MIXED_MYRIAD = re.compile(
    rf"(?<![\d.])(\d+(?:\.\d+)?)\s?(만|천|백|억)(?=\s?(?:{_EPOCHS}|{_COUNTERS}|토큰))"
)
_KOREAN_FRACTION = re.compile(rf"(?<![가-힣])({_SINO_RUN}|\d+)\s?분의\s?({_SINO_RUN}|\d+)")
_KOREAN_RANGE = re.compile(
    rf"(?<![가-힣a-z0-9])({_NATIVE}|{_SINO_RUN})(?=\s?(?:에서|이나|나|또는|~)\s?\d+\s?(?:{_EPOCHS}|번))"
)
_SUFFIX = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?([km])(?![a-z0-9])")
_POWER = re.compile(
    r"(?<![\w.])(?:(\d+(?:\.\d+)?)\s*[x*]\s*)?10\s*(?:\^|\*\*)\s*\(?\s*(-?\d{1,3})\)?"
)
_FRACTION = re.compile(r"(?<![\w./])(\d{1,6})\s?/\s?(\d{1,9})(?![\w./])")
_TEN_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")

NUMBER = r"(?:(?<![\w.])[-+])?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d{1,3})?"
"""Pattern of a number once `to_digits` has been over the text."""


def to_digits(text: str) -> str:
    """The (lower-case) text with every number that people wrote otherwise written in digits."""
    text = _TEN_THOUSANDS.sub("", text)
    text = _POWER.sub(lambda m: f"{m[1] or 1}e{m[2]}", text)
    text = _SUFFIX.sub(lambda m: _plain(float(m[1]) * (1000 if m[2] == "k" else 1_000_000)), text)
    text = _FRACTION.sub(lambda m: _plain(int(m[1]) / int(m[2])) if int(m[2]) else m[0], text)
    text = _ENGLISH.sub(lambda m: str(english(m[0])), text)
    if not text.isascii():
        scale = _MYRIAD | _SINO_SCALE
        text = _KOREAN_FRACTION.sub(_korean_fraction, text)
        text = _MIXED_MYRIAD.sub(lambda m: _plain(float(m[1]) * scale[m[2]]), text)
        text = _KOREAN_BEFORE.sub(lambda m: str(korean(m[1] or m[2])), text)
        text = _KOREAN_RANGE.sub(lambda m: str(korean(m[1])), text)
        text = _KOREAN_AFTER.sub(lambda m: f"{m[1]}{korean(m[2])}", text)
    return text


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
