"""The platform a command talks to, started for the command when none runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from trainwright.cli.output import console

if TYPE_CHECKING:
    from trainwright.api.session import Session
    from trainwright.client import Client


def open_platform(*, quiet: bool) -> Session:
    """The running platform, or one started for this command."""
    from trainwright.api.session import open_session

    err = console(stderr=True)
    if quiet or not err.is_terminal:
        return open_session()
    with err.status("reaching the platform…"):
        return open_session()


@contextlib.contextmanager
def platform(*, quiet: bool) -> Iterator[Client]:
    """A client; a platform started for it ends with the command, unless a run is active."""
    session = open_platform(quiet=quiet)
    url = session.client.url
    try:
        yield session.client
    finally:
        if session.close() and not quiet:
            say_it_stays(url)


def say_it_stays(url: str) -> None:
    import click

    from trainwright.cli.program import runnable

    click.echo(runnable(f"the platform stays at {url}; end it with: trainwright down"), err=True)
