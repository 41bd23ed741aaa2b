"""The API as a process: `trainwright serve --role api`."""

from __future__ import annotations

import logging
import socket

import uvicorn

from trainwright import logs
from trainwright.server.app import create_app
from trainwright.server.listener import BACKLOG, listen
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
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                # nobody stands in front unless told so; a client must not choose its own address
                proxy_headers=False,
                backlog=BACKLOG,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ws_max_size=64 * 1024,
                # deflating each message anew for each client costs more than it saves
                ws_per_message_deflate=False,
            )
        )
        server.run(sockets=[listener])
