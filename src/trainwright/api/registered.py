"""Datasets that were registered, looked up on the running platform, or where none runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING

from trainwright.api.session import running_platform
from trainwright.settings import Settings, load
from trainwright.spec import TrainwrightError

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.intent import Known
    from trainwright.store.repositories import Datasets


_MOST = 10_000


def known_names() -> Known | None:
    """What a sentence may name besides the catalogue: the datasets registered on the platform.

    None is started to ask it: where none runs, its records are read. What keeps them from being
    read is no answer here: the platform says it when it starts. None if nothing can be asked.
    """
    from trainwright.intent import Known, KnownDataset  # noqa: PLC0415 (only sentences need it)

    found: list[tuple[str, str, str | None]] = []
    try:
        with running_platform() as client:
            if client is not None:
                found = _asked(client)
            else:
                with _records(load()) as stored:
                    rows = stored.list(limit=_MOST).items if stored else []
                    found = [(row.id, row.name, row.task) for row in rows]
    except TrainwrightError:
        return None
    return Known(tuple(KnownDataset(*one) for one in found))


def recorded_place(settings: Settings, id_or_name: str) -> str | None:
    """Where a registered dataset lies, read from the platform's records; None if it is not there.

    What keeps the records from being read is no answer here: the platform says it when it starts.
    """
    with suppress(TrainwrightError), _records(settings) as stored:
        row = stored.find(id_or_name) if stored else None
        return row.uri if row is not None else None
    return None


def _asked(client: Client) -> list[tuple[str, str, str | None]]:
    registered = (view for view in client.datasets() if view.source == "registered")
    return [(view.id, view.name, next(iter(view.tasks), None)) for view in registered]


@contextmanager
def _records(settings: Settings) -> Iterator[Datasets | None]:
    """The datasets in the platform's records; None where there are none, or not on this machine."""
    if not settings.database_url and not settings.home.database.exists():
        yield None
        return
    if find_spec("sqlalchemy") is None:
        yield None
        return
    from trainwright.store import Database  # noqa: PLC0415 (slow to load)
    from trainwright.store.repositories import Datasets  # noqa: PLC0415 (as above)

    database = Database(settings.database)
    try:
        with database.session(write=False) as session:
            yield Datasets(session)
    finally:
        database.dispose()
