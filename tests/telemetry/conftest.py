"""A home with a run in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainwright.settings import Home
from trainwright.spec import RunSpec
from trainwright.store import Database
from trainwright.store.repositories import Runs
from trainwright.testing.postgres import PostgresServer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.path.mkdir()
    return home


@pytest.fixture
def sqlite(home: Home, sqlite_template: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, home.database)
    database = Database(f"sqlite:///{home.database}")
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    database = Database(server.create("telemetry", template="trainwright_template"))
    yield database
    database.dispose()
    server.drop("telemetry")


@pytest.fixture
def make_run() -> Callable[[Database], str]:
    def make(database: Database) -> str:
        with database.session() as session:
            return Runs(session).add(RunSpec(model="builtin/lenet5")).id

    return make


@pytest.fixture
def run_id(database: Database, make_run: Callable[[Database], str]) -> str:
    return make_run(database)
