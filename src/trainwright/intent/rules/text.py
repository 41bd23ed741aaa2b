"""The sentence made safe and even to read, and the parts of it that are already understood."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 2000
"""Characters read. More than any request needs; keeps hostile text from costing time."""

_ENDLESS = re.compile(r"\S{301,}")  # longer than any name, path or number

MASK = "\ue000"
"""Stands where something was understood: no rule reads it, no word crosses it."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_LOOKALIKES = str.maketrans(
    {
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": " - ",
        "−": "-",
        "×": "x",
        "✕": "x",
        "“": '"',
        "”": '"',
        "„": '"',
        "‘": "'",
        "’": "'",
        "、": ",",
        "。": ".",
        "а": "a",
        "е": "e",
        "о": "o",
        "р": "p",
        "с": "c",
        "х": "x",
        "у": "y",
        "і": "i",
    }
)


def clean(text: str) -> str:
    """One line without control characters; compatibility forms and look-alikes made plain."""
    text = unicodedata.normalize("NFKC", text[:MAX_LENGTH]).translate(_LOOKALIKES)
    text = _ENDLESS.sub(" ", text)
    if text.isascii() and text.isprintable():
        return text
    kept = (
        " " if c.isspace() else c
        for c in text
        if c.isspace() or unicodedata.category(c) not in _INVISIBLE
    )
    return "".join(kept)


def mask(text: str, start: int, end: int) -> str:
    """The text with a span understood and out of the way; its length stays."""
    return text[:start] + MASK * (end - start) + text[end:]


def lower(text: str) -> str:
    """Lower case, length kept (some characters grow when lowered)."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def first(pattern: re.Pattern[str], text: str) -> str | None:
    """The first group of the first match, or the match itself."""
    found = pattern.search(text)
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]
