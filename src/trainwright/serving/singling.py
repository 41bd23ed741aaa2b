"""Finding out which of several inputs it was that spoiled the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
E = TypeVar("E", bound=Exception)


def each_alone(
    ask: Callable[[Sequence[T]], Sequence[R]], items: Sequence[T], faults: tuple[type[E], ...]
) -> Iterator[R | E]:
    """What `ask` answers to every item, in order, or the error that it alone brings about.

    Args:
        ask: Answers several items at once, or raises for all of them.
        items: What it is asked.
        faults: Errors that one item may bring upon all; others are raised.
    """
    try:
        found = ask(items)
    except faults as error:
        if len(items) == 1:
            yield error
            return
        middle = len(items) // 2
        yield from each_alone(ask, items[:middle], faults)
        yield from each_alone(ask, items[middle:], faults)
    else:
        yield from found
