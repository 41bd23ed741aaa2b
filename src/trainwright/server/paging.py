"""Places in streams, and pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from trainwright.spec.api import Page
from trainwright.spec.errors import InvalidRequestError
from trainwright.store import repositories

T = TypeVar("T")
R = TypeVar("R")

Place = Annotated[int, Query(ge=0, le=2**63 - 1)]
"""A place in a stream or a file: what databases and files can count up to."""

Limit = Annotated[int, Query(ge=1, le=1000, description="Items a page.")]
Start = Annotated[
    str | None, Query(max_length=4000, description="`next_cursor` of the page before.")
]
"""It may hold a name of 200 characters, each of them escaped."""
WHOLE = 1000
"""The default limit of lists that are short nearly everywhere."""


def page_view(page: repositories.Page[R], view: Callable[[R], T]) -> Page[T]:
    """A page of rows as it is shown."""
    return Page(
        items=[view(row) for row in page.items], next_cursor=page.next_cursor, total=page.total
    )


def page_of(items: Sequence[T], limit: int, cursor: str | None) -> Page[T]:
    """Of a list that is whole in memory, the page that `cursor` (a place in the list) asks for.

    Raises:
        InvalidRequestError: The cursor is not one of ours.
    """
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise InvalidRequestError(
            "the cursor is not valid", field="cursor", expected="`next_cursor` of the page before"
        )
    start = int(cursor or 0)
    end = start + limit
    more = str(end) if end < len(items) else None
    return Page(items=list(items[start:end]), next_cursor=more, total=len(items))
