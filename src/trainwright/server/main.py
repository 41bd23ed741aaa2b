"""The API as a process: `trainwright serve --role api`."""

from __future__ import annotations

import logging
import socket

import uvicorn
from fastapi import FastAPI

from trainwright import logs
from trainwright.server.app import create_app
from trainwright.server.listener import BACKLOG, listen
from trainwright.server.wire import GuardedProtocol
from trainwright.settings import Settings

GRACE_SECONDS = 5


def run_api(
    settings: Settings, host: str = "127.0.0.1", port: int = 8000, fd: int | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; open requests then have a few seconds to end.

    Args:
        settings: Where the home is.
        host: Address to listen on.
        port: 0 takes any free port.
        fd: A listening socket that this process was given, to be used instead of a new one.

    Raises:
        UnavailableError: The port is taken, or the address is not this machine's.
        StorageError: The home cannot be written.
    """
    with listen(host, port) if fd is None else socket.socket(fileno=fd) as listener:
        app = create_app(settings, host=host)
        logs.configure("trainwright", "uvicorn")
        # every request is logged once, by our own middleware, with its id
        logging.getLogger("uvicorn.access").disabled = True
        logging.getLogger("uvicorn.error").addFilter(is_worth_telling)
        uvicorn.Server(server_config(app)).run(sockets=[listener])


def is_worth_telling(record: logging.LogRecord) -> bool:
    """Not what uvicorn says of every socket that was refused, though its client has the answer.

    https://github.com/Kludex/uvicorn/pull/3138
    """
    return record.msg != "ASGI callable returned without completing handshake."


def server_config(app: FastAPI, grace_seconds: int = GRACE_SECONDS) -> uvicorn.Config:
    """How an application is served, whoever it is that connects."""
    return uvicorn.Config(
        app,
        http=GuardedProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        # nobody stands in front unless told so; a client must not choose its own address
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=grace_seconds,
        ws_max_size=64 * 1024,
        # deflating each message anew for each client costs more than it saves
        ws_per_message_deflate=False,
    )
