"""Places in streams, and pages of lists that are whole in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from trainwright.spec.api import Page
from trainwright.spec.errors import InvalidRequestError

T = TypeVar("T")

Place = Annotated[int, Query(ge=0, le=2**63 - 1)]
"""A place in a stream or a file: what databases and files can count up to."""

Limit = Annotated[int, Query(ge=1, le=1000, description="Items a page.")]
Start = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before.")
]
WHOLE = 1000
"""The default limit of lists that are short nearly everywhere."""


def page_of(items: Sequence[T], limit: int, cursor: str | None) -> Page[T]:
    """The page that `cursor` (a place in the list) asks for.

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
