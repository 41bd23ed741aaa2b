"""A platform to talk to: the running one, or one started for this program.

A platform this program started is stopped when the program ends, unless a run is active: training
is detached and would go on without it, but its events would wait in their spool and its end would
not be recorded until a platform runs again. So it then stays, and `trainwright down` ends it.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from trainwright import __version__
from trainwright.client import Client
from trainwright.doctor.installation import missing_packages
from trainwright.platform import Platform, find_platform, start_platform
from trainwright.settings import Settings, load
from trainwright.spec import (
    InvalidRequestError,
    MissingDependencyError,
    TrainwrightError,
)
from trainwright.spec.status import ACTIVE


@dataclass
class Session:
    """A client, and the platform behind it when this program started it.

    Attributes:
        warning: What a person should know of the platform, such as that it is of another version.
        closed: Whether it has been let go of.
    """

    client: Client
    platform: Platform | None = None
    warning: str | None = None
    closed: bool = False

    @property
    def owns_platform(self) -> bool:
        return self.platform is not None and self.platform.owned

    def is_busy(self) -> bool:
        """Whether any run of the platform has not ended."""
        return any(self.client.runs_page(limit=1, status=list(ACTIVE)).items)

    def close(self, *, leave_running: bool = False) -> bool:
        """Let go of the platform; stop it if this program started it and no run is active.

        Returns:
            Whether a platform that this program started stays.
        """
        if self.closed:
            return False
        stays, self.closed = False, True
        if self.platform is not None and self.owns_platform:
            with contextlib.suppress(TrainwrightError):
                stays = leave_running or self.is_busy()
            if not stays:
                self.platform.stop()
        self.client.close()
        return stays

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_session(url: str | None = None, token: str | None = None) -> Session:
    """Connect to `url`, else to `TRAINWRIGHT_URL`, else to the home's platform, started if need be.

    Raises:
        UnavailableError: The platform does not answer, or cannot be started.
        MissingDependencyError: None runs, and the server is not installed.
    """
    settings = load()
    if url or settings.trainwright_url:
        client = named_platform(settings, url, token)
        return Session(client, warning=_of_another_version(client))
    platform = find_platform(settings)
    if platform is None:
        if missing := missing_packages("server"):
            raise MissingDependencyError(
                f"no platform is running, and one cannot be started here without {missing[0]}",
                mend="pip install 'trainwright[server]'",
            )
        platform = start_platform(settings)
    client = Client(platform.url, token, settings.home)
    return Session(client, platform, None if platform.owned else _of_another_version(client))


def named_platform(settings: Settings, url: str | None = None, token: str | None = None) -> Client:
    """A client of the platform at `url`, or at the one the environment names, with its token."""
    if url is None:
        url, token = settings.trainwright_url, token or settings.trainwright_token
    if urlsplit(url or "").scheme not in ("http", "https"):
        raise InvalidRequestError(
            f"{url!r} is not the address of a platform", expected="such as http://127.0.0.1:8000"
        )
    return Client(url, token)


def _of_another_version(client: Client) -> str | None:
    running = client.health().version
    if running == __version__:
        return None
    return (
        f"the platform at {client.url} is version {running}, and this is {__version__}: "
        "end it with: trainwright down; training goes on, and the next command starts the new one"
    )


_sessions: list[Session] = []
_opening = threading.Lock()
"""Threads that need a session at the same moment shall share it."""


def current() -> Session:
    """This program's session, opened on first use and closed when the program ends."""
    with _opening:
        return _newest() or remember(open_session())


def _newest() -> Session | None:
    return next((s for s in reversed(_sessions) if not s.closed), None)


def remember(session: Session) -> Session:
    """Make `session` the current one; runs of the one before go on using theirs."""
    if not _sessions:
        atexit.register(_close_all)
    _sessions.append(session)
    if session.warning:
        warnings.warn(session.warning, stacklevel=3)
    return session


def _close_all() -> None:
    while _sessions:
        _sessions.pop().close()


@contextlib.contextmanager
def running_platform() -> Iterator[Client | None]:
    """A client of the platform in use; none when one would have to be started first."""
    if session := _newest():
        yield session.client
        return
    settings = load()
    if settings.trainwright_url:
        with named_platform(settings) as client:
            yield client
    elif platform := find_platform(settings):
        with Client(platform.url, home=settings.home) as client:
            yield client
    else:
        yield None
