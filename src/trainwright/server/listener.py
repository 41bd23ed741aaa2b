"""The socket that the API listens on."""

from __future__ import annotations

import errno
import os
import socket

from trainwright.spec.errors import UnavailableError

BACKLOG = 2048


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free.

    Raises:
        UnavailableError: The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # the protocol is named, as asyncio sets TCP_NODELAY only then: without, answers wait 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _refused(host, port, error) from None
    return listener


def _refused(host: str, port: int, error: OSError) -> UnavailableError:
    if error.errno == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return UnavailableError(
            f"cannot listen on {host}: it is no address of this machine",
            field="host",
            expected="an address of this machine, or 0.0.0.0 for all of them",
            mend="trainwright up --host 127.0.0.1",
        )
    why = os.strerror(error.errno or 0)
    if error.errno == errno.EADDRINUSE:
        why = f"port {port} is taken by another program"
    return UnavailableError(
        f"cannot listen on {host}:{port}: {why}",
        field="port",
        expected="a free port",
        mend="trainwright up --port 0",
    )
