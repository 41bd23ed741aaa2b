"""Regular expressions that cost nothing until a text has what they look for.

A sentence needs few of the rules' patterns. Each knows pieces of text one of which stands in
whatever it fits (`marks`); a text without any is passed over, and a pattern that no text needed
is never compiled.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

_REPEATED = r"(?:[?*+]|\{[\d,]*\})"
_TOKEN = re.compile(
    rf"\((?:\?(?:[:>]|P<\w+>|<?[=!]))?|\){_REPEATED}*|\|"
    rf"|(?:\[\^?(?:\\.|[^\]\\])+\]|\\(?:u\w{{4}}|.)|[.^$]){_REPEATED}*"
    rf"|[^()|\[\\.^$?*+{{]+(?!{_REPEATED})|.{_REPEATED}*",
    re.DOTALL,
)
_MAYBE = re.compile(r".(?:[?*]|\{0?,)", re.DOTALL)
_ANY_CASE = "(?i)"
_ESCAPED_SIGN = re.compile(r"\\[^\w\s]")
_USUAL = frozenset({"train", "epoch", "epochs", "model", "학습", "에폭", "데이터", "모델"})
"""Words that most sentences hold: they tell little."""

Marks = tuple[str, ...]
_Telling = tuple[int, float, Marks]
"""Marks, after how much the least telling of them tells, and all of them on average."""
_NOTHING: _Telling = (0, 0.0, ())


def marks(source: str) -> Marks:
    """Pieces of text of which every text that the pattern fits holds one; none if unknown."""
    outside: list[tuple[list[_Telling], _Telling, bool]] = []
    finished: list[_Telling] = []  # alternatives of the group at hand
    best = _NOTHING
    for token in _TOKEN.findall(source):
        kind = token[0]
        if kind == "(":
            outside.append((finished, best, token[-1] in "=!"))
            finished, best = [], _NOTHING
        elif kind == ")":
            inside = _any_of(finished, best)
            finished, best, looks_around = outside.pop()
            if inside > best and not looks_around and not _MAYBE.match(token):
                best = inside
        elif kind == "|":
            finished.append(best)
            best = _NOTHING
        elif (piece := _piece(token)) and len(piece) * 2 >= best[0]:
            best = max(best, _tells(piece))
    return _without_longer(_any_of(finished, best)[2])


def _piece(token: str) -> str:
    """The letters that stand wherever the token fits."""
    if token[0] in "[.^$":
        return ""
    if token[0] == "\\":
        sign = _ESCAPED_SIGN.match(token)
        return "" if sign is None or _MAYBE.match(token[1:]) else token[1]
    if _MAYBE.match(token):
        return ""
    return token[0] if token[1:2] in {"+", "{"} else token


def _tells(piece: str) -> _Telling:
    # a syllable of Hangul tells as much as two letters
    tells = 1 if piece in _USUAL else len(piece) if piece.isascii() else 2 * len(piece)
    return tells, tells, (piece,)


def _any_of(finished: list[_Telling], last: _Telling) -> _Telling:
    if not finished:
        return last
    alternatives = [*finished, last]
    least = min(tells for tells, _, _ in alternatives)
    if not least:
        return _NOTHING
    average = sum(tells for _, tells, _ in alternatives) / len(alternatives)
    return least, average, tuple(mark for *_, found in alternatives for mark in found)


def _without_longer(found: Marks) -> Marks:
    """Without those that hold another one."""
    kept: list[str] = []
    for mark in sorted(set(found), key=len):
        if not any(shorter in mark for shorter in kept):
            kept.append(mark)
    return tuple(kept)


class Pattern:
    """A regular expression, with the methods of a compiled one."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source = source
        self.flags = flags
        self._any_case = bool(flags & re.IGNORECASE or source.startswith(_ANY_CASE))
        self._compiled: re.Pattern[str] | None = None
        self._judged: tuple[str | None, bool] = (None, False)  # the text judged last

    def fits(self, text: str) -> bool:
        """Whether this may be found in the text at all."""
        judged = self._judged
        if judged[0] is not text:
            looked_at = text.lower() if self._any_case else text
            fits = not self._marks or any(mark in looked_at for mark in self._marks)
            judged = self._judged = (text, fits)
        return judged[1]

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        return self._compile().search(text, start, end) if self.fits(text) else None

    def match(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        compiled = self._compiled_for(text)
        return compiled.match(text, start, end) if compiled else None

    def fullmatch(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        compiled = self._compiled_for(text)
        return compiled.fullmatch(text, start, end) if compiled else None

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self._compile().finditer(text) if self.fits(text) else iter(())

    def findall(self, text: str) -> list[str]:
        return [found[0] for found in self.finditer(text)]

    def split(self, text: str) -> list[str]:
        return self._compile().split(text) if self.fits(text) else [text]

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str) -> str:
        return self._compile().sub(by, text) if self.fits(text) else text

    @cached_property
    def _marks(self) -> Marks:
        found = marks(self.source.removeprefix(_ANY_CASE))
        return tuple(map(str.lower, found)) if self._any_case else found

    def _compile(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, self.flags)
        return self._compiled

    def _compiled_for(self, text: str) -> re.Pattern[str] | None:
        """For one place of a text, where to look costs less than to judge the whole of it."""
        if self._compiled is None and self.fits(text):
            return self._compile()
        return self._compiled


class FirstOf:
    """Patterns read as one: the leftmost counts, and of several there, the first one given."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._patterns = tuple(patterns)

    def within(self, text: str) -> list[Pattern]:
        """Those that may be found in the text, in order."""
        return [pattern for pattern in self._patterns if pattern.fits(text)]

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        coming = {p: found for p in self.within(text) if (found := p.search(text))}
        while coming:
            first = min(coming.values(), key=lambda found: found.start())
            yield first
            for pattern, found in list(coming.items()):
                if found.start() < first.end():
                    later = pattern.search(text, first.end())
                    if later is None:
                        del coming[pattern]
                    else:
                        coming[pattern] = later
