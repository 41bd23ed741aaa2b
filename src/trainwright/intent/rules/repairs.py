"""Corrections put in the place of what they correct: `raise the batch from 32 to 64`.

People take back what they said in many ways. What stands in another one's place is put there, and
of the words that only say so, one wording is left (`no wait`), which the other rules know.
"""

from __future__ import annotations

import re

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load

_WORDS = load("repairs")
_REPAIR = Pattern(
    r"\S+\s+--?\s+(?:i\s+meant?|sorry|er+|uh+|or\s+rather|rather)\b[\s,:]+"
    r"((?:[^\s-]+\s+){1,2}?)--?\s"
)
_CHANGED = Pattern(
    r"(\b(?:rais|increas|bump|lower|reduc|chang|switch|cut|mov|shorten|extend)\w*\s+(?:[^\s\d]+\s+){0,5}?)from\s+[\d.e-]+\s+to\s+(?=[\d.])"
)
_CHANGED_KO = Pattern(
    r"(?<![\w.])[\d.]+\s?(에폭|에포크|스텝|개)?에서\s?([\d.]+)\s?(에폭|에포크|스텝|개)?(?=(?:으로|로)\s?"
    r"(?:올|늘|바꾸|바꿔|변경|줄|내리|내려|낮|높|키우|키워|조정|수정))"
)
_ARROW = Pattern(
    r"(?<=[\s:])\d[\d.e-]*((?:\s?[a-z가-힣]{1,12}){0,2}?)\s?(?:=>|-{1,2}>|→|(?:(?<=\d)|(?<=에폭)|(?<=에포크)|(?<=스텝))\s?=)\s?(\d[\d.e-]*)"
)
"""`epochs 30 -> 50`."""
_NUMBER = r"\d[\d.]*(?:e-?\d+)?"
_UNIT = r"(?:\s?(?!instead|rather|not\b|but\b|and\b|or\b|no\b|with\b|on\b|for\b)[a-z]{1,12}){0,2}"
_NAME = r"(?:(?:at|most|the|an?|[a-z]{2,12})\s+){0,3}?"
_IN_PLACE_OF = Pattern(
    rf"(?<![\w.])({_NUMBER}),?\s+(?:instead\s+of|rather\s+than|(?<=,\s)not)\s+({_NAME})({_NUMBER})({_UNIT})(?=\s*(?:[,.;)!?]|$))"
)
"""`20 instead of 10 epochs`, `64, not batch size 32`: the new number has the old one's name."""
_NOT_BUT = Pattern(
    rf"\bnot\s+({_NAME})({_NUMBER})({_UNIT}),?\s+but\s+(?:rather\s+)?({_NUMBER})(?=\s*(?:[,.;)!?]|$))"
)
_TAKEN_BACK = Pattern(rf"\b{alternatives(_WORDS['taken_back'])}(?![a-z])")
_TAKEN_BACK_KO = Pattern(rf"(?<![가-힣]){alternatives(_WORDS['taken_back_hangul'])}(?=[\s,.:])")
_NOT_THIS_KO = Pattern(
    rf"(?<![\w.])({_NUMBER})\s?(?:개|장|에폭|에포크|스텝|시간)?\s*\(\s*((?:[가-힣a-z]+\s?){{0,3}}?)({_NUMBER})"
    r"(\s?(?:개|장|대|에폭|에포크|스텝|시간|픽셀|번)?)\s?(?:아님|아니고|아니에요|아닙니다|말고)\s*\)"
)
"""`20 (10에폭 아님)`."""
_GIVEN_UP = Pattern(
    rf"(\b{alternatives(_WORDS['wished_before'])}\s(?:[^.;!?]|\.(?=\d)){{0,60}}?)[\s,]+{alternatives(_WORDS['but_now'])}\s+"
)
_SCHEDULES = alternatives(_WORDS["schedules"])
_SCHEDULED = rf"{_SCHEDULES}\s+(?:lr\s+|learning[\s-]rate\s+)?(?:schedul\w*|decay|annealing)"
_HAS_SCHEDULE = Pattern(rf"\b{_SCHEDULED}")
_SCHEDULE_AFTER = Pattern(
    rf"(\b(?:no|wait|but|actually|sorry|i\s+mean(?:t)?|make\s+(?:it|that)|oops|to)[\s,:.]+(?:(?:an?|the|to|make\s+it|use|do|let.?s|better|it|that|wait|no)[\s,]+)*)({_SCHEDULES})(?=\s*(?:[,.;)!?]|$|instead))"
)
_SCHEDULE_BEFORE = Pattern(
    rf"\b({_SCHEDULES})(?=,?\s+(?:instead\s+of|rather\s+than|not)\s+(?:an?\s+|the\s+)?{_SCHEDULED})"
)


_SCHEDULES_KO = alternatives(_WORDS["schedules_hangul"])
_HAS_SCHEDULE_KO = Pattern(rf"(?<![가-힣]){_SCHEDULES_KO}\s?스케[줄쥴]러?")
_SCHEDULE_AFTER_KO = Pattern(
    rf"((?<![가-힣]){alternatives(_WORDS['then_hangul'])}[\s,]+(?:그냥\s)?)({_SCHEDULES_KO})(?=(?:으?로)?(?![가-힣])(?!\s?스케))"
)


def repaired(text: str) -> str:
    """The (lower-case) text with corrections in their places.

    What is mended between dashes (`heavy - I mean strong - augmentation`), what is changed
    (`raise the batch from 32 to 64`) and what stands instead of another number (`20 instead of 10
    epochs`) is what is left; other ways to take something back become `no wait`.
    """
    text = _IN_PLACE_OF.sub(r"\2\1\4", _ARROW.sub(_arrived, text))
    text = _NOT_THIS_KO.sub(r"\2\1\4", _NOT_BUT.sub(r"\1\4\3", text))
    text = _TAKEN_BACK_KO.sub("아니", text)
    text = _CHANGED.sub(r"\1to ", _REPAIR.sub(r"\1", text))
    text = _CHANGED_KO.sub(lambda m: f"{m[2]}{m[3] or m[1] or ''}", text)
    text = _GIVEN_UP.sub(r"\1, no wait, ", _TAKEN_BACK.sub("no wait", text))
    if _HAS_SCHEDULE.search(text):
        text = _SCHEDULE_BEFORE.sub(r"\1 schedule", text)
        text = _SCHEDULE_AFTER.sub(r"\1\2 schedule", text)
    if _HAS_SCHEDULE_KO.search(text):
        text = _SCHEDULE_AFTER_KO.sub(r"\1\2 스케줄러", text)
    return text


def _arrived(found: re.Match[str]) -> str:
    """`10 epochs -> 20` is 20 epochs."""
    goes_on = found.string[found.end() : found.end() + 2].strip()
    return found[2] if goes_on[:1].isalpha() else f"{found[2]}{found[1]}"
