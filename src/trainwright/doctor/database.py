"""Checks of the database: does it open, and is its schema the one this version needs."""

from __future__ import annotations

from collections.abc import Iterator

from trainwright.doctor.installation import missing_packages
from trainwright.doctor.registry import Finding, Fix, check, fail, ok, warn
from trainwright.settings import Settings
from trainwright.spec import TrainwrightError


@check("database", "Database")
def database(settings: Settings) -> Iterator[Finding]:
    """Does it open, and is its schema this version's?"""
    if missing_packages("server"):
        return  # `extras` has said so
    if settings.database_url is None and not settings.home.database.exists():
        yield ok("none yet (made when the platform first starts)")
        return
    from trainwright.store import Database  # noqa: PLC0415 (optional extra)
    from trainwright.store.migrations import HEAD, REVISIONS  # noqa: PLC0415

    try:
        store = Database(settings.database)
        current = store.current()
        store.dispose()
    except TrainwrightError as error:
        yield fail(error.message, mend=error.mend)
        return
    if current == HEAD:
        yield ok(f"{store.dialect}, schema {current}")
    elif current is None or current in REVISIONS:
        yield warn(
            f"the schema is at {current or 'nothing'}, and this version needs {HEAD}",
            mend="trainwright db upgrade",
            fix=Fix(f"move the schema to {HEAD}", store.upgrade),
        )
    else:
        yield fail(
            f"schema {current} was made by a newer version of Trainwright",
            mend="pip install --upgrade trainwright",
        )
