"""Settings that are named without a value: `with some dropout`, `a rank as they use there`."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.intent.rules.patterns import Pattern
from trainwright.intent.rules.vocabulary import alternatives, load

_WORDS = load("valueless")
_NAMED = Pattern(
    "|".join(
        rf"(?P<{field}>(?<![a-z가-힣_-]){alternatives(names)})"
        for field, names in _WORDS["named"].items()
    )
)
_SMALL_WORDS = r"(?:(?:the|an?|any|about|of|me|for|with|current|on)\s+)*"
_LEFT_BEFORE = Pattern(
    rf"(?:\b{alternatives(_WORDS['left_before'])}\s+{_SMALL_WORDS}"
    rf"|{alternatives(_WORDS['left_before_hangul'])}\s?)$"
)
_LEFT_AFTER = Pattern(
    rf"[^,.;!?\n]{{0,24}}?(?:\b{alternatives(_WORDS['left_after'])}\b"
    rf"|{alternatives(_WORDS['left_after_hangul'])})"
)
_NUMBER_AFTER = Pattern(
    r"(?:[은는을를가]|[\s=:]|of\b|is\b|to\b)*-?\.?\d(?!\d{0,2}(?:\.\d)?\s?배(?![가-힣]|치|경)|\d{0,2}\s?배로)"
)
"""A value that was not read is one that is not wanted: `dropout 0.1 is too much`."""
_BEFORE = 40
_LENGTHS = {"epochs", "max_steps", "max_hours", "patience"}
"""What says as well as the epochs how long it takes."""


def read(text: str, said: set[str]) -> Iterator[str]:
    """Fields that are named and get no value.

    Left out are those that are not wanted, or whose value is left to us: `the default batch size`.

    Args:
        text: Lower case, names masked.
        said: Fields that have a value.
    """
    for found in _NAMED.finditer(text):
        field, (start, end) = str(found.lastgroup), found.span()
        given = said & _LENGTHS if field == "epochs" else field in said
        left = _LEFT_BEFORE.search(text, max(0, start - _BEFORE), start)
        if not (given or left or _LEFT_AFTER.match(text, end) or _NUMBER_AFTER.match(text, end)):
            yield field
