"""All rows of one database in another, of the same engine or not, and the proof of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Integer, Table, exists, func, select, text

from trainwright.spec.errors import ConflictError, StorageError, UnavailableError
from trainwright.store.database import Database
from trainwright.store.migrations import HEAD
from trainwright.store.models import Base
from trainwright.store.sqlite import stand_alone

_PORTION = 5_000
_WRAP = 1 << 128
_RESET = "export DATABASE_URL=<that database>, then: trainwright db reset"


@dataclass(frozen=True)
class Sum:
    """What a table holds: how many rows, and a digest that no order of theirs changes."""

    rows: int
    digest: str


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A connection that sees the database as it is now, whatever is written meanwhile.

    Raises:
        UnavailableError: Its schema is not the newest one.
    """
    if (found := database.current()) != HEAD:
        raise UnavailableError(
            f"the database has schema {found or 'none'}",
            expected=f"schema {HEAD}",
            mend="trainwright db upgrade",
        )
    options: dict[str, Any] = {"stream_results": True, "yield_per": _PORTION}
    if database.dialect == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    else:
        options |= {"reading": True}
    with database.engine.connect().execution_options(**options) as connection:
        yield connection


def copy_database(source: Database, target: Database, *, replace: bool = False) -> dict[str, Sum]:
    """Copy every row of `source` into `target`, whole or not at all.

    Args:
        source: May be in use; what is written during the copy is not in it.
        target: Gets the newest schema; it may have no rows.
        replace: It may, and they go.

    Returns:
        What each table holds, found to be the same on both sides.

    Raises:
        ConflictError: The target has rows.
        UnavailableError: The source's schema is not the newest one, or one cannot be reached.
        StorageError: The target cannot be written, or does not hold what was written to it.
    """
    target.upgrade()
    with snapshot(source) as reading, target.engine.begin() as writing:
        if replace:
            for table in reversed(Base.metadata.sorted_tables):
                writing.execute(table.delete())
        check_empty(target, writing, mend=_RESET)
        copied = copy_rows(reading, writing)
        check_same(copied, sums(writing))
    return copied


def check_empty(database: Database, connection: Connection, *, mend: str) -> None:
    """Raise `ConflictError` where a table has rows; `mend` says what to do then."""
    for table in Base.metadata.sorted_tables:
        if connection.scalar(select(exists().select_from(table))):
            raise ConflictError(
                f"{database.url.render_as_string()} is in use: there are {table.name} in it",
                expected="a database without rows",
                mend=mend,
            )


def check_same(read: Mapping[str, Sum], written: Mapping[str, Sum]) -> None:
    """Raise `StorageError` where two databases differ."""
    if wrong := [name for name, was in read.items() if written.get(name) != was]:
        raise StorageError(
            f"the copy differs in {', '.join(wrong)}; nothing was kept of it",
            expected="the same rows on both sides",
        )


def copy_rows(source: Connection, target: Connection) -> dict[str, Sum]:
    """Insert all rows, those that others refer to first; what was read of each table."""
    found = {}
    for table in Base.metadata.sorted_tables:
        found[table.name] = _copy_table(source, target, table)
        _count_on(target, table)
    return found


def sums(connection: Connection) -> dict[str, Sum]:
    """What each table holds."""
    return {
        table.name: _summed(row for rows in _portions(connection, table) for row in rows)
        for table in Base.metadata.sorted_tables
    }


def write_portable(source: Database, path: Path) -> None:
    """Write a database as one SQLite file, which no other file belongs to.

    Args:
        source: May be in use.
        path: A file that is not there yet.

    Raises:
        UnavailableError: The schema is not the newest one, or the source cannot be reached.
        StorageError: The file cannot be written.
    """
    target = Database(f"sqlite:///{path}")
    try:
        copy_database(source, target)
    finally:
        target.dispose()
    stand_alone(path)


def _copy_table(source: Connection, target: Connection, table: Table) -> Sum:
    # rows of a table that refer to each other may come in any order
    own = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    total, rows_read = 0, 0
    later: list[dict[str, Any]] = []
    for rows in _portions(source, table):
        total = (total + sum(map(_digest, rows))) % _WRAP
        rows_read += len(rows)
        later += [row for row in rows if any(row[name] is not None for name in own)]
        first = [row | dict.fromkeys(own) for row in rows] if own else rows
        target.execute(table.insert(), first)
    kept = [*own, *(column.name for column in table.columns if column.onupdate is not None)]
    for row in later:
        matches = [column == row[column.name] for column in table.primary_key]
        target.execute(table.update().where(*matches).values({name: row[name] for name in kept}))
    return Sum(rows_read, f"{total:032x}")


def _portions(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = connection.execute(select(table)).mappings()
    while portion := [dict(row) for row in islice(rows, _PORTION)]:
        yield portion


def _count_on(target: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those that came with a number."""
    keys = [column for column in table.primary_key if isinstance(column.type, Integer)]
    if target.dialect.name != "postgresql" or len(table.primary_key) != 1 or not keys:
        return
    sequence = target.scalar(
        text("SELECT pg_get_serial_sequence(:table, :column)"),
        {"table": table.name, "column": keys[0].name},
    )
    last = target.scalar(select(func.max(keys[0])))
    if sequence is not None and last is not None:
        target.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})


def _summed(rows: Iterator[dict[str, Any]]) -> Sum:
    total, count = 0, 0
    for row in rows:
        total, count = (total + _digest(row)) % _WRAP, count + 1
    return Sum(count, f"{total:032x}")


def _digest(row: Mapping[str, Any]) -> int:
    plain = json.dumps({name: _plain(value) for name, value in row.items()}, sort_keys=True)
    return int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=16).digest())


def _plain(value: Any) -> Any:
    """A value in the one form that both engines agree on."""
    match value:
        case float() if value.is_integer():
            return int(value)  # JSONB writes 1e22 without its exponent, and knows no -0.0
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case datetime():
            return value.astimezone(UTC).isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
    return value
