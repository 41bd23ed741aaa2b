"""The sentence made safe and even to read, and the parts of it that are already understood."""

from __future__ import annotations

import re
import unicodedata

from trainwright.catalog.search import fold
from trainwright.intent.rules import tables
from trainwright.intent.rules.patterns import Pattern

MAX_LENGTH = 2000
"""Characters read. More than any request needs; keeps hostile text from costing time."""

_ENDLESS = Pattern(r"\S{301,}")  # longer than any name, path or number

_EMPTY_LINES = Pattern(r"(?:[^\S\n]*+\n){3,}")
_BLANKS = Pattern(
    r"(\"[^\"\n]*\"|(?<![A-Za-z0-9])'[^'\n]*'(?![A-Za-z])|`[^`\n]*`)|[^\S\n]{2,}"
)  # outside quotes

MASK = "\ue000"
"""Stands where something was understood: no rule reads it, no word crosses it."""

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"}
_SIGNS = {
    "‐‑‒–−": "-",
    "—": " - ",
    "×✕": "x",
    "≈≃≒": "~",
    "→⇒➜": "=",
    "“”„″": '"',
    "‘’`´": "'",
    "、": ",",
    "。": ".",
    "⁄": "/",
}
# Cyrillic and Greek letters that look like Latin ones
_CYRILLIC = ("аеорсхуіјѕвкмнтгԁԛԝАЕОРСХУІЈЅВКМНТ", "aeopcxyijsbkmhtrdqwAEOPCXYIJSBKMHT")
_GREEK = ("ονρΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovpABEZHIKMNOPTYX")
_NAMED = {"α": "alpha", "β": "beta"}
_PLAIN = str.maketrans(
    {sign: plain for signs, plain in _SIGNS.items() for sign in signs}
    | {a: b for alike, plain in (_CYRILLIC, _GREEK) for a, b in zip(alike, plain, strict=True)}
    | _NAMED
)
_SUPERSCRIPT = Pattern(r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_BULLET = Pattern(r"\s*\n\s*(?:[-*+•▪◦‣·]|\d{1,2}[.)])\s+|^\s*[-*+•▪◦‣·]\s+")
_HEADING = Pattern(r"(?:^|\n)\s*(?:#{1,6}|>)\s+")
_COMMENT = Pattern(r"(?<=[^\s#])[^\S\n]+#[^\S\n][^\n]*")  # of a configuration
_HESITATION = Pattern(
    r"(?<!\S)(?:(?:음{1,3}|으음|흠{1,3}|어{1,3}|저기|그|뭐|u[mh]{1,4}|erm?|hm{1,4})"
    r",?\s?[.~]{0,6}\s){1,3}(?=[~\d]|[일이삼사오육칠팔구]?[십백천])",
    re.I,
)
"""`배치는 음... 4로`: a number that is thought about."""
_EMPHASIS = Pattern(
    r"(?<!\d)\*\*|\*\*(?![-\d(])|(?<![\w*])\*(?=\w)|(?<=\w)\*(?![\w*])|(?<!\w)__(?=\w)|(?<=\w)__(?!\w)"
)
_FENCE = Pattern(r"(?:```|~~~)[\w+-]*")
# a new line goes on with the sentence, unless it begins an entry of a list
_ENTRY = Pattern(r"\s*\n\s*(?=[\w\"' -]{1,40}\s?[:=])")


def clean(text: str) -> str:
    """One line without control characters; compatibility forms, look-alikes, markup made plain."""
    text = _visible(text[:MAX_LENGTH])
    text = _SUPERSCRIPT.sub(lambda m: f"^{unicodedata.normalize('NFKC', m[0])}", text)
    # before a backtick is read as a quotation mark
    text = fold(_FENCE.sub("\n", text)).translate(_PLAIN)
    text = _EMPTY_LINES.sub("\n\n", _BLANKS.sub(lambda m: m[1] or " ", _ENDLESS.sub(" ", text)))
    if "\n" in text or "*" in text or text[:2].strip() in _MARKS:
        text = _without_markup(tables.as_entries(text))
    # folding may bring other characters of these kinds
    line = "".join(" " if c.isspace() else c for c in _visible(text))
    return _HESITATION.sub("", line)


def _visible(text: str) -> str:
    """The text without what nobody sees; blanks and new lines stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)


_MARKS = frozenset("#>-+•▪◦‣·")


def _without_markup(text: str) -> str:
    text = _EMPHASIS.sub("", _HEADING.sub("\n", _COMMENT.sub("", text)))
    text = _ENTRY.sub(", ", _BULLET.sub(", ", text))
    return re.sub(r"\n\s*\n", ". ", text.strip())


def mask(text: str, start: int, end: int) -> str:
    """The text with a span understood and out of the way; its length stays."""
    return text[:start] + MASK * (end - start) + text[end:]


def lower(text: str) -> str:
    """Lower case, length kept (some characters grow when lowered)."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def first(pattern: Pattern, text: str) -> str | None:
    """The first group of the first match, or the match itself."""
    found = pattern.search(text)
    if found is None:
        return None
    return found[1] if found.re.groups else found[0]
