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
_ANY_CASE = re.compile(r"\(\?[a-z]*i")

Marks = tuple[str, ...]


def marks(source: str) -> Marks:
    """Pieces of text of which every text that the pattern fits holds one; none if unknown."""
    outside: list[tuple[list[Marks], Marks, bool]] = []
    finished: list[Marks] = []  # alternatives of the group at hand
    best: Marks = ()
    for token in _TOKEN.findall(source):
        kind = token[0]
        if kind == "(":
            outside.append((finished, best, token[-1] in "=!"))
            finished, best = [], ()
        elif kind == ")":
            inside = _any_of([*finished, best])
            finished, best, looks_around = outside.pop()
            if not looks_around and not _MAYBE.match(token):
                best = max(best, inside, key=_telling)
        elif kind == "|":
            finished.append(best)
            best = ()
        elif kind not in "[\\.^$" and not _MAYBE.match(token):
            piece = kind if token[1:2] in {"+", "{"} else token
            best = max(best, (piece,), key=_telling)
    return _any_of([*finished, best])


def _telling(found: Marks) -> int:
    return min(map(len, found), default=0)


def _any_of(alternatives: list[Marks]) -> Marks:
    if not all(alternatives):
        return ()
    if len(alternatives) == 1:
        return alternatives[0]
    found = {mark for alternative in alternatives for mark in alternative}
    return tuple(m for m in found if not any(other in m for other in found if other != m))


class Pattern:
    """A regular expression, with the methods of a compiled one."""

    def __init__(self, source: str, flags: int = 0) -> None:
        self.source = source
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None
        self._judged: tuple[str | None, bool] = (None, False)  # the text judged last

    def fits(self, text: str) -> bool:
        """Whether this may be found in the text at all."""
        judged = self._judged
        if judged[0] is not text:
            fits = not self._marks or any(mark in text for mark in self._marks)
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
        any_case = self._flags & re.IGNORECASE or _ANY_CASE.match(self.source)
        return () if any_case else marks(self.source)

    def _compile(self) -> re.Pattern[str]:
        if self._compiled is None:
            self._compiled = re.compile(self.source, self._flags)
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
