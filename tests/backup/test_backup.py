"""What is backed up comes back as it was, or is refused."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from backup_rig import RESTORED, ROOM, Place, below, settings_of, write

from trainwright.backup import Part, create, restore
from trainwright.backup.manifest import MANIFEST
from trainwright.backup.sources import verify
from trainwright.job import lock
from trainwright.spec import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RunSpec,
    UnavailableError,
)
from trainwright.store import Database
from trainwright.store.models import Dataset
from trainwright.store.repositories import Runs, Users
from trainwright.testing.postgres import PostgresServer


@pytest.mark.parametrize("name", ["backup.tar.zst", "folder"])
def test_what_is_backed_up_comes_back(place: Place, tmp_path: Path, name: str) -> None:
    created = create(place.settings, tmp_path / "out" / name)
    assert created.manifest.runs == 4
    assert created.manifest.open_runs == sorted([place.runs["running"], place.runs["queued"]])
    assert stat.S_IMODE(created.path.stat().st_mode) & 0o077 == 0
    new = settings_of(tmp_path / "new")
    restored = restore(new, created.path)
    assert restored.ended == [place.runs["running"]]
    assert restored.aside is None
    assert place.statuses(new) == RESTORED
    found, home = below(new.home.path), new.home
    for was, run in place.runs.items():
        kept = {f"runs/{run}/{file}" for file in ("spec.yaml", "events.jsonl")}
        kept |= {f"runs/{run}/artifacts/model.bin", f"run-logs/{run}.log"}
        assert kept <= found
        assert (f"runs/{run}/checkpoints/2.pt" in found) is (was != "completed")
        assert f"runs/{run}/agent.json" not in found
        # nobody may take the processes of another home for this one's
        assert (f"runs/{run}/shim.json" in found) is (was in ("completed", "paused"))
    rest = {one for one in found if not one.startswith(("runs/", "run-logs/"))}
    assert rest == {"trainwright.db", "plugins/mine.py"}
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    times = {p.name: p.stat().st_mtime_ns for p in (home.runs / place.runs["paused"]).rglob("*.pt")}
    assert times == {"1.pt": 1, "2.pt": 2}
    assert [p.name for p in tmp_path.iterdir() if "unfinished" in p.name] == []


def test_parts_come_along_when_they_are_asked_for(place: Place, tmp_path: Path) -> None:
    created = create(place.settings, tmp_path / "all.tar.zst", list(Part))
    restore(new := settings_of(tmp_path / "new"), created.path)
    found = below(new.home.path)
    for wanted in ("token", "secrets.json", "uploads/d1/images/a.png", "datasets/digits/b.bin"):
        assert wanted in found
    assert f"runs/{place.runs['completed']}/checkpoints/1.pt" in found
    assert stat.S_IMODE(new.home.token.stat().st_mode) == 0o600
    assert created.manifest.left_out == {}


def test_paths_of_the_home_follow_it(place: Place, tmp_path: Path) -> None:
    created = create(place.settings, tmp_path / "b.tar.zst", [Part.DATASETS])
    restore(new := settings_of(tmp_path / "new"), created.path)
    images = str(new.home.uploads / "d1" / "images")
    database = Database(new.database)
    with database.session(write=False) as session:
        run = Runs(session).get(place.runs["paused"])
        assert (run.dataset, run.spec["dataset"]) == (images, images)
        assert session.query(Dataset).one().uri == images
    database.dispose()


def test_a_backup_is_made_while_rows_are_written(place: Place, tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, itertools\n"
            "from trainwright.store import Database\n"
            "from trainwright.spec import RunSpec\n"
            "from trainwright.store.repositories import Runs\n"
            "database = Database(sys.argv[1])\n"
            "for number in itertools.count():\n"
            "    with database.session() as session:\n"
            "        for _ in range(2):\n"  # always two together
            "            Runs(session).add(RunSpec(model='builtin/lenet5'))\n"
            "    print(number, flush=True)\n",
            place.settings.database,
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        counts = [create(place.settings, tmp_path / f"{n}.tar.zst").manifest.runs for n in range(3)]
    finally:
        writer.kill()
        writer.wait()
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts)


def test_a_home_with_something_in_it_is_refused_or_set_aside(place: Place, tmp_path: Path) -> None:
    created = create(place.settings, tmp_path / "b.tar.zst")
    before = below(place.path)
    with pytest.raises(ConflictError, match="something in"):
        restore(place.settings, created.path)
    assert below(place.path) == before
    restored = restore(place.settings, created.path, force=True)
    assert restored.aside is not None
    assert below(restored.aside) == before
    assert place.statuses(place.settings) == RESTORED


def test_what_only_looking_left_is_no_contents(place: Place, tmp_path: Path) -> None:
    created = create(place.settings, tmp_path / "b.tar.zst")
    new = settings_of(tmp_path / "new")
    write(new.home.logs / "supervisor.log", "")
    write(new.home.lock, "")
    assert restore(new, created.path).aside is None
    assert place.statuses(new) == RESTORED


def test_a_home_that_something_trains_in_is_left_alone(place: Place, tmp_path: Path) -> None:
    created = create(place.settings, tmp_path / "b.tar.zst")
    holder = lock.take(place.folder("running") / "agent.lock")
    assert holder is not None
    with pytest.raises(ConflictError, match="trains in"):
        restore(place.settings, created.path, force=True)
    os.close(holder)


def test_places_that_cannot_be(place: Place, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="lies in the home"):
        create(place.settings, place.path / "b.tar.zst")
    with pytest.raises(InvalidRequestError, match="no name"):
        create(place.settings, tmp_path / "b.tar.gz")
    (tmp_path / "there.tar.zst").touch()
    with pytest.raises(ConflictError):
        create(place.settings, tmp_path / "there.tar.zst")
    with pytest.raises(NotFoundError):
        create(settings_of(tmp_path / "none"), tmp_path / "b.tar.zst")
    with pytest.raises(NotFoundError):
        restore(settings_of(tmp_path / "new"), tmp_path / "none.tar.zst")
    with pytest.raises(InvalidRequestError, match="disk of its own"):
        restore(settings_of(Path("/")), tmp_path / "none.tar.zst")
    assert not (tmp_path / "new").exists()


def test_links_are_told_of_and_not_followed(place: Place, tmp_path: Path) -> None:
    write(tmp_path / "private", "private")
    (place.folder("completed") / "link").symlink_to(tmp_path / "private")
    (place.folder("completed") / "folder").symlink_to(tmp_path)
    # but a run may lie on another disk
    place.folder("paused").rename(tmp_path / "large")
    place.folder("paused").symlink_to(tmp_path / "large")
    created = create(place.settings, tmp_path / "b.tar.zst")
    left = {name.rpartition("/")[2] for name in created.manifest.left_out}
    assert {"link", "folder"} <= left
    restore(new := settings_of(tmp_path / "new"), created.path)
    assert (new.home.runs / place.runs["paused"] / "checkpoints" / "1.pt").is_file()
    assert not (new.home.runs / place.runs["completed"] / "link").exists()


def test_from_one_engine_to_the_other_and_back(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    created = create(place.settings, tmp_path / "b.tar.zst")
    url = postgres_server.create("restored")
    new = settings_of(tmp_path / "new", url)
    restore(new, created.path)
    assert not new.home.database.exists()
    assert place.statuses(new) == RESTORED
    database = Database(url)
    with database.session() as session:
        Runs(session).add(RunSpec(model="builtin/lenet5"))
    database.dispose()
    again = create(new, tmp_path / "again.tar.zst")
    assert again.manifest.runs == 5
    with pytest.raises(ConflictError, match="something in"):
        restore(new, created.path)
    with pytest.raises(ConflictError, match="in use"):
        restore(settings_of(tmp_path / "other", url), created.path)
    aside = restore(new, created.path, force=True).aside
    assert aside is not None
    assert (aside / "database.sqlite").is_file()
    restore(last := settings_of(tmp_path / "last"), again.path)
    assert place.statuses(last) == RESTORED
    postgres_server.drop("restored")


def test_an_older_schema_is_upgraded_and_a_newer_one_refused(place: Place, tmp_path: Path) -> None:
    database = Database(place.settings.database)
    database.downgrade("0001")
    created = create(place.settings, tmp_path / "old")
    assert created.manifest.schema_revision == "0001"
    restore(new := settings_of(tmp_path / "new"), created.path)
    assert place.statuses(new) == RESTORED
    database.dispose()
    manifest = json.loads((created.path / MANIFEST).read_text())
    write(created.path / MANIFEST, json.dumps(manifest | {"schema_revision": "9999"}))
    with pytest.raises(UnavailableError, match="9999"):
        restore(settings_of(tmp_path / "newer"), created.path)
    assert not (tmp_path / "newer").exists()


KILLED = (
    "import sys\n"
    "from pathlib import Path\n"
    "from trainwright.backup import create, restore\n"
    "from trainwright.settings import Settings\n"
    "settings = Settings(trainwright_home=sys.argv[2], database_url=None)\n"
    "print(flush=True)\n"
    "{'create': create, 'restore': restore}[sys.argv[1]](settings, Path(sys.argv[3]))\n"
)


def killed_after(seconds: float, what: str, home: Path, path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, what, str(home), str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)


def test_killed_at_any_moment_there_is_a_whole_or_nothing(place: Place, tmp_path: Path) -> None:
    for number in range(10):
        write(place.folder("completed") / "artifacts" / f"{number}.bin", os.urandom(500_000))
    whole = create(place.settings, tmp_path / "whole.tar.zst").path
    made = restored = 0
    for delay in (0.0, 0.1, 0.4):
        path, home = tmp_path / f"{delay}.tar.zst", tmp_path / f"home-{delay}"
        killed_after(delay, "create", place.path, path)
        if path.exists():
            verify(path, ROOM)
            made += 1
        killed_after(delay, "restore", home, whole)
        if home.exists():
            assert place.statuses(settings_of(home)) == RESTORED
            restored += 1
        else:
            restore(settings_of(home), whole)
    assert made < 3
    assert restored < 3
    assert list(tmp_path.glob(".home-*")) == []


def test_a_platform_goes_on_with_new_users(place: Place, tmp_path: Path) -> None:
    """What a restored database is asked first: the owner, and runs to carry on."""
    created = create(place.settings, tmp_path / "b.tar.zst")
    restore(new := settings_of(tmp_path / "new"), created.path)
    database = Database(new.database)
    with database.session() as session:
        assert [user.name for user in Users(session).list()] == ["ann"]
        waiting = [run.id for run in Runs(session).active()]
        assert waiting == [place.runs["queued"]]
        run = Runs(session).get(place.runs["running"])
        assert run.error is not None
        assert run.error["hint"] == f"trainwright runs resume {run.id}"
    database.dispose()
