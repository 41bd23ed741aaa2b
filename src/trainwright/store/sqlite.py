"""How SQLite is opened: write-ahead log, foreign keys, and transactions begun on purpose."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, event
from sqlalchemy.engine import Engine

from trainwright.files import storage_error
from trainwright.spec.errors import StorageError
from trainwright.store.failures import explain

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32768",
)


def configure_sqlite(engine: Engine) -> None:
    """Set up every connection of `engine`."""
    event.listen(engine, "do_connect", _before_connect)
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def copy_online(source: Path, target: Path) -> None:
    """Copy a database that may be in use, as it is at one moment.

    Raises:
        StorageError: One of them is damaged, or cannot be read or written.
    """
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as made:
            reading.backup(made)
    except sqlite3.Error as error:
        raise explain(error) or error from error
    stand_alone(target)


def stand_alone(path: Path) -> None:
    """Bring all of a database that nobody uses into its one file."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise explain(error) or error from error


def check_sound(path: Path) -> None:
    """Raise `StorageError` where a database is damaged; all of it is read."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise explain(error) or error from error
    if found != "ok":
        raise StorageError(f"{path.name} is damaged: {found}", expected="another backup")


def _before_connect(
    _dialect: Dialect, _record: Any, arguments: list[Any], _options: dict[str, Any]
) -> None:
    """Make the file, for its owner only: it holds password and token hashes."""
    path = Path(arguments[0])
    if arguments[0].startswith((":", "file:")) or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise storage_error(path, error) from error


def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
    # the driver would begin transactions by itself, and late: a reader that turns writer deadlocks
    connection.isolation_level = None
    try:
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except sqlite3.Error as error:
        raise explain(error) or error from error


def _on_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
