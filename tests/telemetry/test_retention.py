"""Of an ended run the best and the last checkpoints stay, and what is still of use."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from trainwright.job.records import read_record
from trainwright.settings import Home
from trainwright.spec import NotFoundError, RunSpec, RunStatus
from trainwright.spec.events import CheckpointSaved
from trainwright.spec.rundir import Kept, RunDir
from trainwright.store import Database
from trainwright.store.repositories import Attempts, Checkpoints, Runs, Settings
from trainwright.telemetry.retention import KEEP_CHECKPOINTS, Retention

S = RunStatus
ROAD = (S.VALIDATING, S.PREPARING, S.QUEUED, S.ALLOCATING, S.RUNNING)
ENDS = {S.COMPLETED: (S.COMPLETED,), S.PAUSED: (S.PAUSING, S.PAUSED), S.FAILED: (S.FAILED,)}
MakeRun = Callable[..., str]


@pytest.fixture
def made(database: Database, home: Home) -> MakeRun:
    def make(steps: Iterable[int], *, best: int = 0, end: S | None = S.COMPLETED) -> str:
        with database.session() as session:
            run_id = Runs(session).add(RunSpec(model="script/train.py")).id
        folder = home.runs / run_id / "checkpoints"
        folder.mkdir(parents=True)
        for step in steps:
            name = f"checkpoints/step-{step}"
            if step % 2:  # some are folders
                (folder / f"step-{step}").mkdir()
                (folder / f"step-{step}" / "model.pt").write_bytes(b"x" * 100)
            else:
                (folder / f"step-{step}").write_bytes(b"x" * 100)
            saved = CheckpointSaved(
                path=name, sha256=f"{step:064x}", size=100, step=step, is_best=step == best
            )
            with database.session() as session:
                Checkpoints(session).save(run_id, 1, saved)
        for status in (*ROAD, *ENDS.get(end, ())):
            with database.session() as session:
                Runs(session).set_status(run_id, status)
        return run_id

    return make


def there(home: Home, run_id: str) -> list[int]:
    folder = home.runs / run_id / "checkpoints"
    return sorted(int(path.name.removeprefix("step-")) for path in folder.iterdir())


def listed(database: Database, run_id: str) -> list[int | None]:
    with database.session(write=False) as session:
        return [row.step for row in Checkpoints(session).list(run_id)]


def test_the_best_and_the_last_three_stay(database: Database, home: Home, made: MakeRun) -> None:
    run_id = made(range(1, 9), best=2)
    retention = Retention(database, home)
    assert retention.candidates() == [run_id]
    assert [one.bytes for one in retention.excess(run_id)] == [100] * 4
    assert there(home, run_id) == list(range(1, 9))
    retention.apply_to_all()
    assert there(home, run_id) == listed(database, run_id) == [2, 6, 7, 8]
    assert retention.candidates() == [run_id]  # four files, but none too many
    assert retention.apply(run_id) == []


def test_files_of_one_step_are_one_checkpoint(
    database: Database, home: Home, made: MakeRun
) -> None:
    """The built-in trainer's `last.pt` is a second name of its last step, and of no other."""
    run_id = made(range(1, 7), best=2)
    for step, name, digest in ((6, "last.pt", "a"), (2, "best.safetensors", "b")):
        saved = CheckpointSaved(
            path=f"checkpoints/{name}", sha256=digest * 64, size=3, step=step, is_best=step == 2
        )
        with database.session() as session:
            Checkpoints(session).save(run_id, 1, saved)
    Retention(database, home).apply(run_id)
    assert there(home, run_id) == [2, 4, 5, 6]


def test_steps_that_were_given_up_are_no_last_ones(
    database: Database, home: Home, made: MakeRun
) -> None:
    run_id = made(range(1, 7), end=S.PAUSED)
    with database.session() as session:
        Runs(session).new_attempt(run_id, resumed_from="checkpoints/step-2")
        Attempts(session).starts_after(run_id, 2, 2)
        Runs(session).set_status(run_id, S.QUEUED)
        Runs(session).set_status(run_id, S.STOPPED)
    (home.runs / run_id / "checkpoints" / "step-1" / "model.pt").touch()
    Retention(database, home).apply(run_id)
    assert there(home, run_id) == [1, 2]


def test_a_run_under_way_is_left_alone(database: Database, home: Home, made: MakeRun) -> None:
    run_id = made(range(1, 9), end=None)
    retention = Retention(database, home)
    retention.apply_to_all()
    assert retention.apply(run_id) == []
    assert there(home, run_id) == list(range(1, 9))


def test_what_a_person_keeps_stays(database: Database, home: Home, made: MakeRun) -> None:
    run_id = made(range(1, 7), best=6)
    retention = Retention(database, home)
    told = RunDir(home.runs / run_id).kept
    retention.pin(run_id, 5, kept=True)
    assert [row.step for row in retention.pin(run_id, 1, kept=True)] == [1]
    assert read_record(told, Kept) == Kept(steps=[1, 5])
    retention.apply(run_id)
    assert there(home, run_id) == [1, 4, 5, 6]
    retention.pin(run_id, 1, kept=False)
    assert read_record(told, Kept) == Kept(steps=[5])
    retention.apply(run_id)
    assert there(home, run_id) == [4, 5, 6]
    with pytest.raises(NotFoundError):
        retention.pin(run_id, 1, kept=True)


def test_what_a_run_would_be_resumed_from_stays(
    database: Database, home: Home, made: MakeRun
) -> None:
    """A script goes on from the file that was changed last, whatever its step is."""
    retention = Retention(database, home)
    for end in (S.PAUSED, S.FAILED):
        run_id = made(range(1, 7), end=end)
        newest = home.runs / run_id / "checkpoints" / "step-1" / "model.pt"
        newest.write_bytes(b"y" * 100)
        retention.apply(run_id)
        assert there(home, run_id) == [1, 4, 5, 6]


def test_how_many_stay_is_a_setting(database: Database, home: Home, made: MakeRun) -> None:
    run_id = made(range(1, 7))
    retention = Retention(database, home)
    for keep, left in ((0, [1, 2, 3, 4, 5, 6]), (5, [2, 3, 4, 5, 6]), (1, [6])):
        with database.session() as session:
            Settings(session).set(KEEP_CHECKPOINTS, keep)
        retention.apply_to_all()
        assert there(home, run_id) == left


def test_files_outside_of_the_run_are_not_the_platforms(
    database: Database, home: Home, made: MakeRun, tmp_path: Path
) -> None:
    run_id = made(range(4, 8))
    mine = tmp_path / "mine.pt"
    mine.write_bytes(b"mine")
    for number, path in enumerate((str(mine), "../../mine.pt", ".", "checkpoints/link")):
        if path.endswith("link"):
            (home.runs / run_id / path).symlink_to(mine)
        saved = CheckpointSaved(path=path, sha256=f"{90 + number:064x}", size=4, step=number)
        with database.session() as session:
            Checkpoints(session).save(run_id, 1, saved)
    Retention(database, home).apply(run_id)
    assert mine.read_bytes() == b"mine"
    assert (home.runs / run_id / "checkpoints" / "step-7").exists()


def test_one_that_was_interrupted_is_gone_on_with(
    database: Database, home: Home, made: MakeRun
) -> None:
    run_id = made(range(1, 6))
    (home.runs / run_id / "checkpoints" / "step-2").unlink()  # killed before it was written down
    Retention(database, home).apply(run_id)
    assert there(home, run_id) == listed(database, run_id) == [3, 4, 5]


def test_a_folder_with_the_best_file_in_it_stays(
    database: Database, home: Home, made: MakeRun
) -> None:
    run_id = made(range(1, 7))
    saved = CheckpointSaved(
        path="checkpoints/step-1/model.pt", sha256=f"{99:064x}", size=100, step=1, is_best=True
    )
    with database.session() as session:
        Checkpoints(session).save(run_id, 1, saved)
    Retention(database, home).apply(run_id)
    assert there(home, run_id) == [1, 4, 5, 6]
