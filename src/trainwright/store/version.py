"""Whether anything has been committed: told for less than any query costs."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import Any

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from trainwright.spec.errors import TrainwrightError

_QUESTIONS = {
    # changes with the commits of all other connections, so it takes one that writes nothing
    "sqlite": "PRAGMA data_version",
    # which transactions are over: whoever commits one makes it another
    "postgresql": "SELECT pg_current_snapshot()::text",
}


class DataVersion:
    """A connection that only asks whether others have committed something.

    Args:
        engine: Of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Any = None
        self._cursor: Any = None
        self._opened = 0

    def read(self) -> Hashable | None:
        """A value that equals an earlier one only if nothing was committed between the two.

        None while that cannot be told. Another's lock is never waited for.
        """
        dialect = self._engine.dialect
        with self._lock:
            try:
                if self._cursor is None:
                    self._open()
                self._cursor.execute(_QUESTIONS[dialect.name])
                (found,) = self._cursor.fetchone()
            except (dialect.loaded_dbapi.Error, SQLAlchemyError, TrainwrightError):
                self._close()
                return None
        return self._opened, found

    def close(self) -> None:
        """Close the connection; the next `read` opens another one."""
        with self._lock:
            self._close()

    def _open(self) -> None:
        self._opened += 1  # each connection counts on its own
        self._connection = self._engine.raw_connection()
        self._connection.detach()
        self._cursor = self._connection.cursor()
        if self._engine.dialect.name == "sqlite":
            self._cursor.execute("PRAGMA busy_timeout=0")
        else:
            self._connection.dbapi_connection.autocommit = True

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._cursor = None
