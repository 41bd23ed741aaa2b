"""User regexes, checked before they meet a log."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.names import Kind, judge
from trainwright.job.parsers.numbers import to_float, whole
from trainwright.spec.errors import InvalidRequestError

MAX_PATTERN = 1_000
MAX_TEXT = 2_000
"""Characters of a line that user regexes see."""

_PLACES = frozenset({"name", "value", "step", "epoch"})


def compile_patterns(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    """Check and compile user regexes.

    Raises:
        InvalidRequestError: Naming the pattern and what is wrong with it.
    """
    return [_compile(pattern) for pattern in patterns]


def _compile(pattern: str) -> re.Pattern[str]:
    if len(pattern) > MAX_PATTERN:
        raise _fault(pattern, f"it is longer than {MAX_PATTERN} characters")
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise _fault(pattern, f"it is no regex: {error}") from None
    names = set(compiled.groupindex)
    if ("name" in names) != ("value" in names) or not names - {"step", "epoch"}:
        raise _fault(pattern, "it has no groups that give a metric")
    if _repeats_repeats(pattern):
        raise _fault(pattern, "it repeats a group that repeats or chooses, which can take for ever")
    return compiled


def _fault(pattern: str, why: str) -> InvalidRequestError:
    shown = pattern if len(pattern) <= 80 else pattern[:77] + "…"
    return InvalidRequestError(
        f"metric pattern {shown!r}: {why}",
        field="metric_patterns",
        expected="groups (?P<name>…) and (?P<value>…), or a group named as the metric",
    )


_PIECES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[^:)]{0,80}?[:=!>]|.", re.DOTALL)
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}")


def _repeats_repeats(pattern: str) -> bool:
    """An unbounded repeat around a group with an unbounded repeat or a choice in it."""
    stack = [False]
    at = 0
    while match := _PIECES.match(pattern, at):
        piece, at = match[0], match.end()
        if piece.startswith("("):
            stack.append(False)
        elif piece == ")" and len(stack) > 1:
            inner = stack.pop()
            repeated = _UNBOUNDED.match(pattern, at) is not None
            if inner and repeated:
                return True
            stack[-1] = stack[-1] or inner or repeated
        elif piece == "|" or _UNBOUNDED.match(pattern, at - len(piece)):
            stack[-1] = True
    return False


def match_patterns(patterns: Sequence[re.Pattern[str]], text: str) -> Draft | None:
    """What user regexes find on a line; names they know become standard, others stay."""
    draft = Draft()
    for pattern in patterns:
        for match in pattern.finditer(text[:MAX_TEXT]):
            groups = {k: v for k, v in match.groupdict().items() if v is not None}
            if "name" in groups and "value" in groups:
                _add(draft, groups["name"], groups["value"])
            for name, value in groups.items():
                if name not in _PLACES:
                    _add(draft, name, value)
            if (step := whole(to_float(groups.get("step", "")))) is not None:
                draft.frame.step = step
            if (epoch := to_float(groups.get("epoch", ""))) is not None:
                draft.frame.epoch = epoch
    return draft if draft.points else None


def _add(draft: Draft, raw: str, printed: str) -> None:
    value = to_float(printed)
    if value is not None and raw.strip():
        draft.points.setdefault(standard_name(raw), value)


def standard_name(raw: str) -> str:
    """The contracts' name for one that a person chose: known words mapped, others as they are."""
    name = judge(raw)
    if name.kind in (Kind.STRONG, Kind.WEAK):
        return name.under(None)
    return raw.strip()[:200]
