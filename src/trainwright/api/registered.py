"""Datasets that were registered, looked up where no platform runs."""

from __future__ import annotations

from importlib.util import find_spec

from trainwright.settings import Settings
from trainwright.spec import TrainwrightError


def recorded_place(settings: Settings, id_or_name: str) -> str | None:
    """Where a registered dataset lies, read from the platform's records; None if it is not there.

    What keeps the records from being read is no answer here: the platform says it when it starts.
    """
    if not settings.database_url and not settings.home.database.exists():
        return None
    if find_spec("sqlalchemy") is None:
        return None  # the records are another machine's
    from trainwright.store import Database  # noqa: PLC0415 (slow to load)
    from trainwright.store.repositories import Datasets  # noqa: PLC0415 (as above)

    try:
        database = Database(settings.database)
        try:
            with database.session(write=False) as session:
                row = Datasets(session).find(id_or_name)
        finally:
            database.dispose()
    except TrainwrightError:
        return None
    return row.uri if row is not None else None
