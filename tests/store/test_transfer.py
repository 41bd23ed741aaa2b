"""Rows go from one engine to the other and back, and are found to be the same."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from trainwright.spec import ConflictError, RunSpec, UnavailableError
from trainwright.store import Database
from trainwright.store.models import Base, MetricSeries, Run
from trainwright.store.repositories import Metrics, NewPoint, Runs, Settings, Users
from trainwright.store.transfer import (
    copy_database,
    copy_rows,
    snapshot,
    sums,
    write_portable,
)
from trainwright.testing.postgres import PostgresServer


def fill(database: Database) -> None:
    """Rows with everything in them that the engines keep each in its own way."""
    with database.session() as session:
        owner = Users(session).add("ann").id
        runs = Runs(session)
        ids = [runs.add(RunSpec(model="builtin/lenet5"), owner_id=owner).id for _ in range(3)]
        # a clone whose row may be read before the one it is a clone of
        for child, parent in ((ids[0], ids[2]), (ids[2], ids[1])):
            row = session.get(Run, child)
            assert row is not None
            row.parent_id = parent
        numbers = {"big": 1e22, "whole": 1.0, "small": 5e-324, "minus": -0.0, "text": "한글 ☃ 'x'"}
        runs.update_fields(ids[0], report=numbers | {"nested": [numbers, None, True]})
        values = [0.1, 1.0, float("nan"), float("inf"), -0.0, 1e300]
        points = [NewPoint("m", value, step, None, step) for step, value in enumerate(values)]
        Metrics(session).write(ids[1], 1, points)
        Settings(session).set("a", {"b": [1, 2.5]})
        Settings(session).set("none", None)


@pytest.fixture
def sqlite_file(tmp_path: Path, sqlite_template: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "rows.db")
    database = Database(f"sqlite:///{tmp_path / 'rows.db'}")
    yield database
    database.dispose()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> Iterator[Database]:
    database = Database(postgres_server.create("transfer"))  # without a table
    yield database
    database.dispose()
    postgres_server.drop("transfer")


def test_there_and_back_again(sqlite_file: Database, postgres: Database, tmp_path: Path) -> None:
    fill(sqlite_file)
    there = copy_database(sqlite_file, postgres)
    assert there["runs"].rows == 3
    assert there["metric_points"].rows == 6
    back = Database(f"sqlite:///{tmp_path / 'back.db'}")
    assert copy_database(postgres, back) == there
    with snapshot(sqlite_file) as old, snapshot(back) as new:
        assert sums(old) == sums(new) == there
    with back.session(write=False) as session:
        child = session.scalars(select(Run).where(Run.parent_id.is_not(None))).first()
        assert child is not None
    back.dispose()


def test_postgresql_counts_on(sqlite_file: Database, postgres: Database) -> None:
    fill(sqlite_file)
    copy_database(sqlite_file, postgres)
    with postgres.session() as session:
        run = Runs(session).add(RunSpec(model="builtin/lenet5"))
        Metrics(session).write(run.id, 1, [NewPoint("new", 1.0, 1, None, 1)])
        assert session.scalar(select(func.count()).select_from(MetricSeries)) == 2


@pytest.mark.parametrize("change", ["UPDATE runs SET name = 'x'", "DELETE FROM settings"])
def test_a_difference_is_seen(sqlite_file: Database, change: str) -> None:
    fill(sqlite_file)
    with snapshot(sqlite_file) as connection:
        before = sums(connection)
    with sqlite_file.session() as session:
        session.execute(text(change))
    with snapshot(sqlite_file) as connection:
        assert sums(connection) != before


def test_a_database_with_rows_is_not_written_to(
    sqlite_file: Database, postgres: Database, tmp_path: Path
) -> None:
    fill(sqlite_file)
    for other in (postgres, Database(f"sqlite:///{tmp_path / 'other.db'}")):
        other.upgrade()
        with other.session() as session:
            Users(session).add("bob")
        with pytest.raises(ConflictError) as refused:
            copy_database(sqlite_file, other)
        assert "db reset" in (refused.value.mend or "")
        with other.session(write=False) as session:
            assert [user.name for user in Users(session).list()] == ["bob"]
        copy_database(sqlite_file, other, replace=True)
        with other.session(write=False) as session:
            assert [user.name for user in Users(session).list()] == ["ann"]
        other.dispose()


def test_a_copy_that_breaks_off_leaves_no_row(sqlite_file: Database, postgres: Database) -> None:
    fill(sqlite_file)
    postgres.upgrade()
    with postgres.session() as session:  # the last table that is written refuses
        session.execute(text("ALTER TABLE settings ADD CONSTRAINT no CHECK (key <> 'none')"))
    with pytest.raises(Exception, match="settings"):
        copy_database(sqlite_file, postgres)
    with snapshot(postgres) as connection:
        assert not any(one.rows for one in sums(connection).values())


def test_what_is_written_meanwhile_is_not_in_a_snapshot(database: Database, tmp_path: Path) -> None:
    fill(database)
    target = Database(f"sqlite:///{tmp_path / 'snapshot.db'}")
    target.upgrade()
    with snapshot(database) as reading:
        assert reading.scalar(select(func.count()).select_from(Run)) == 3
        with database.session() as session:
            Runs(session).add(RunSpec(model="builtin/lenet5"))
        with target.engine.begin() as writing:
            assert copy_rows(reading, writing)["runs"].rows == 3
    target.dispose()


def test_a_portable_file_stands_alone(database: Database, tmp_path: Path) -> None:
    fill(database)
    path = tmp_path / "portable" / "rows.sqlite"
    path.parent.mkdir()
    write_portable(database, path)
    assert [file.name for file in path.parent.iterdir()] == ["rows.sqlite"]
    with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert set(Base.metadata.tables) <= names


def test_an_older_schema_is_refused(sqlite_file: Database, postgres: Database) -> None:
    sqlite_file.downgrade("0001")
    with pytest.raises(UnavailableError) as refused:
        copy_database(sqlite_file, postgres)
    assert refused.value.mend == "trainwright db upgrade"
