"""How settings are called, and what stands between such a name and its number."""

from __future__ import annotations

from trainwright.intent.rules.patterns import FirstOf, Pattern
from trainwright.intent.rules.vocabulary import alternatives, load

SETTINGS = load("settings")["setting"]


def _groups(side: str) -> list[tuple[str, str]]:
    """Names of groups (fields), with the pattern of each that stands on this side of a number."""
    return [
        (entry["field"].replace("*", "_"), alternatives(entry[side]))
        for entry in SETTINGS
        if side in entry
    ]


_KEYS = FirstOf(
    Pattern(rf"(?P<{field}>(?<![a-z가-힣]){names}(?![a-z]))") for field, names in _groups("before")
)
_SIGN = r"(?:==?|:|->|~|\||-(?=\s|$))"
_APART = r"\s(?:은|는|을|를)(?=\s)"
"""As a learner of Korean writes a particle."""
TIGHT = Pattern(
    rf"(?:\s?[값수])?(?:{_APART}|는|은|을|를|이|가|도|로)?\s*(?:{_SIGN}|of\b|is\b|to\b)?\s*[\"'(\[]?"
)
GAP = Pattern(
    rf"(?:\s?(?:수|값|개수))?(?:{_APART}|는|은|을|를|이|가|도|로|으로|만)?\s*{_SIGN}?\s*"
    r"(?:(?:i\s+(?:want|need|prefer)|of|is|to|at|be|as|for|with|set|from|between|either|both|in(?=\s[\[{(])|about|around|approximately|roughly|exactly|just|only|up|the|a|size|"
    r"value|number|count|limit|limited|containing|equal|after|over|should|will|would|must|can|equals?|maximum|max|at\s+most|use|using|it|please|need|keep|starting|start|maybe|say"
    r"|전체의|전체|그대로|약|총|딱|이렇게|합쳐서|모두\s합쳐|최대|작게|크게|높게|낮게|적게|많이|넉넉(?:히|하게)|짧게|길게|한|대략|일단|그냥|최소|우선|다시|전부|모두|각각|값|수|크기|사이즈)\s+){0,5}[\"'(\[{]?"
)
UNITS = FirstOf(
    Pattern(rf"(?:\s?(?:개|장|대|가지)의?)?[\s-]?(?P<{field}>{names}(?![a-z]))")
    for field, names in _groups("after")
)
CALLED = FirstOf(
    Pattern(rf"\s+(?:as|for)\s+(?:(?:the|an?|its|our|my)\s+)?(?P<{field}>{names}(?![a-z]))")
    for field, names in _groups("before")
)
"""`0.1 as the beta`: the name after its number."""

Key = tuple[int, int, str]
"""The name of a setting before a number: from where to where, and of which field."""


def keys(text: str) -> list[Key]:
    """The names of settings in (lower-case) text, in order."""
    return [(key.start(), key.end(), str(key.lastgroup)) for key in _KEYS.finditer(text)]
