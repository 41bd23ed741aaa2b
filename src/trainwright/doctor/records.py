"""Checks of what the platform keeps: news nobody took, data that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trainwright.doctor.installation import missing_packages
from trainwright.doctor.registry import Finding, check, ok, warn
from trainwright.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@contextmanager
def records(settings: Settings) -> Iterator[Session | None]:
    """The database, to read; None where there is none yet, or not of this version."""
    from trainwright.store import Database  # noqa: PLC0415 (optional extra)
    from trainwright.store.migrations import HEAD  # noqa: PLC0415

    if settings.database_url is None and not settings.home.database.exists():
        yield None
        return
    database = Database(settings.database)
    try:
        if database.current() != HEAD:
            yield None  # `database` has said so
            return
        with database.session(write=False) as session:
            yield session
    finally:
        database.dispose()


@check("webhooks", "Webhooks")
def webhooks(settings: Settings) -> Iterator[Finding]:
    """Is there news that nobody took, and that was given up?"""
    if missing_packages("server"):
        return  # `extras` has said so
    from trainwright.store.repositories import Deliveries, Webhooks  # noqa: PLC0415
    from trainwright.store.repositories.webhooks import DEAD  # noqa: PLC0415

    with records(settings) as session:
        hooks = Webhooks(session).list() if session else []
        counts = Deliveries(session).counts() if session else {}
    if not hooks:
        yield ok("none")
        return
    dead = [(hook, counts[hook.id, DEAD]) for hook in hooks if counts.get((hook.id, DEAD))]
    for hook, count in dead:
        yield warn(
            f"{hook.id} did not take {count} deliver{'y' if count == 1 else 'ies'}, "
            "which are tried no more",
            mend=f"trainwright webhooks deliveries {hook.id} --status dead",
        )
    if not dead:
        yield ok("all news were taken, or still wait")


@check("datasets", "Datasets")
def datasets(settings: Settings) -> Iterator[Finding]:
    """Are the files of each still where they were?"""
    if missing_packages("server"):
        return  # `extras` has said so
    from trainwright.server.datasets import UPLOADED, is_missing  # noqa: PLC0415
    from trainwright.store.repositories import Datasets  # noqa: PLC0415

    with records(settings) as session:
        known = list(Datasets(session).all()) if session else []
    missing = [row for row in known if is_missing(row)]
    for row in missing:
        lost = "what was uploaded is lost; delete it and add its archive again"
        moved = f"{row.uri} is gone; bring the folder back, or delete it and add the new place"
        yield warn(
            f"{row.name} ({row.id}): {lost if UPLOADED in row.info else moved}",
            mend=f"trainwright datasets delete {row.id}",
        )
    if not missing:
        yield ok(f"the files of {len(known)} are there" if known else "none is registered")
