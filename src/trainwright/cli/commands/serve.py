from __future__ import annotations

import click

from trainwright.cli.command import Command


@click.command(cls=Command)
@click.option("--role", type=click.Choice(["api", "worker"]), required=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the API.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--fd", type=int, hidden=True, help="A listening socket given by the supervisor.")
def serve(role: str, host: str, port: int, fd: int | None, as_json: bool) -> None:  # noqa: ARG001 (errors only)
    """Run one role of the platform in the foreground, for deployments that supervise it."""
    from trainwright.cli.server_extra import require_server

    require_server()
    from trainwright.settings import load

    if role == "api":
        from trainwright.server.main import run_api

        run_api(load(), host, port, fd)
    else:
        from trainwright.workflows.worker import run_worker

        run_worker(load())
