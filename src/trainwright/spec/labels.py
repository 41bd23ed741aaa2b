"""Names and tags that people give, and large counts: one line each, harmless on any screen."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional controls: they make a text look like another one."""


def shown(text: str) -> str:
    r"""Foreign text, such as a folder's name, as it may stand in a line on a screen.

    What would steer a terminal, break the line or reorder it is written as Python writes it
    (`\x1b`, `\n`, `\u202e`); letters of every script and emoji stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(repr(c)[1:-1] if _is_harmful(c) else c for c in text)


def shown_lines(text: str) -> str:
    """As `shown`, of a text of our own that may have several lines."""
    return "\n".join(map(shown, text.split("\n")))


def count(value: int | None) -> str:
    """A large count in short: `44 k`, `11.2 M`, `135 M`, `7 B`."""
    if value is None:
        return "–"
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return str(value)


def _is_harmful(character: str) -> bool:
    return unicodedata.category(character) in _CONTROL or character in _REORDERING


def _check(value: str) -> str:
    if not value.strip():
        raise ValueError("it is blank")
    if any(map(_is_harmful, value)):
        raise ValueError("line breaks and control characters cannot be part of it")
    return value


Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check)]
Tag = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_check)]


def _check_run_name(value: str) -> str:
    if value.lower() == "last":
        raise ValueError("`last` always means the newest run")
    return value


RunName = Annotated[Label, AfterValidator(_check_run_name)]
