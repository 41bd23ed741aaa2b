"""What is said to the person, in both languages."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from trainwright.spec.labels import shown, shown_lines

Language = Literal["en", "ko"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = {"en": (" d", " h", " min", " s"), "ko": ("일", "시간", "분", "초")}


@cache
def table(name: str) -> Mapping[str, Any]:
    """A data file of this room."""
    return tomllib.loads((files(__package__) / f"{name}.toml").read_text("utf-8"))


def say(key: str, language: Language, **words: object) -> str:
    """A phrase; the words put into it may come from strangers, and are made harmless."""
    phrase: str = table("phrases")[key][language]
    return phrase.format(**{name: shown_lines(str(word)) for name, word in words.items()})


def status_words(status: str, language: Language) -> str:
    return status if language == "en" else str(table("phrases")["statuses"][status])


def duration(seconds: float | None, language: Language) -> str:
    """`8 s`, `3 min 20 s`, `2 h 5 min`; a dash when it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    whole = max(0, round(seconds))
    parts = (whole // _DAY, whole % _DAY // _HOUR, whole % _HOUR // _MINUTE, whole % _MINUTE)
    said = [f"{n}{unit}" for n, unit in zip(parts, _UNITS[language], strict=True) if n]
    return " ".join(said[:2]) or f"0{_UNITS[language][-1]}"


def number(value: Any) -> str:
    """A figure as people read it: four digits that count."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return shown(str(value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def setting(value: Any) -> str:
    """A value of a spec."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return shown(", ".join(f"{name} {setting(one)}" for name, one in value.items()))
    if isinstance(value, float):
        return f"{value:g}"
    return shown(str(value))
