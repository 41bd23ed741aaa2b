from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from trainwright.cli.command import Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

_ROLES = ("admin", "user", "viewer")


@click.group(cls=Group)
def users() -> None:
    """People who may use this platform, and their tokens. Works on the database itself."""


@users.command("list")
def list_users(as_json: bool) -> None:
    """List people."""
    from trainwright.cli.output import print_json, show, table
    from trainwright.spec.api import UserView

    with _database() as session:
        from trainwright.store.repositories import Users

        found = [
            UserView(id=u.id, name=u.name, role=u.role.value, email=u.email)
            for u in Users(session).list()
        ]
    if as_json:
        print_json(found)
    else:
        show(
            table(
                ("name", "role", "email", "id"),
                ((u.name, u.role, u.email or "–", u.id) for u in found),
            )
        )


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), default="user", show_default=True)
@click.option("--email")
def add(name: str, role: str, email: str | None, as_json: bool) -> None:
    """Add a person, and print a token for them."""
    with _database() as session:
        from trainwright.store.models import Role
        from trainwright.store.repositories import Tokens, Users

        user = Users(session).add(name, role=Role(role), email=email)
        _, plain = Tokens(session).create(user.id, "first")
        _print_token(name, plain, as_json=as_json)


@users.command()
@click.argument("name")
@click.option("--label", default="command line", show_default=True, help="What it is for.")
def token(name: str, label: str, as_json: bool) -> None:
    """Print a new token for a person. It is shown once, and kept only as a hash."""
    from trainwright.spec import NotFoundError

    with _database() as session:
        from trainwright.store.repositories import Tokens, Users

        user = Users(session).find(name)
        if user is None:
            raise NotFoundError(f"there is no user {name!r}", mend="trainwright users list")
        _, plain = Tokens(session).create(user.id, label)
        _print_token(name, plain, as_json=as_json)


def _print_token(name: str, plain: str, *, as_json: bool) -> None:
    from trainwright.cli.output import print_json

    if as_json:
        print_json({"name": name, "token": plain})
    else:
        click.echo(f"token of {name} (shown only now): {plain}")


@contextlib.contextmanager
def _database() -> Iterator[Session]:
    """The database of this home. The store's own modules can be imported only inside."""
    from trainwright.cli.server_extra import require_server

    require_server()
    from trainwright.settings import load
    from trainwright.store import Database

    database = Database(load().database)
    try:
        database.upgrade()
        with database.session() as session:
            yield session
    finally:
        database.dispose()
