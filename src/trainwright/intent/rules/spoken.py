"""Names whose number is said in words: `resnet thirty four`, `레즈넷 십팔`, `cifar ten`."""

from __future__ import annotations

import re
from functools import cache

from trainwright.catalog.search import dataset_index, model_index
from trainwright.intent.rules import korean, numbers
from trainwright.intent.rules.patterns import Pattern

_NUMBERED = re.compile(r"([a-z]{3,})(\d{1,4})")
_HAS_WORDS = Pattern(rf"[a-z]\s?(?:{numbers.WORD}\b|[일이삼사오육칠팔구]?[십백])")
_COUNTS = (
    rf"(?!\s?(?:{korean.COUNTED_NOUN}))"
    r"(?!\s+(?:epochs?|steps?|times|gpus?|hours?|minutes?|classes|images|iterations?)\b)"
)


def numbered(text: str) -> str:
    """The (lower-case, Latin) text with the number of such a name in digits, if one has it."""
    if not _HAS_WORDS.search(text):
        return text
    return _pattern().sub(_digits, text)


@cache
def _names() -> frozenset[tuple[str, str]]:
    """Every name of the catalogue's that goes on with a number, with it."""
    keys = (*model_index(), *dataset_index())
    return frozenset((m[1], m[2]) for key in keys if (m := _NUMBERED.match(key)))


@cache
def _pattern() -> re.Pattern[str]:
    families = "|".join(sorted({family for family, _ in _names()}, key=len, reverse=True))
    return re.compile(
        rf"(?<![a-z])(?P<family>{families})\s?(?:(?<=\s)(?P<english>{numbers.RUN})\b"
        rf"|(?P<korean>{korean.LONG}|십)(?![가-힣]*[영공일이삼사오육칠팔구십백천만])){_COUNTS}"
    )


def _digits(found: re.Match[str]) -> str:
    english = found["english"]
    value = numbers.english(english) if english else korean.number(found["korean"])
    known = (found["family"], str(value)) in _names()
    return f"{found['family']}{value}" if known else found[0]
