"""What sentences may name on this platform: its registered datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainwright.store import Database
from trainwright.store.repositories import Datasets

if TYPE_CHECKING:
    from trainwright.intent import Known

_PAGE = 1000


def known_names(database: Database) -> Known:
    """Every registered dataset, as the reader of sentences knows it."""
    from trainwright.intent import Known, KnownDataset  # noqa: PLC0415 (only sentences need it)

    found, cursor, more = [], None, True
    with database.session(write=False) as session:
        while more:
            page = Datasets(session).list(limit=_PAGE, cursor=cursor)
            found += [KnownDataset(row.id, row.name, row.task) for row in page.items]
            cursor, more = page.next_cursor, page.next_cursor is not None
    return Known(tuple(found))
