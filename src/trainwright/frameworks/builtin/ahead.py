"""Making things in a thread before they are wanted."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def ahead(items: Iterable[T], count: int) -> Iterator[T]:
    """The same items in the same order, each made while those before it are used.

    Args:
        items: Gone through by a thread of its own; what it raises is raised here, in its place.
        count: How many may be ready and wait, at least 1.
    """
    ready: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(count)

    def make() -> None:
        try:
            for item in items:
                ready.put((item,))
        # raised where the item would have been used
        except BaseException as error:  # noqa: BLE001
            ready.put(error)
        else:
            ready.put(None)

    threading.Thread(target=make, name="ahead", daemon=True).start()
    while (made := ready.get()) is not None:
        if isinstance(made, BaseException):
            raise made
        yield made[0]
