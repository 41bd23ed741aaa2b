"""What every repository shares."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from trainwright.spec.errors import ConflictError, InvalidRequestError
from trainwright.store.models import Base

T = TypeVar("T")


class Repository:
    """Queries of one kind of row, within the caller's transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def dialect(self) -> str:
        return self.session.get_bind().dialect.name

    def insert_new(self, row: Base, taken: ConflictError) -> None:
        """Insert a row whose name must be nobody else's; `taken` is raised when it is.

        The database decides: two who look first both find the name free.
        """
        try:
            with self.session.begin_nested():
                self.session.add(row)
        except IntegrityError as error:
            if "unique" in str(error.orig).lower():
                raise taken from None
            raise

    def page_of(
        self,
        query: Select[T],
        order: tuple[InstrumentedAttribute[Any], InstrumentedAttribute[str]],
        limit: int,
        cursor: str | None,
    ) -> Page[T]:
        """A part of what a query finds, which begins where the part before ended.

        Args:
            query: Without an order.
            order: A column of text or of times, and the id, by which those of one name differ.
            limit: How many.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidRequestError: The cursor is not valid.
        """
        total = self.session.scalar(select(func.count()).select_from(query.subquery())) or 0
        if cursor:
            place, last = decode_cursor(cursor, str, str)
            is_time = order[0].type.python_type is datetime
            query = query.where(tuple_(*order) > (read_time(place) if is_time else place, last))
        rows = self.session.scalars(query.order_by(*order).limit(limit + 1)).all()
        more = None
        if len(rows) > limit:
            place, last = (getattr(rows[limit - 1], column.key) for column in order)
            more = encode_cursor(place.isoformat() if isinstance(place, datetime) else place, last)
        return Page([*rows[:limit]], more, total)


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list.

    Attributes:
        items: The rows, in the order asked for.
        next_cursor: Where the next page starts; `None` on the last.
        total: Rows on all pages together.
    """

    items: list[T]
    next_cursor: str | None
    total: int


def encode_cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type) -> list[Any]:
    """The parts of a cursor, each of its kind.

    Raises:
        InvalidRequestError: It was not made by `encode_cursor`, or by another list's.
    """
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        json.dumps(parts, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (binascii.Error, ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) != len(kinds):
        raise bad_cursor()
    if not all(map(isinstance, parts, kinds)):
        raise bad_cursor()
    return parts


def read_time(text: Any) -> datetime:
    """A time that a cursor holds.

    Raises:
        InvalidRequestError: It is none.
    """
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (OverflowError, TypeError, ValueError):
        raise bad_cursor() from None


def bad_cursor() -> InvalidRequestError:
    return InvalidRequestError(
        "the cursor is not valid", field="cursor", expected="`next_cursor` of the page before"
    )
