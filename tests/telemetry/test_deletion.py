"""Deleting a run leaves nothing of it, whatever happens in the middle."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from trainwright.settings import Home
from trainwright.spec import ConflictError, NotFoundError, RunSpec, RunStatus, StorageError
from trainwright.spec.events import Log, MetricPoint, Metrics, make_event
from trainwright.spec.result import Artifact
from trainwright.store import Database
from trainwright.store.models import Base
from trainwright.store.objects import Bucket, LocalObjects, S3Objects
from trainwright.store.objects.errors import ObjectStoreUnreachableError
from trainwright.store.repositories import Artifacts, Deletions, Runs
from trainwright.telemetry import Deletion, Ingest
from trainwright.telemetry.deletion import remove_tree

NOBODY = 65534

MakeRun = Callable[[Database], str]


def fill(database: Database, home: Home, run_id: str, *, points: int = 10) -> None:
    """Something of everything a run leaves."""
    folder = home.runs / run_id / "checkpoints"
    folder.mkdir(parents=True)
    (folder / "last.pt").write_bytes(b"x" * 1000)
    measured = [MetricPoint(name=f"m{n % 3}", value=n, step=n) for n in range(points)]
    told = [Log(text="loss 1\n", offset=0, size=7), Metrics(points=measured)]
    Ingest(database, home).apply(
        run_id, [make_event(run_id, 1, n, d) for n, d in enumerate(told, 1)]
    )
    stored = LocalObjects(home.objects).put(f"runs/{run_id}/model.pt", b"model")
    kept = Artifact(name="model.pt", path="artifacts/model.pt", bytes=5, sha256=stored.sha256)
    with database.session() as session:
        Artifacts(session).put(run_id, [kept])
        Runs(session).set_status(run_id, RunStatus.STOPPED)


def files(home: Home) -> list[str]:
    roots = (home.runs, home.run_logs, home.objects)
    return [str(p) for root in roots for p in root.rglob("*") if p.is_file()]


def rows(database: Database) -> dict[str, int]:
    with database.session(write=False) as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


def test_nothing_is_left(database: Database, home: Home, run_id: str) -> None:
    fill(database, home, run_id)
    Deletion(database, home).delete(run_id)
    assert files(home) == []
    assert rows(database) == {}
    with pytest.raises(NotFoundError):
        Deletion(database, home).delete(run_id)


def test_other_runs_are_left_alone(
    database: Database, home: Home, run_id: str, make_run: MakeRun
) -> None:
    other = make_run(database)
    fill(database, home, other)
    kept = files(home), rows(database)
    fill(database, home, run_id)
    Deletion(database, home).delete(run_id)
    # all that is left is the other's, and the first run is gone from `runs` and `attempts`
    assert files(home) == kept[0]
    assert rows(database) == kept[1] | {"runs": 1, "attempts": 1, "events": kept[1]["events"] - 1}


def test_an_active_run_is_refused_whole(database: Database, home: Home, run_id: str) -> None:
    (home.runs / run_id).mkdir(parents=True)
    before = rows(database)
    with pytest.raises(ConflictError) as refused:
        Deletion(database, home).delete(run_id)
    assert refused.value.mend == f"trainwright runs stop {run_id}"
    assert (home.runs / run_id).is_dir()
    assert rows(database) == before


def test_its_agent_is_let_in_no_more(database: Database, home: Home, run_id: str) -> None:
    fill(database, home, run_id)
    with database.session() as session:
        Runs(session).set_agent_token(run_id, "token")
        Deletions(session).mark(run_id)
    with database.session(write=False) as session:
        assert not Runs(session).check_agent_token(run_id, "token")
    event = make_event(run_id, 1, 3, Log(text="late\n", offset=7, size=5))
    with pytest.raises(NotFoundError):
        Ingest(database, home).apply(run_id, [event])


def test_killed_at_any_moment_it_is_finished_later(home: Home, sqlite: Database) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from trainwright.settings import Home\n"
        "from trainwright.store import Database\n"
        "from trainwright.telemetry import Deletion\n"
        "home = Home(Path(sys.argv[1]))\n"
        "deletion = Deletion(Database(f'sqlite:///{home.database}'), home)\n"
        "print(flush=True)\n"
        "deletion.delete(sys.argv[2])\n"
    )
    for delay in (0.0, 0.01, 0.05, 0.15):
        with sqlite.session() as session:
            run_id = Runs(session).add(RunSpec(model="builtin/lenet5")).id
        fill(sqlite, home, run_id, points=60_000)
        with subprocess.Popen(
            [sys.executable, "-c", script, str(home.path), run_id], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        with sqlite.session(write=False) as session:
            begun = Deletions(session).marked()
        Deletion(sqlite, home).finish()
        if not begun and rows(sqlite):  # killed before it began: the run is whole
            assert len(files(home)) == 3
            Deletion(sqlite, home).delete(run_id)
        assert files(home) == []
        assert rows(sqlite) == {}


def test_folders_that_nobody_may_enter_or_change_go_too() -> None:
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place) / "run"
        for name in ("closed", "fixed"):
            (tree / name / "deep").mkdir(parents=True)
            (tree / name / "deep" / "file").touch()
        if os.geteuid() == 0:  # who may do anything: let somebody try who may not
            for path in (Path(place), tree, *tree.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        (tree / "closed").chmod(0)
        (tree / "fixed" / "deep").chmod(0o500)
        remove = multiprocessing.get_context("fork").Process(target=_remove, args=(tree,))
        remove.start()
        remove.join()
        assert remove.exitcode == 0
        assert not tree.exists()


def _remove(tree: Path) -> None:
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    remove_tree(tree)


def test_what_cannot_be_removed_leaves_the_run_to_be_deleted_again(
    sqlite: Database, home: Home, make_run: MakeRun
) -> None:
    run_id = make_run(sqlite)
    fill(sqlite, home, run_id)
    home.runs.rename(home.path / "moved")
    home.runs.write_text("no folder")
    with pytest.raises(StorageError):
        Deletion(sqlite, home).delete(run_id)
    with sqlite.session(write=False) as session:
        assert Runs(session).resolve(run_id).status is RunStatus.STOPPED
    home.runs.unlink()
    (home.path / "moved").rename(home.runs)
    Deletion(sqlite, home).delete(run_id)
    assert files(home) == []


def test_a_run_stays_as_long_as_its_objects_are_out_of_reach(
    sqlite: Database, home: Home, make_run: MakeRun, tmp_path: Path
) -> None:
    run_id = make_run(sqlite)
    fill(sqlite, home, run_id)
    nowhere = S3Objects(Bucket("models", endpoint="http://127.0.0.1:9", patience=0.5))
    with pytest.raises(ObjectStoreUnreachableError):
        Deletion(sqlite, home, nowhere).delete(run_id)
    elsewhere = LocalObjects(tmp_path / "elsewhere")
    for key in (f"runs/{run_id}/artifacts/model.pt", f"runs/{run_id}0/model.pt"):
        elsewhere.put(key, b"model")
    Deletion(sqlite, home, elsewhere).delete(run_id)
    assert list(elsewhere.list()) == [f"runs/{run_id}0/model.pt"]
    assert rows(sqlite).get("runs") is None


def test_one_deletion_that_cannot_be_finished_does_not_hold_up_the_others(
    sqlite: Database, home: Home, make_run: MakeRun
) -> None:
    stuck, other = make_run(sqlite), make_run(sqlite)
    for run_id in (stuck, other):
        fill(sqlite, home, run_id)
        with sqlite.session() as session:
            Deletions(session).mark(run_id)
    log = home.run_logs / f"{stuck}.log"
    log.unlink()
    log.mkdir()
    Deletion(sqlite, home).finish()
    with sqlite.session(write=False) as session:
        assert Deletions(session).marked() == [stuck]
    assert [p for p in files(home) if other in p] == []
    log.rmdir()
    Deletion(sqlite, home).finish()
    assert rows(sqlite) == {}


def test_of_a_linked_run_directory_the_link_goes(
    sqlite: Database, home: Home, make_run: MakeRun, tmp_path: Path
) -> None:
    run_id = make_run(sqlite)
    fill(sqlite, home, run_id)
    (home.runs / run_id).rename(tmp_path / "elsewhere")
    (home.runs / run_id).symlink_to(tmp_path / "elsewhere")
    Deletion(sqlite, home).delete(run_id)
    assert [*home.runs.iterdir()] == []
    assert (tmp_path / "elsewhere" / "checkpoints" / "last.pt").exists()
