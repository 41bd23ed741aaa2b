"""The running platform of a home: found through `platform.json`, or started as a detached child."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil

from trainwright import process
from trainwright.files import storage_error
from trainwright.settings import Home, Settings
from trainwright.spec.errors import ConflictError, UnavailableError

START_TIMEOUT = 60.0
_STOP_TIMEOUT = 30.0
_OTHERS_TURN = 3.0

MARK = "TRAINWRIGHT_PLATFORM"
"""Every part of a platform carries its home in this environment variable; trainings do not."""


class PlatformRunningError(ConflictError):
    """Another platform holds this home."""

    code = "platform_running"


def read_platform(home: Home) -> dict[str, Any] | None:
    """The record of the running (or last killed) platform."""
    try:
        record = json.loads(home.platform.read_text())
    except (OSError, ValueError):
        return None
    if not _is_record(record):
        return None
    # a home that was copied brings along the record of another home's platform
    return record if record.get("home") in (None, process.real(home.path)) else None


def _is_record(record: Any) -> bool:
    if not isinstance(record, dict) or not isinstance(record.get("url"), str):
        return False
    children = record.get("children", {})
    named = [*children.values()] if isinstance(children, dict) else [None]
    return all(isinstance(one, dict) for one in [record.get("supervisor", {}), *named])


def is_healthy(url: str, timeout: float = 1.0) -> bool:
    """Whether an API answers there in time."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def supervisor_of(home: Home) -> psutil.Process | None:
    """The living supervisor of the platform that was started last on this home."""
    record = read_platform(home)
    return process.living(record.get("supervisor")) if record else None


def parts_left(home: Home) -> list[psutil.Process]:
    """Living parts of a platform of this home: in its record, or with its mark.

    A supervisor that was killed leaves them serving, and may have been too young to record them.
    """
    recorded = (read_platform(home) or {}).get("children", {}).values()
    found = {one.pid: one for one in map(process.living, recorded) if one is not None}
    found |= {one.pid: one for one in process.marked(MARK, process.real(home.path))}
    return list(found.values())


def end_platform(home: Home) -> bool:
    """End the platform of this home, and what a killed one left. Training goes on.

    Returns:
        Whether there was one.

    Raises:
        UnavailableError: It does not end.
    """
    supervisor = supervisor_of(home)
    if supervisor is not None:
        with contextlib.suppress(psutil.NoSuchProcess):
            supervisor.terminate()
            try:
                supervisor.wait(_STOP_TIMEOUT)
            except psutil.TimeoutExpired:
                supervisor.kill()  # its parts are ended below
    left = parts_left(home)
    if stubborn := process.end(left, patience=_STOP_TIMEOUT):
        pids = " ".join(str(one.pid) for one in stubborn)
        raise UnavailableError(f"processes {pids} do not end", mend=f"kill -9 {pids}")
    if left:
        home.platform.unlink(missing_ok=True)
    return supervisor is not None or bool(left)


@dataclass
class Platform:
    """A platform this process started (`owned`) or found running."""

    url: str
    pid: int
    owned: bool

    def stop(self) -> None:
        """Stop it, if this process started it; training goes on."""
        if not self.owned:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            supervisor = psutil.Process(self.pid)
            supervisor.terminate()
            with contextlib.suppress(psutil.TimeoutExpired):
                supervisor.wait(_STOP_TIMEOUT)


def find_platform(settings: Settings) -> Platform | None:
    """The platform that serves this home now, if any.

    One whose supervisor was killed still answers, but nobody would restart its parts: it counts as
    none, and the next start takes it over.
    """
    record = read_platform(settings.home)
    if record and process.living(record.get("supervisor")) and is_healthy(record["url"]):
        return Platform(record["url"], int(record["supervisor"]["pid"]), owned=False)
    return None


def start_platform(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> Platform:
    """Use the platform that runs on this home, or start one as a detached child.

    Args:
        settings: Where the home is.
        host: Address to listen on.
        port: 0 takes any free port.

    Raises:
        UnavailableError: It does not come up.
    """
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        if platform := find_platform(settings):
            return platform
        answer, pid = _start_supervisor(settings, host, port)
        if "url" in answer:
            return Platform(answer["url"], pid, owned=True)
        if answer.get("code") != PlatformRunningError.code:
            raise UnavailableError(
                answer.get("message", "the platform ended while starting"),
                expected=answer.get("expected"),
                mend=answer.get("mend", "trainwright doctor"),
            )
        # somebody else's starts (use it) or ends (try again) at this moment
        if platform := _await_platform(settings, _OTHERS_TURN):
            return platform
        if time.monotonic() > deadline:
            raise UnavailableError(
                "another platform holds this home but does not answer", mend="trainwright doctor"
            )


def _start_supervisor(settings: Settings, host: str, port: int) -> tuple[dict[str, Any], int]:
    """Start a detached supervisor. Returns its one answer, and its pid."""
    # opened before the child runs, so that a home that cannot be written is said at once
    try:
        settings.home.logs.mkdir(parents=True, exist_ok=True)
        log = (settings.home.logs / "supervisor.log").open("ab")
    except OSError as error:
        raise storage_error(settings.home.path, error) from error
    with log:
        child = subprocess.Popen(
            [sys.executable, "-m", "trainwright.server.supervisor", host, str(port)],
            env=os.environ | {"TRAINWRIGHT_HOME": str(settings.home.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    answer: dict[str, Any] = {}
    if child.stdout is not None:
        with child.stdout:
            answer = json.loads(child.stdout.readline() or "{}")
    return answer, child.pid


def _await_platform(settings: Settings, seconds: float) -> Platform | None:
    deadline = time.monotonic() + seconds
    while (platform := find_platform(settings)) is None and time.monotonic() < deadline:
        time.sleep(0.1)
    return platform
