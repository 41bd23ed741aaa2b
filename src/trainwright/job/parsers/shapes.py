"""Lines that differ in their numbers only are read once, as a shape; later ones fill it in.

A trainer prints the same few lines thousands of times. What the styles make of a line depends on
its words, on where numbers stand, and on little of a number itself: its sign, whether it is whole,
whether it is 0, 1 or above, and which of `a/b` is greater. A shape keeps all of those. It is
learned by reading it with other numbers as well and seeing which number each value is; where that
is not clear, and where the numbers are words of a name, its lines go on to be read one by one.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import pairwise
from typing import Any

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.numbers import fraction, seconds

Read = Callable[[str, Context], Draft | None]

_LONGEST = 1_000
_MOST_SHAPES = 1_000
_SEEN_BEFORE = 3
"""A shape is learned when it comes so often; most lines of a log that varies never do."""
_TRIALS = 3
_MOST_DRAWS = 40
_CLOSE = 2
"""Lines below metrics that a style may read in their light."""

# digits that are part of a word are part of a name: `top5`, `map50-95`; `0x…` is no number
_NUMBER = re.compile(
    r"(?<![\w@.])(?<!\w-)("
    r"[0-9]+(?::[0-9]{2})+(?:[.,][0-9]+)?"
    r"|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)*(?:[eE][-+]?[0-9]+)?"
    r")(?![0-9xX])"
)
_NAMED_BY_NUMBERS = re.compile(r"A[PR]\b")  # by the thresholds of an AP
_ANY = "\x02"
_MASK = str.maketrans("0123456789", _ANY * 10)


@lru_cache(maxsize=4_096)
def _mask(number: str) -> str:
    """The number with `_ANY` for each digit that may be any other."""
    if ":" in number:
        return number.translate(_MASK)
    if number.count(".") > 1:
        return number
    mantissa, mark, exponent = number.lower().partition("e")
    whole, point, rest = mantissa.partition(".")
    if mark and len(whole) > 1:
        return number
    if int(whole.replace(",", "")) > 1:
        whole = whole.translate(_MASK)
    if rest.strip("0"):
        rest = rest.translate(_MASK)
    return f"{whole}{point}{rest}{mark}{exponent}"


def _plain(number: str) -> float:
    return float(number.replace(",", ""))


_WAYS: tuple[Callable[[str], Any], ...] = (
    _plain,
    lambda number: -_plain(number),
    lambda number: fraction(_plain(number)),
    lambda number: fraction(-_plain(number)),
    lambda number: int(_plain(number)),
)
"""How a value comes from a printed number."""


@dataclass(frozen=True, slots=True)
class _Source:
    """A value: constant, or taken from the number at `index` in one way."""

    constant: Any = None
    index: int = -1
    way: Callable[[str], Any] | None = None

    def value(self, numbers: list[str]) -> Any:
        return self.constant if self.way is None else self.way(numbers[self.index])


@dataclass(frozen=True, slots=True)
class _Plan:
    """What every line of a shape says."""

    nothing: bool
    frame: dict[str, _Source]
    points: tuple[tuple[str, _Source], ...]
    carry: bool
    at_bar: bool
    evaluated: str | None

    def draft(self, numbers: list[str]) -> Draft | None:
        if self.nothing:
            return None
        frame = Frame(**{name: source.value(numbers) for name, source in self.frame.items()})
        points = {name: source.value(numbers) for name, source in self.points}
        return Draft(frame, points, self.carry, self.at_bar)


@dataclass(slots=True)
class _Trial:
    """What one line of a shape came to."""

    numbers: list[str]
    draft: Draft | None
    context: dict[str, Any]

    @property
    def names(self) -> list[str]:
        return list(self.draft.points) if self.draft else []

    def flags(self) -> tuple[Any, ...]:
        draft = self.draft
        return (draft is None, draft and draft.carry, draft and draft.at_bar, self.context)


class Shapes:
    """Reads lines through `read`, and those of a shape it has learned without it."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._known: dict[tuple[Any, ...], _Plan | int] = {}

    def read(self, text: str, context: Context) -> Draft | None:
        """What `read` would make of a line."""
        if len(text) > _LONGEST or _is_busy(context) or _NAMED_BY_NUMBERS.search(text):
            return self._read(text, context)
        parts = _NUMBER.split(text)
        numbers = parts[1::2]
        key = _key(parts, context)
        known = self._known.get(key, 0)
        if isinstance(known, _Plan):
            context.evaluated = known.evaluated
            return known.draft(numbers)
        if known == _SEEN_BEFORE:
            self._known[key] = self._learn(parts, context) or known + 1
        elif known < _SEEN_BEFORE:
            if len(self._known) >= _MOST_SHAPES:
                self._known.clear()
            self._known[key] = known + 1
        return self._read(text, context)

    def _learn(self, parts: list[str], context: Context) -> _Plan | None:
        trials = [self._try(parts, context)]
        draw = random.Random(len(parts))  # noqa: S311 - any numbers do, the same each time
        while len(trials) < _TRIALS:
            other = _drawn(parts, context, draw)
            if other is None:
                return None
            trials.append(self._try(other, context))
        first = trials[0]
        unchanged = {**first.context, "evaluated": None} == {**_before(context), "evaluated": None}
        same = all(t.names == first.names and t.flags() == first.flags() for t in trials)
        return _plan(trials) if same and unchanged else None

    def _try(self, parts: list[str], context: Context) -> _Trial:
        context = Context.load(_before(context))
        draft = self._read("".join(parts), context)
        return _Trial(parts[1::2], draft, asdict(context))


def _is_busy(context: Context) -> bool:
    """In the middle of something that goes over several lines."""
    return (
        context.table is not None
        or context.box is not None
        or context.block is not None
        or context.section is not None
        or context.in_traceback
    )


def _before(context: Context) -> dict[str, Any]:
    """Where a trial begins: without the task, so that a heading is seen to name it again."""
    return {**asdict(context), "task": None}


def _key(parts: list[str], context: Context) -> tuple[Any, ...]:
    shape = parts.copy()
    shape[1::2] = map(_mask, parts[1::2])
    order = [
        _plain(parts[i - 1]) <= _plain(parts[i + 1])
        for i in range(2, len(parts) - 1, 2)
        if "/" in parts[i] and parts[i].strip() == "/" and _comparable(parts[i - 1], parts[i + 1])
    ]
    close = context.since_points <= _CLOSE
    return ("".join(shape), tuple(order), close, context.evaluated)


def _comparable(*numbers: str) -> bool:
    return all(":" not in n and n.count(".") < 2 for n in numbers)


def _drawn(parts: list[str], context: Context, draw: random.Random) -> list[str] | None:
    """The same line with other numbers; `None` when none of that shape is found."""
    key = _key(parts, context)
    for _ in range(_MOST_DRAWS):
        other = parts.copy()
        other[1::2] = [_other_number(number, draw) for number in parts[1::2]]
        if _key(other, context) == key:
            return other
    return None


def _other_number(number: str, draw: random.Random) -> str:
    mask = _mask(number)
    for _ in range(_MOST_DRAWS):
        other = "".join(draw.choice("23456789") if c == _ANY else c for c in mask)
        if _mask(other) == mask:
            return other
    return number


def _plan(trials: list[_Trial]) -> _Plan | None:
    """Where each value comes from; `None` when it is not clear."""
    draft = trials[0].draft
    evaluated = trials[0].context["evaluated"]
    if draft is None:
        return _Plan(True, {}, (), False, False, evaluated)
    numbers = [trial.numbers for trial in trials]
    drafts = [trial.draft for trial in trials if trial.draft is not None]
    frame = {
        f.name: _source([getattr(d.frame, f.name) for d in drafts], numbers) for f in fields(Frame)
    }
    points = [(name, _source([d.points[name] for d in drafts], numbers)) for name in draft.points]
    told = {name: source for name, source in frame.items() if source is not None}
    sources = tuple((name, source) for name, source in points if source is not None)
    if len(told) < len(frame) or len(sources) < len(points):
        return None
    default = asdict(Frame())
    said = {n: s for n, s in told.items() if s.way is not None or s.constant != default[n]}
    return _Plan(False, said, sources, draft.carry, draft.at_bar, evaluated)


def _source(values: list[Any], numbers: list[list[str]]) -> _Source | None:
    if all(_same(a, b) for a, b in pairwise(values)):
        return _Source(constant=values[0])
    found = [
        _Source(index=index, way=way)
        for index in range(len(numbers[0]))
        for way in (seconds,) * (":" in numbers[0][index]) or _WAYS
        if all(_same(value, way(n[index])) for value, n in zip(values, numbers, strict=True))
    ]
    return found[0] if len(found) == 1 else None


def _same(a: Any, b: Any) -> bool:
    return type(a) is type(b) and repr(a) == repr(b)
