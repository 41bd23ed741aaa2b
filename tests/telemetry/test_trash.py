"""A deleted run can be had back whole, until its days are over."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from trainwright.settings import Home
from trainwright.spec import ConflictError, NotFoundError, RunStatus, StorageError
from trainwright.spec.events import Log, make_event, utc_now
from trainwright.store import Database
from trainwright.store.repositories import Deletions, RunQuery, Runs, Settings
from trainwright.telemetry import Deletion, Ingest, Trash
from trainwright.telemetry.trash import TRASH_DAYS

MakeRun = Callable[[Database], str]


def end(database: Database, home: Home, run_id: str) -> Path:
    """A run that has ended, with a file."""
    with database.session() as session:
        Runs(session).set_status(run_id, RunStatus.STOPPED)
    folder = home.runs / run_id
    folder.mkdir(parents=True)
    (folder / "model.pt").write_bytes(b"model")
    return folder


def listed(database: Database, *, trashed: bool = False) -> list[str]:
    with database.session(write=False) as session:
        return [run.id for run in Runs(session).list(RunQuery(trashed=trashed)).items]


def test_what_is_in_the_trash_is_hidden_and_comes_back_whole(
    database: Database, home: Home, run_id: str
) -> None:
    folder = end(database, home, run_id)
    trash = Trash(database, home)
    assert trash.put(run_id).deleted_at is not None
    assert (listed(database), listed(database, trashed=True)) == ([], [run_id])
    with database.session(write=False) as session:
        assert Runs(session).count_by_status() == {}
        assert Runs(session).resolve("last", trashed=True).id == run_id
        assert Runs(session).resolve(run_id[:8], trashed=None).id == run_id
        with pytest.raises(NotFoundError, match="in the trash") as told:
            Runs(session).resolve(run_id)
        assert told.value.mend == f"trainwright runs restore {run_id}"
    with pytest.raises(NotFoundError):
        trash.put(run_id)
    trash.restore(run_id)
    assert (listed(database), listed(database, trashed=True)) == ([run_id], [])
    assert (folder / "model.pt").read_bytes() == b"model"
    with pytest.raises(NotFoundError, match="in the trash"):
        trash.restore(run_id)


def test_an_active_run_is_refused(database: Database, home: Home, run_id: str) -> None:
    with pytest.raises(ConflictError):
        Trash(database, home).put(run_id)
    assert listed(database) == [run_id]


def test_an_agent_is_let_in_again_only_once_its_run_is_restored(
    database: Database, home: Home, run_id: str
) -> None:
    end(database, home, run_id)
    with database.session() as session:
        Runs(session).set_agent_token(run_id, "token")
    trash, ingest = Trash(database, home), Ingest(database, home)
    late = [make_event(run_id, 1, 1, Log(text="late\n", offset=0, size=5))]
    trash.put(run_id)
    with database.session(write=False) as session:
        assert not Runs(session).check_agent_token(run_id, "token")
    with pytest.raises(NotFoundError):
        ingest.apply(run_id, late)
    trash.restore(run_id)
    with database.session(write=False) as session:
        assert Runs(session).check_agent_token(run_id, "token")
    assert ingest.apply(run_id, late).applied


def test_only_what_is_old_is_emptied(
    database: Database, home: Home, run_id: str, make_run: MakeRun
) -> None:
    trash, kept = Trash(database, home), make_run(database)
    folders = {one: end(database, home, one) for one in (run_id, kept)}
    trash.put(run_id)
    now = utc_now()
    assert trash.empty(now + timedelta(days=6.9)) == []
    assert folders[run_id].exists()
    assert trash.empty(now + timedelta(days=7.1)) == [run_id]
    assert not folders[run_id].exists()
    assert folders[kept].exists()
    assert (listed(database), listed(database, trashed=True)) == ([kept], [])
    with pytest.raises(NotFoundError):
        trash.restore(run_id)


def test_the_days_are_a_setting_and_none_deletes_at_once(
    database: Database, home: Home, run_id: str, make_run: MakeRun
) -> None:
    trash, other = Trash(database, home), make_run(database)
    for one in (run_id, other):
        end(database, home, one)
    with database.session() as session:
        Settings(session).set(TRASH_DAYS, 30)
    trash.put(run_id)
    assert trash.empty(utc_now() + timedelta(days=29)) == []
    with database.session() as session:
        Settings(session).set(TRASH_DAYS, 0)
    assert trash.put(other).deleted_at is None
    assert not (home.runs / other).exists()
    assert trash.empty() == [run_id]


def test_a_run_that_cannot_be_removed_goes_back_to_where_it_was(
    sqlite: Database, home: Home, make_run: MakeRun
) -> None:
    run_id = make_run(sqlite)
    end(sqlite, home, run_id)
    trash = Trash(sqlite, home)
    trash.put(run_id)
    home.runs.rename(home.path / "moved")
    home.runs.write_text("no folder")
    with pytest.raises(StorageError):
        trash.put(run_id, now=True)
    assert trash.empty(utc_now() + timedelta(days=8)) == []
    assert listed(sqlite, trashed=True) == [run_id]


def test_what_is_on_its_way_out_is_in_no_list(database: Database, home: Home, run_id: str) -> None:
    end(database, home, run_id)
    Trash(database, home).put(run_id)
    with database.session() as session:
        assert Deletions(session).mark(run_id)
    assert (listed(database), listed(database, trashed=True)) == ([], [])
    with pytest.raises(NotFoundError):
        Trash(database, home).restore(run_id)
    Deletion(database, home).finish()
    assert not (home.runs / run_id).exists()


def test_an_older_schema_shows_what_is_in_the_trash_and_removes_what_is_on_its_way(
    database: Database, home: Home, run_id: str, make_run: MakeRun
) -> None:
    going = make_run(database)
    for one in (run_id, going):
        end(database, home, one)
        Trash(database, home).put(one)
    with database.session() as session:
        Deletions(session).mark(going)
    database.downgrade("0001")
    with database.session(write=False) as session:
        query = text("SELECT id FROM runs WHERE deleted_at IS NOT NULL")
        assert session.scalars(query).all() == [going]
    database.upgrade()
    with database.session(write=False) as session:
        assert Deletions(session).marked() == [going]
    assert listed(database) == [run_id]
