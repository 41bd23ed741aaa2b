"""The platform a command talks to, started for the command when none runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trainwright.cli.output import console
from trainwright.cli.program import runnable

if TYPE_CHECKING:
    from trainwright.api.session import Session
    from trainwright.client import Client


def open_platform(*, quiet: bool) -> Session:
    """The running platform, or one started for this command."""
    from trainwright.api.session import open_session

    err = console(stderr=True)
    if quiet or not err.is_terminal:
        session = open_session()
    else:
        with err.status("reaching the platform…"):
            session = open_session()
    if session.warning:
        click.echo(runnable(f"warning: {session.warning}"), err=True)
    return session


@contextlib.contextmanager
def platform(*, quiet: bool, stays: bool = False) -> Iterator[Client]:
    """A client; a platform started for it ends with the command, unless a run is active.

    Args:
        quiet: Say nothing.
        stays: Let the platform run in any case: it has work to do.
    """
    session = open_platform(quiet=quiet)
    url = session.client.url
    try:
        yield session.client
    finally:
        if session.close(leave_running=stays) and not quiet:
            say_it_stays(url)


def folder_of(run_id: str) -> Path | None:
    """Where the files of a run are, unless its platform keeps them on another machine."""
    from trainwright.settings import load

    folder = load().home.runs / run_id
    return folder if folder.is_dir() else None


def say_it_stays(url: str) -> None:
    click.echo(runnable(f"the platform stays at {url}; end it with: trainwright down"), err=True)
