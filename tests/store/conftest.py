"""Databases to test on: every test that takes `database` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwright.spec import new_id
from trainwright.store import Database
from trainwright.testing.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database without any table."""
    if dialect == "sqlite":
        yield f"sqlite:///{tmp_path}/trainwright.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = new_id("t")
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def database_url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database with the newest schema."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "trainwright.db")
        yield f"sqlite:///{tmp_path}/trainwright.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = new_id("t")
    yield server.create(name, template="trainwright_template")
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def sqlite_database(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "trainwright.db")
    database = Database(f"sqlite:///{tmp_path}/trainwright.db")
    yield database
    database.dispose()
