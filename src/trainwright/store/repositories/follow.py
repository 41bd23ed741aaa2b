"""Marks with which a reader of curves asks on for what has come since."""

from __future__ import annotations

from collections.abc import Mapping

from trainwright.store.repositories.base import bad_cursor, decode_cursor, encode_cursor

MOST_SERIES = 200
"""A mark names each series, and goes into a URL."""


def follow_mark(places: Mapping[int, int], horizons: Mapping[int, int]) -> str | None:
    """A mark for what has been read: up to which place of each series, and what counted then."""
    if len(places) > MOST_SERIES:
        return None
    return encode_cursor([*places.items()], [*horizons.items()])


def read_follow(mark: str | None, horizons: Mapping[int, int]) -> tuple[dict[int, int], bool]:
    """From which place on each series is new; and whether all is, as other points count now.

    Raises:
        InvalidRequestError: The mark is none.
    """
    if mark is None:
        return {}, False
    places, counted = decode_cursor(mark, list, list)
    if not all(map(_is_pair, [*places, *counted])):
        raise bad_cursor()
    if dict(counted) != dict(horizons):
        return {}, True
    return dict(places), False


def _is_pair(said: object) -> bool:
    return (
        isinstance(said, list)
        and len(said) == 2
        and all(isinstance(n, int) and abs(n) < 1 << 63 for n in said)
    )
