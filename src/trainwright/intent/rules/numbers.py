"""Numbers as people write them: digits, words, Sino- and native Korean, powers, percents."""

from __future__ import annotations

import re

from trainwright.intent.rules import korean
from trainwright.intent.rules.korean import plain
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
_PRONOUN = Pattern(
    r"\b(?:new|this|that|which|(?:an)?other|same|right|first|last|next|old|small(?:er)?|larger?"
    r"|big(?:ger)?|good|better|best|my|no)\s$"
)
"""Before a `one` that is no number."""
WORD = rf"(?:{'|'.join(_WORDS)})"
RUN = rf"{WORD}(?:(?:\s+and\s+(?!a\s|one\s+(?:half|quarter))|[\s-]+){WORD})*"
"""Patterns of one English number word, and of a number in words."""
_ENGLISH = Pattern(rf"\b(?:(?:a|half a)\s+(?=hundred|thousand|million|dozen))?{RUN}\b")
_AND_PART = r"and\s+(?:(?:a|one)\s+(half|quarter)|(three)\s+quarters)"
_MIXED = Pattern(rf"\b({'|'.join(_UNITS | _TENS)}|\d+)\s+{_AND_PART}\b")
"""`two and a half`."""
_LONGER = Pattern(rf"\b(an?|{'|'.join(_UNITS)}|\d+)\s+(hour|day|week)s?\s+{_AND_PART}\b")
"""`an hour and a half`."""
_PARTS = {"half": 0.5, "quarter": 0.25, "three": 0.75}
_SCALED = Pattern(r"(?<![\w.])(\d+(?:\.\d+)?)\s+(hundred|thousand|million|billion)\b")
_ONE_IN = Pattern(
    r"\b(?:one|1)\s+in\s+(?:a\s+|one\s+)?(ten\s+thousand|ten|hundred|thousand|million|\d+)\b"
)
_PERCENT = Pattern(r"(?<=\d)\s?(?:percent|per\s?cent|pct)\b")
_CLOCK = Pattern(
    r"((?:time|limit|runtime|budget|duration|time-?out)[\s=:]+(?:of\s+|to\s+|is\s+)?)(\d{1,3}):([0-5]\d)(?::[0-5]\d)?(?:\s?h(?:ours?|rs?)?)?\b"
    r"|(?<![\d:])()(\d{1,2}):([0-5]\d)\s?h(?:ours?|rs?)?\b"
)
"""`time limit 1:30 hours`."""
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
    rf"\b(?:(\d+(?:\.\d+)?|{'|'.join(_UNITS)})\s+times\s+)?(?:10|ten)\s+to\s+the\s+(?:power\s+(?:of\s+)?)?(?:minus|negative|-)\s?(\d+|one|two|three|four|five|six)\b"
    r"|10의\s?(?:마이너스\s?|-)(\d)\s?승"
)

_PARTS_OF_AN_HOUR = Pattern(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s?(?:h(?:ours?|rs?)?|시간)\s?(?:and\s+|,\s?)?(?:(\d{1,2})(?:\s?(?:m(?:in(?:ute)?s?)?(?![a-z])|분)|(?<=h\d\d)(?!\w|\.\d))|(반)(?=만|을|까지|이|정도|안|으로|[^가-힣]|$)|(and\s+)?(?:a\s+half|half)(?![a-z]))"
)
_HALF_AN_HOUR = Pattern(r"\bhalf\s+an?\s+(hour|day|week)\b|(?<![가-힣\d])반\s?시간")
_MINUS = Pattern(r"(?:\b(?:minus|negative)|(?<![가-힣])마이너스)\s?(?=\d)")
_QUARTERS = Pattern(r"\b(?:(a|three)\s+)?quarters?\s+(?:of\s+)?an\s+hour\b")
_AN_EPOCH = Pattern(
    r"\b(?<!every )(?<!each )(?:(?:(?:an?|one|1)\s+)?single|(?:just|for|only)\s+an?)\s+"
    r"(?=(?:full\s+|training\s+)?(?:epoch|pass)\b)"
)
_AN_HOUR = Pattern(
    # no length of a run is said by `twice a week`, `500 photos a day`
    r"(?<!\bonce )(?<!\btwice )(?<!\bper )(?<!\bevery )(?<![a-z]{3}[a-rt-z]s )"
    r"\ban?\s+(?=(?:hour|day|week)\b(?!\s+(?:ago|later|before|after)))"
)
_SUFFIX = Pattern(
    r"(?<![a-z0-9_.])(?<!\dh )(\d+(?:\.\d+)?)\s?([km])(?:(?![a-z0-9])|(?=steps?|iters?))"
)
_CONTEXT = (
    r"(?:context|ctx|seq(?:uence)?|len(?:gth)?|tokens?|window|컨텍스트|문맥|시퀀스|토큰|길이)"
)
_TOKENS = Pattern(
    rf"{_CONTEXT}(?:\s?(?:window|size|limit|of|is|to|at|up)\b){{0,3}}(?:은|는|을|를)?\s?[:=]?\s?(?P<after>1|2|4|8|16|32|64|128|256)\s?k(?![a-z0-9])"
    rf"|(?<![a-z0-9_.])(?P<before>1|2|4|8|16|32|64|128|256)\s?k(?=[\s-]?{_CONTEXT})"
)
"""Lengths of context are powers of two: 4k tokens are 4,096."""
_POWER = Pattern(
    r"(?<![a-z0-9_.])(?:(\d+(?:\.\d+)?)\s*(?:[x*]|times)\s*)?10\s*(?:\^|\*\*)\s*\(?\s*(-?\d{1,3})\)?"
)
_FRACTION = Pattern(r"(?<![a-z0-9_./])(\d{1,6})/(\d{1,9})(?![a-z0-9_/월일]|\.\d)")
_THOUSANDS = Pattern(r"(?<=\d)[,_](?=\d{3}(?!\d))")
_DECIMAL_COMMA = Pattern(r"(?<![\w.,])0,(?=0\d|\d{3})")
_OR_SO = Pattern(
    r"(?<=\d)(?:\s?-?ish|\+|\s+or\s+so)(?=\s?(?:ep|epochs?|steps?|에폭|스텝)(?![a-z]))"
)
"""`20ish epochs`, `a hundred or so epochs`: about as many."""

_HANGUL = Pattern(r"[가-힣]")

NUMBER = r"(?:(?<![\w.\ue000])[-+])?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d{1,3})?"
"""Pattern of a number once `to_digits` has been over the text."""


def _in_tokens(found: re.Match[str]) -> str:
    thousands = found["after"] or found["before"]
    return found[0][: found[0].rindex(thousands)] + str(int(thousands) * 1024)


def to_digits(text: str) -> str:
    """The (lower-case) text with every number that people wrote otherwise written in digits."""
    text = _THOUSANDS.sub("", _DECIMAL_COMMA.sub("0.", text))
    text = _POWER.sub(lambda m: f"{m[1] or 1}e{m[2]}", text)
    text = _TOKENS.sub(_in_tokens, text)
    text = _SUFFIX.sub(lambda m: plain(float(m[1]) * (1000 if m[2] == "k" else 1_000_000)), text)
    text = _FRACTION.sub(lambda m: plain(int(m[1]) / int(m[2])) if int(m[2]) else m[0], text)
    text = _QUARTERS.sub(lambda m: f"{0.75 if m[1] == 'three' else 0.25} hours", text)
    text = _english_words(text)
    if _HANGUL.search(text):
        text = korean.to_digits(text)
    text = _MINUS.sub("-", text)
    text = _HALF_AN_HOUR.sub(lambda m: f"0.5 {m[1] or 'hour'}s", text)
    text = _PERCENT.sub("%", _AN_HOUR.sub("1 ", _AN_EPOCH.sub("1 ", text)))
    text = _CLOCK.sub(_clock, _OR_SO.sub("", text))
    return _PARTS_OF_AN_HOUR.sub(_hours, text)


def _longer(found: re.Match[str]) -> str:
    whole = 1 if found[1] in ("a", "an") else float(_spoken(found[1]))
    return f"{plain(whole + _PARTS[found[3] or found[4]])} {found[2]}s"


def _clock(found: re.Match[str]) -> str:
    key, hours, minutes = found[1] or "", found[2] or found[5], found[3] or found[6]
    return f"{key}{plain(round(int(hours) + int(minutes) / 60, 4))} hours"


def _hours(found: re.Match[str]) -> str:
    more = int(found[2]) / 60 if found[2] else 0.5
    return f"{plain(round(float(found[1]) + more, 4))} hours"


def _english_words(text: str) -> str:
    text = _ONE_IN.sub(lambda m: plain(1 / (int(m[1]) if m[1].isdigit() else english(m[1]))), text)
    text = _MIXED.sub(lambda m: plain(float(_spoken(m[1])) + _PARTS[m[2] or m[3]]), text)
    text = _LONGER.sub(_longer, text)
    text = _SCALED.sub(lambda m: plain(float(m[1]) * _SCALES[m[2]]), text)
    text = _SPOKEN_EXPONENT.sub(lambda m: f"{_unit(m[1])}e-{_unit(m[2])}", text)
    text = _SPOKEN_POWER.sub(
        lambda m: f"{_spoken(m[1]) if m[1] else 1}e-{_unit(m[2] or m[3])}", text
    )
    text = _SPOKEN_POINT.sub(_point, text)
    text = _ENGLISH_FRACTION.sub(_english_fraction, text)
    return _ENGLISH.sub(_english_number, text)


def _english_number(found: re.Match[str]) -> str:
    pronoun = found[0] == "one" and _PRONOUN.search(found.string, 0, found.start())
    return found[0] if pronoun else str(english(found[0]))


def _spoken(word: str) -> str:
    return word if word[0].isdigit() else str(english(word))


def _unit(word: str) -> int:
    return int(word) if word[0].isdigit() else _UNITS[word]


def _point(found: re.Match[str]) -> str:
    digits = "".join("0" if w == "oh" else str(_UNITS[w]) for w in found[2].split())
    whole = 0 if found[1] in (None, "oh") else _UNITS[found[1]]
    return f"{whole}.{digits}"


def _english_fraction(found: re.Match[str]) -> str:
    above = 1 if found[1] == "a" else _UNITS[found[1]]
    below = _ORDINAL[found[3]]
    return found[0] if found[2] else plain(above / below)


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
