"""The API as a process: `trainwright serve --role api`."""

from __future__ import annotations

import socket

import uvicorn

from trainwright.server import access_log
from trainwright.server.app import create_app
from trainwright.settings import Settings
from trainwright.spec.errors import UnavailableError

GRACE_SECONDS = 5
_BACKLOG = 2048


def run_api(settings: Settings, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until SIGINT or SIGTERM; open requests then have a few seconds to end.

    Raises:
        UnavailableError: The port is taken, or the address is not this machine's.
        StorageError: The home cannot be written.
    """
    with bind(host, port) as listener:
        app = create_app(settings, host=host)
        access_log.configure()
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                # nobody stands in front unless told so; a client must not choose its own address
                proxy_headers=False,
                backlog=_BACKLOG,
                timeout_graceful_shutdown=GRACE_SECONDS,
                ws_max_size=64 * 1024,
            )
        )
        server.run(sockets=[listener])


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        UnavailableError: The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named, as asyncio sets TCP_NODELAY only then: without, answers wait 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            field="port",
            expected="a free port",
            mend="trainwright up --port 0",
        ) from None
    return listener
