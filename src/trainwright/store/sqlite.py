"""How SQLite is opened: write-ahead log, foreign keys, and transactions begun on purpose."""

from __future__ import annotations

from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-32768",
)


def configure_sqlite(engine: Engine) -> None:
    """Set up every connection of `engine`."""
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: SqliteConnection, _record: Any) -> None:
    # the driver would begin transactions by itself, and late: a reader that turns writer deadlocks
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _on_begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
