from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import confirm, yes_option
from trainwright.cli.command import Group

if TYPE_CHECKING:
    from trainwright.store import Database


@click.group(cls=Group)
def db() -> None:
    """The database's schema. The platform upgrades it by itself when it starts."""


@db.command()
def upgrade(as_json: bool) -> None:
    """Move the schema to the newest revision."""
    database = _open()
    before = database.current()
    database.upgrade()
    _say(database, before, as_json=as_json)


@db.command()
@click.argument("revision")
@yes_option
def downgrade(revision: str, yes: bool, as_json: bool) -> None:
    """Move the schema back to REVISION; `base` removes every table."""
    from trainwright.spec import InvalidRequestError
    from trainwright.store.migrations import REVISIONS

    known = ["base", *REVISIONS]
    if revision not in known:
        raise InvalidRequestError(
            f"there is no schema revision {revision!r}", expected=", ".join(known)
        )
    database = _open()
    before = database.current()
    confirm(
        f"Data that only newer schemas can hold is lost. Go from {before} to {revision}?", yes=yes
    )
    database.downgrade(revision)
    _say(database, before, as_json=as_json)


@db.command()
@yes_option
def reset(yes: bool, as_json: bool) -> None:
    """Delete every run, user and dataset record, and start with an empty database.

    Files of runs stay in the home.
    """
    database = _open()
    before = database.current()
    confirm(f"Every record in {database.url.render_as_string()} will be lost. Go on?", yes=yes)
    if before is not None:
        database.downgrade("base")
    database.upgrade()
    _say(database, before, as_json=as_json)


def _open() -> Database:
    """The database, which no platform may be using while its schema moves.

    Raises:
        ConflictError: A platform runs on the home.
    """
    from trainwright.cli.server_extra import require_server

    require_server()
    from trainwright.platform import find_platform
    from trainwright.settings import load
    from trainwright.spec import ConflictError
    from trainwright.store import Database

    settings = load()
    if found := find_platform(settings):
        raise ConflictError(f"a platform uses the database ({found.url})", mend="trainwright down")
    return Database(settings.database)


def _say(database: Database, before: str | None, *, as_json: bool) -> None:
    from trainwright.cli.output import print_json

    after = database.current()
    database.dispose()
    if as_json:
        print_json({"before": before, "after": after})
    else:
        click.echo(f"schema {before or 'none'} → {after or 'none'}")
