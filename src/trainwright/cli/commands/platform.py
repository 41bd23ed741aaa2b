"""`up`, `down` and `status`: the platform of the home."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import click

from trainwright.cli.command import Command

if TYPE_CHECKING:
    from trainwright.settings import Settings

_READY_TIMEOUT = 60.0


@click.command(
    cls=Command,
    examples=[
        "up --port 8001",
    ],
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
def up(host: str, port: int, as_json: bool) -> None:
    """Start the platform: worker, HTTP API and web app; says where, and how to sign in.

    Ctrl-C ends it; training goes on.
    """
    from trainwright.cli.server_extra import require_server

    require_server()
    from trainwright.server.supervisor import run_platform
    from trainwright.settings import load

    settings = load()
    threading.Thread(target=_announce, args=(settings, as_json), daemon=True).start()
    run_platform(settings, host, port)


def _announce(settings: Settings, as_json: bool) -> None:
    """Say where the platform is, once this process has brought it up."""
    import os

    from trainwright.cli.output import print_json
    from trainwright.cli.program import runnable
    from trainwright.cli.web_app import warn_if_not_built
    from trainwright.client import Client
    from trainwright.platform import find_platform

    deadline = time.monotonic() + _READY_TIMEOUT
    while time.monotonic() < deadline:
        found = find_platform(settings)
        if found is not None and found.pid == os.getpid():
            if not as_json:
                click.echo(f"Trainwright is at {found.url}, its API described at {found.url}/docs")
            with Client(home=settings.home) as client:
                link = client.sign_in_link()
            if as_json:
                print_json({"url": found.url, "pid": found.pid, "link": link})
            else:
                again = runnable("trainwright open")
                click.echo(f"sign in once, within ten minutes (again with: {again}):\n  {link}")
                warn_if_not_built(found.url)
                click.echo("Ctrl-C ends it; training goes on, and every run stays reachable")
            return
        time.sleep(0.1)


@click.command(cls=Command)
def down(as_json: bool) -> None:
    """Stop the platform of this home. Training goes on, and is picked up at the next start."""
    from trainwright.cli.output import print_json
    from trainwright.platform import end_platform
    from trainwright.settings import load

    stopped = end_platform(load().home)
    if as_json:
        print_json({"stopped": stopped})
    else:
        click.echo("the platform is stopped" if stopped else "no platform is running")


@click.command(cls=Command)
def status(as_json: bool) -> None:
    """Say whether the platform of this home runs, where, and what it does."""
    from trainwright.cli.output import print_json
    from trainwright.platform import find_platform, read_platform
    from trainwright.settings import load

    settings = load()
    found = find_platform(settings)
    body: dict[str, Any] = {"running": found is not None, "home": str(settings.home.path)}
    if found is not None:
        record = read_platform(settings.home) or {}
        children = {name: one["pid"] for name, one in record.get("children", {}).items()}
        body |= {
            "url": found.url,
            "pid": found.pid,
            "children": children,
            "started_at": record.get("started_at"),
            "active_runs": _active_runs(),
        }
    if as_json:
        print_json(body)
        return
    if found is None:
        from trainwright.cli.program import runnable

        start = runnable("trainwright up")
        click.echo(f"no platform runs on {settings.home.path}; start one with: {start}")
        return
    from trainwright.cli.output import show, table

    show(table(("", ""), ((name, _text(value)) for name, value in body.items())))


def _active_runs() -> list[dict[str, str]]:
    from trainwright.client import Client
    from trainwright.spec.status import ACTIVE

    with Client() as client:
        found = client.runs(status=list(ACTIVE))
        return [{"id": run.id, "name": run.name, "status": run.status.value} for run in found]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(f"{v['name']} ({v['status']})" for v in value) or "none"
    return str(value)
