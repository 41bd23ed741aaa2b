"""Names and tags that people give: one line each, and harmless on any screen."""

from __future__ import annotations

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field

_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Bidirectional controls: they make a text look like another one."""


def _check(value: str) -> str:
    if not value.strip():
        raise ValueError("it is blank")
    if any(unicodedata.category(c) in _CONTROL or c in _REORDERING for c in value):
        raise ValueError("line breaks and control characters cannot be part of it")
    return value


Label = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_check)]
Tag = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_check)]


def _check_run_name(value: str) -> str:
    if value.lower() == "last":
        raise ValueError("`last` always means the newest run")
    return value


RunName = Annotated[Label, AfterValidator(_check_run_name)]
