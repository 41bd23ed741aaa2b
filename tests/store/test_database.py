"""Sessions, schema upgrades, and errors that name their mend."""

import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, StatementError

from trainwright.spec import RunSpec, StorageError, UnavailableError
from trainwright.store import Database, migrations
from trainwright.store.failures import explain
from trainwright.store.migrations.runner import differences
from trainwright.store.models import Base, Project, Run, User
from trainwright.store.repositories import Runs, Settings, Users

SPEC = RunSpec(model="builtin/lenet5")


def test_upgrade_makes_what_the_models_say(empty_url: str) -> None:
    database = Database(empty_url)
    assert database.current() is None
    database.upgrade()
    assert database.current() == migrations.HEAD
    with database.engine.connect() as connection:
        assert differences(connection) == []
    assert set(Base.metadata.tables) < set(inspect(database.engine).get_table_names())
    database.dispose()


def test_downgrade_removes_every_table_and_upgrade_brings_them_back(empty_url: str) -> None:
    database = Database(empty_url)
    database.upgrade()
    database.downgrade("base")
    assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    database.upgrade()
    with database.session() as session:
        Users(session).add("kim")
    database.dispose()


def test_upgrade_of_a_current_database_keeps_its_rows(database: Database) -> None:
    with database.session() as session:
        Users(session).add("kim")
    database.upgrade()
    with database.session(write=False) as session:
        assert Users(session).find("kim")


def test_head_is_what_alembic_finds() -> None:
    folder = str(Path(migrations.__file__).parent)
    revisions = [r.revision for r in ScriptDirectory(folder).walk_revisions()]
    assert tuple(reversed(revisions)) == migrations.REVISIONS


def test_a_current_database_costs_no_alembic_import(database_url: str) -> None:
    code = (
        "import sys; from trainwright.store import Database\n"
        f"Database({database_url!r}).upgrade()\n"
        "assert 'alembic' not in sys.modules and 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_two_processes_may_upgrade_at_once(empty_url: str) -> None:
    code = f"from trainwright.store import Database; Database({empty_url!r}).upgrade()"
    children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [child.wait(60) for child in children] == [0, 0]


def test_a_newer_schema_is_refused_with_its_mend(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnavailableError) as caught:
        database.upgrade()
    assert "newer version" in caught.value.message
    assert caught.value.mend == "pip install --upgrade trainwright"
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": "0001"})


def test_a_session_commits_at_its_end_and_rolls_back_on_an_error(database: Database) -> None:
    with database.session() as session:
        Users(session).add("kept")
    with pytest.raises(RuntimeError), database.session() as session:
        Users(session).add("lost")
        raise RuntimeError
    with database.session(write=False) as session:
        assert [u.name for u in Users(session).list()] == ["kept"]


def test_rows_stay_readable_after_their_session(database: Database) -> None:
    with database.session() as session:
        run = Runs(session).add(SPEC, tags=["a"])
    assert run.run_spec == SPEC
    assert run.tags == ["a"]


def test_a_reading_session_keeps_nothing(database: Database) -> None:
    with database.session(write=False) as session:
        session.add(Project(name="never"))
    with database.session(write=False) as session:
        assert session.query(Project).count() == 0


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    seen: list[int] = []

    def read() -> None:
        with database.session(write=False) as session:
            seen.append(Users(session).count())

    with database.session() as session:
        Users(session).add("unseen")
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(10)
        assert seen == [0]


def test_writers_that_read_first_never_deadlock(database: Database) -> None:
    with database.session() as session:
        run_id = Runs(session).add(SPEC).id

    def count_up() -> None:
        for _ in range(10):
            with database.session() as session:
                run = session.get_one(Run, run_id, with_for_update=True)
                run.priority += 1

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with database.session(write=False) as session:
        assert Runs(session).get(run_id).priority == 80


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(DBAPIError), database.session() as session:
        Runs(session).add(SPEC, owner_id="nobody")


def test_times_are_aware_and_utc(database: Database) -> None:
    seoul = timezone(timedelta(hours=9))
    at = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=seoul)
    with database.session() as session:
        session.add(User(name="kim", created_at=at))
    with database.session(write=False) as session:
        user = Users(session).find("kim")
        assert user is not None
        assert user.created_at == at
        assert user.created_at.tzinfo is UTC
    with pytest.raises(StatementError), database.session() as session:
        session.add(User(name="lee", created_at=datetime(2026, 3, 1)))
        session.flush()


@pytest.mark.parametrize(
    "value",
    [
        {"a": float("nan"), "b": [float("inf"), -float("inf")]},
        {"nul": "a\0b", "escaped": "a\\u0000b", "both": "\\\0"},
        {"한글": "🙂", "half": "\ud83d"},
        [1, None, True, {"deep": [[]]}],
    ],
)
def test_any_json_is_kept_on_both_databases(database: Database, value: object) -> None:
    with database.session() as session:
        Settings(session).set("key", value)
    with database.session(write=False) as session:
        kept = Settings(session).get("key")
    if isinstance(value, dict) and "a" in value:
        assert kept == {"a": "NaN", "b": ["Infinity", "-Infinity"]}
    elif isinstance(value, dict) and "nul" in value:
        assert kept == {"nul": "a�b", "escaped": "a\\u0000b", "both": "\\�"}
    elif isinstance(value, dict):
        assert kept == {"한글": "🙂", "half": "?"}
    else:
        assert kept == value


def test_a_changed_key_of_a_document_is_kept(database: Database) -> None:
    with database.session() as session:
        run_id = Runs(session).add(SPEC).id
    with database.session() as session:
        run = Runs(session).get(run_id)
        run.provenance["epochs"] = "user"
        run.tags.append("new")
    with database.session(write=False) as session:
        run = Runs(session).get(run_id)
        assert (run.provenance, run.tags) == ({"epochs": "user"}, ["new"])


class TestSqliteFaults:
    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        path = tmp_path / "trainwright.db"
        path.write_text("this is not a database, " * 100)
        with pytest.raises(StorageError) as caught:
            Database(f"sqlite:///{path}").upgrade()
        assert caught.value.mend
        assert path.read_text().startswith("this is not")

    def test_a_damaged_database(self, sqlite_template: Path, tmp_path: Path) -> None:
        raw = bytearray(sqlite_template.read_bytes())
        raw[4096:] = b"\xff" * (len(raw) - 4096)
        path = tmp_path / "trainwright.db"
        path.write_bytes(raw)
        database = Database(f"sqlite:///{path}")
        with pytest.raises(StorageError), database.session() as session:
            Runs(session).list()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
    def test_a_read_only_home(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        home.mkdir(mode=0o500)
        with pytest.raises(StorageError) as caught:
            Database(f"sqlite:///{home}/sub/trainwright.db").upgrade()
        assert "TRAINWRIGHT_HOME" in (caught.value.mend or "")

    def test_a_read_only_database(self, sqlite_template: Path) -> None:
        database = Database(f"sqlite:///file:{sqlite_template}?mode=ro&immutable=1&uri=true")
        with pytest.raises(StorageError) as caught, database.session() as session:
            Users(session).add("kim")
        assert "TRAINWRIGHT_HOME" in (caught.value.mend or "")

    def test_a_home_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(StorageError):
            Database(f"sqlite:///{tmp_path}/file/home/trainwright.db").upgrade()
        assert [p.name for p in tmp_path.iterdir()] == ["file"]

    def test_the_file_is_its_owners_only(self, tmp_path: Path) -> None:
        path = tmp_path / "home" / "trainwright.db"
        database = Database(f"sqlite:///{path}")
        assert not path.exists()
        database.upgrade()
        with database.session() as session:
            Users(session).add("kim")
            modes = {p.name: p.stat().st_mode & 0o777 for p in path.parent.iterdir()}
        assert set(modes.values()) == {0o600}

    def test_a_full_disk(self, sqlite_template: Path, tmp_path: Path) -> None:
        path = tmp_path / "trainwright.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = Database(f"sqlite:///{path}")
        with pytest.raises(StorageError) as caught, database.session() as session:
            session.execute(text("PRAGMA max_page_count=1"))
            for number in range(100):
                Runs(session).add(SPEC, notes=f"{number}" * 1000)
        assert caught.value.mend == "trainwright runs prune --status failed --now"

    def test_a_lock_that_is_never_let_go(self, sqlite_template: Path, tmp_path: Path) -> None:
        path = tmp_path / "trainwright.db"
        path.write_bytes(sqlite_template.read_bytes())
        other = sqlite3.connect(path, isolation_level=None)
        database = Database(f"sqlite:///{path}", busy_seconds=0.1)
        database.upgrade()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError) as caught, database.session() as session:
            Users(session).add("kim")
        assert "another process keeps the database locked" in caught.value.message
        assert "fuser" in (caught.value.mend or "")
        with database.session(write=False) as session:  # readers do not wait
            assert Users(session).list() == []
        other.close()


def test_a_server_that_is_not_there(tmp_path: Path) -> None:
    database = Database(f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    with pytest.raises(UnavailableError) as caught:
        database.upgrade()
    assert "DATABASE_URL" in (caught.value.mend or "")


@pytest.mark.parametrize(
    ("said", "code", "mend"),
    [
        ("database or disk is full", "disk_full", "runs prune"),
        ("disk I/O error", "storage", "doctor"),
        ("attempt to write a readonly database", "storage", "TRAINWRIGHT_HOME"),
        ("file is not a database", "storage", "restore a backup"),
    ],
)
def test_what_sqlite_says_comes_with_what_mends_it(said: str, code: str, mend: str) -> None:
    error = explain(sqlite3.OperationalError(said))
    assert error is not None
    assert error.code == code
    assert mend in (error.mend or "")
