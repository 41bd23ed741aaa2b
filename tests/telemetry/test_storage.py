"""Every byte of a home is counted once, and quickly."""

import shlex
import time
from collections.abc import Callable
from pathlib import Path

from trainwright.settings import Home
from trainwright.spec import RunSpec, RunStatus
from trainwright.store import Database
from trainwright.store.repositories import Projects, Runs, Users
from trainwright.telemetry import Trash
from trainwright.telemetry.sizes import KnownSizes, folder_bytes, run_sizes
from trainwright.telemetry.storage import Storage

MakeRun = Callable[[Database], str]
FILES = {
    "checkpoints/last.pt": 1000,
    "checkpoints/deep/a.pt": 500,
    "artifacts/model.bin": 300,
    "stdout.log": 70,
    "events.jsonl": 30,
    "spec.yaml": 7,
    "plots/a.svg": 3,
}


def fill(home: Home, run_id: str, times: int = 1) -> None:
    for name, size in FILES.items():
        path = home.runs / run_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size * times)
    home.run_logs.mkdir(exist_ok=True)
    (home.run_logs / f"{run_id}.log").write_bytes(b"x" * 90 * times)


def end(database: Database, run_id: str, status: RunStatus = RunStatus.STOPPED) -> None:
    with database.session() as session:
        Runs(session).set_status(run_id, status)


def test_bytes_by_kind_run_and_project(database: Database, home: Home, make_run: MakeRun) -> None:
    small, large, gone = make_run(database), make_run(database), make_run(database)
    for number, run_id in enumerate((small, large, gone), 1):
        fill(home, run_id, number)
        end(database, run_id, RunStatus.FAILED if run_id == large else RunStatus.STOPPED)
    with database.session() as session:
        project = Projects(session).add("mine").id
        Runs(session).update_fields(large, project_id=project)
    Trash(database, home).put(gone)
    for folder, size in (
        (home.datasets, 11),
        (home.uploads, 13),
        (home.logs, 17),
        (home.plugins, 19),
    ):
        folder.mkdir()
        (folder / "x").write_bytes(b"x" * size)
    (home.runs / small / "link").symlink_to(home.datasets)
    report = Storage(database, home).report()
    kinds = dict(report.kinds)
    assert kinds.pop("database") > 1000
    caches = kinds.pop("caches")  # sizes that are known now
    assert 0 < caches < 2000
    assert kinds == {
        "checkpoints": 3 * 1500,
        "artifacts": 3 * 300,
        "logs": 3 * 190 + 17,
        "runs": 3 * 10,
        "trash": 3 * 2000,
        "datasets": 24,
        "other": 19,
    }
    assert report.bytes == sum(report.kinds.values())
    assert [(run.run_id, run.bytes, run.trashed) for run in report.runs] == [
        (gone, 6000, True),
        (large, 4000, False),
        (small, 2000, False),
    ]
    assert report.projects == {"": 8000, "mine": 4000}
    assert {one.command: one.bytes for one in report.freeable} == {
        "trainwright runs prune --trashed": 6000,
        "trainwright runs prune --status failed --now": 4000,
        f"rm -r {home.cache}  (while the platform is down)": caches,
    }
    assert 0 < report.disk_free_bytes <= report.disk_bytes


def test_a_cache_is_cleared_by_one_path_though_the_home_has_a_space(
    database: Database, tmp_path: Path
) -> None:
    home = Home(tmp_path / "Application Support" / "trainwright")
    home.cache.mkdir(parents=True)
    (home.cache / "sizes").write_bytes(b"x" * 50)
    (clear,) = [
        one.command
        for one in Storage(database, home).report().freeable
        if "rm" in one.command.split()
    ]
    assert shlex.split(clear)[:3] == ["rm", "-r", str(home.cache)]


def test_runs_are_those_of_the_asker(database: Database, home: Home) -> None:
    with database.session() as session:
        ann, bob = Users(session).add("ann").id, Users(session).add("bob").id
        mine = Runs(session).add(RunSpec(model="builtin/mlp"), owner_id=ann).id
        Runs(session).add(RunSpec(model="builtin/mlp"), owner_id=bob)
    report = Storage(database, home).report(ann)
    assert [run.run_id for run in report.runs] == [mine]


def test_what_is_known_is_measured_again_when_it_changed(home: Home) -> None:
    fill(home, "r1")
    folder = home.runs / "r1"

    def look() -> int:
        known = KnownSizes(home.cache)
        found = known.of(folder, ended=True).total
        known.keep(all_seen=True)
        return found

    assert look() == look() == 1910
    (folder / "checkpoints" / "last.pt").unlink()
    assert look() == 910
    (folder / "artifacts" / "more.bin").write_bytes(b"x" * 10)
    assert look() == 920
    (home.cache / "storage.json").write_text("{ damaged")
    assert look() == 920
    with (folder / "stdout.log").open("ab") as log:  # of a run under way, files grow in place
        log.write(b"x" * 5)
    assert KnownSizes(home.cache).of(folder, ended=False).total == 925


def test_what_is_gone_counts_nothing(tmp_path: Path) -> None:
    assert folder_bytes(tmp_path / "none") == 0
    assert run_sizes(tmp_path / "none").total == 0


def test_thousands_of_runs_take_no_time_the_second_time(sqlite: Database, home: Home) -> None:
    with sqlite.session() as session:
        runs = Runs(session)
        ids = [runs.add(RunSpec(model="builtin/mlp")).id for _ in range(300)]
        for run_id in ids:
            runs.set_status(run_id, RunStatus.STOPPED)
    for run_id in ids:
        folder = home.runs / run_id / "checkpoints" / "many"
        folder.mkdir(parents=True)
        for number in range(60):
            (folder / f"{number}").touch()
    storage, spent = Storage(sqlite, home), []
    for _ in range(2):
        began = time.perf_counter()
        storage.runs()
        spent.append(time.perf_counter() - began)
    assert spent[1] < spent[0] / 2
