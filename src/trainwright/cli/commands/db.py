from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trainwright.cli.arguments import confirm, yes_option
from trainwright.cli.command import Group

if TYPE_CHECKING:
    from trainwright.store import Database


@click.group(cls=Group)
def db() -> None:
    """The database. The platform upgrades its schema by itself when it starts."""


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
    place, held = database.url.render_as_string(), _held(database)
    confirm(f"All rows in {place} will be lost: {held}. Go on?", yes=yes)
    if before is not None:
        database.downgrade("base")
    database.upgrade()
    _say(database, before, as_json=as_json)


@db.command(
    examples=[
        "db copy postgresql://user:password@host/trainwright",
    ]
)
@click.argument("url")
@click.option("--from", "source", metavar="URL", help="Default: the database in use.")
def copy(url: str, source: str | None, as_json: bool) -> None:
    """Copy every row to the database at URL, SQLite or PostgreSQL, which has none yet.

    Both sides are read and compared, by rows and by a digest of what is in them.
    """
    from trainwright.cli.output import print_json, show, table

    old = _open(source)
    new = _open(url)
    from trainwright.store.transfer import copy_database

    copied = copy_database(old, new)
    for database in (old, new):
        database.dispose()
    if as_json:
        body = {name: {"rows": one.rows, "digest": one.digest} for name, one in copied.items()}
        print_json({"to": new.url.render_as_string(), "tables": body})
        return
    from trainwright.cli.program import runnable

    rows = ((name, one.rows, one.digest[:12]) for name, one in copied.items() if one.rows)
    show(table(("table", "rows", "digest"), rows, right="rows"))
    total = sum(one.rows for one in copied.values())
    click.echo(f"{total} rows copied to {new.url.render_as_string()}, and found the same there")
    click.echo(f"to use it: {runnable('export DATABASE_URL=<that URL>')}, then trainwright up")


def _held(database: Database) -> str:
    """What would be missed most."""
    from sqlalchemy import func, select

    from trainwright.api.panel.words import counted
    from trainwright.store.models import Dataset, Run, User

    if database.current() is None:
        return "there are none"
    kinds = (("run", Run.id), ("user", User.id), ("dataset", Dataset.id))
    with database.session(write=False) as session:
        numbers = [
            (session.scalar(select(func.count(column))) or 0, kind) for kind, column in kinds
        ]
    return ", ".join(counted(number, kind) for number, kind in numbers)


def _open(url: str | None = None) -> Database:
    """The database (or the one at `url`), which no platform may be using meanwhile.

    Raises:
        ConflictError: A platform runs on the home.
        InvalidRequestError: The URL is none.
    """
    from trainwright.cli.server_extra import require_server

    require_server()
    from sqlalchemy.exc import SQLAlchemyError

    from trainwright.platform import find_platform
    from trainwright.settings import load
    from trainwright.spec import ConflictError, InvalidRequestError
    from trainwright.store import Database

    settings = load()
    if found := find_platform(settings):
        raise ConflictError(f"a platform uses the database ({found.url})", mend="trainwright down")
    if url is None:
        return Database(settings.database)
    try:
        return Database(settings.model_copy(update={"database_url": url}).database)
    except SQLAlchemyError:
        raise InvalidRequestError(
            f"{url!r} is no database's URL",
            expected="sqlite:////a/file.db or postgresql://user:password@host/name",
        ) from None


def _say(database: Database, before: str | None, *, as_json: bool) -> None:
    from trainwright.cli.output import print_json

    after = database.current()
    database.dispose()
    if as_json:
        print_json({"before": before, "after": after})
    else:
        click.echo(f"schema {before or 'none'} → {after or 'none'}")
