"""Which checkpoint a run goes on from, and what is said of one that will not do."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from trainwright import catalog
from trainwright.settings import Home, Settings
from trainwright.spec import ConflictError, NotFoundError, RunStatus, TrainwrightError
from trainwright.spec.events import CheckpointSaved
from trainwright.spec.rundir import RunDir
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.repositories import Attempts, Checkpoints, Runs
from trainwright.testing.stores_runs import TO_RUNNING, move
from trainwright.workflows.resuming import bring_from_parent, starting_point
from trainwright.workflows.service import RunService

STEPS = (10, 20, 30)


class Desk:
    """A run of the built-in trainer, with checkpoints as it leaves them."""

    def __init__(self, database: Database, home: Home) -> None:
        self.database, self.home = database, home
        self.service = RunService(database, home)
        done = catalog.complete({"model": "builtin/lenet5", "dataset": "digits"})
        self.id = self.service.create(done.spec, owner_id=None, provenance=done.provenance).id
        for step in STEPS:
            self.save(f"step-{step}.pt", step)
            self.save("last.pt", step)
        self.save("best.safetensors", 20, is_best=True)
        self.to(*TO_RUNNING)

    @property
    def directory(self) -> RunDir:
        return RunDir(self.home.runs / self.id)

    def run(self) -> Run:
        with self.database.session(write=False) as session:
            return Runs(session).get(self.id)

    def to(self, *statuses: RunStatus) -> None:
        move(self.database, self.id, *statuses)

    def save(self, name: str, step: int, *, is_best: bool = False, attempt: int = 1) -> None:
        content = f"{name} of step {step} of attempt {attempt}".encode()
        self.directory.checkpoints.mkdir(parents=True, exist_ok=True)
        (self.directory.checkpoints / name).write_bytes(content)
        saved = CheckpointSaved(
            path=f"checkpoints/{name}",
            step=step,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            is_best=is_best,
        )
        with self.database.session() as session:
            Checkpoints(session).save(self.id, attempt, saved)

    def goes_on_after(self, step: int) -> None:
        with self.database.session() as session:
            Attempts(session).starts_after(self.id, self.run().attempt, step)

    def starts_from(self) -> str | None:
        return starting_point(self.database, self.run(), self.directory)

    def refusal(self, wanted: str | int) -> TrainwrightError:
        with pytest.raises(TrainwrightError) as caught:
            self.service.resume(self.id, wanted)
        assert self.run().attempt == 1
        assert caught.value.mend
        return caught.value


@pytest.fixture
def desk(database: Database, home_path: Path) -> Desk:
    return Desk(database, Settings(trainwright_home=home_path).home)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        (10, "checkpoints/step-10.pt"),
        ("20", "checkpoints/step-20.pt"),
        # two files are of this step: the one that is never written over
        (30, "checkpoints/step-30.pt"),
        # its weights alone are not enough, the state of the same step is
        ("best", "checkpoints/step-20.pt"),
        ("step-10", "checkpoints/step-10.pt"),
        ("step-10.pt", "checkpoints/step-10.pt"),
        ("checkpoints/step-10.pt", "checkpoints/step-10.pt"),
        ("last.pt", "checkpoints/last.pt"),
    ],
)
def test_a_checkpoint_is_named_as_people_name_it(desk: Desk, wanted: str | int, path: str) -> None:
    desk.to(RunStatus.STOPPED)
    again = desk.service.resume(desk.id, wanted)
    assert (again.attempt, again.status_reason) == (2, f"resumed from {path}")
    assert desk.starts_from() == path


def test_one_that_is_not_known_is_refused_with_those_that_are(desk: Desk) -> None:
    desk.to(RunStatus.STOPPED)
    error = desk.refusal("step-40")
    assert isinstance(error, NotFoundError)
    assert error.expected == "step 10, step 20, step 30"
    assert error.mend == f"trainwright runs resume {desk.id} --from 30"


def test_one_that_is_gone_is_refused(desk: Desk) -> None:
    desk.to(RunStatus.STOPPED)
    (desk.directory.checkpoints / "step-10.pt").unlink()
    error = desk.refusal(10)
    assert isinstance(error, NotFoundError) and "gone" in error.message
    with desk.database.session() as session:
        (row,) = [r for r in Checkpoints(session).list(desk.id) if r.path.endswith("step-20.pt")]
        Checkpoints(session).forget(row.id)  # as retention does
    assert "gone" in desk.refusal("step-20.pt").message


@pytest.mark.parametrize("content", [b"", b"torn", b"step-10.pt of step 10 of attempt 2"])
def test_one_that_is_damaged_is_refused(desk: Desk, content: bytes) -> None:
    desk.to(RunStatus.STOPPED)
    (desk.directory.checkpoints / "step-10.pt").write_bytes(content)
    error = desk.refusal("step-10.pt")
    assert "damaged" in error.message or "gone" in error.message


def test_weights_alone_are_refused(desk: Desk) -> None:
    desk.to(RunStatus.STOPPED)
    assert "does not hold all" in desk.refusal("best.safetensors").message


@pytest.mark.parametrize("status", [RunStatus.COMPLETED, RunStatus.RUNNING])
def test_a_run_that_cannot_go_on_says_how_to_clone_it(desk: Desk, status: RunStatus) -> None:
    if status is not RunStatus.RUNNING:
        desk.to(status)
    error = desk.refusal(20)
    assert isinstance(error, ConflictError)
    chosen = " --from 20" if status is RunStatus.COMPLETED else ""
    assert error.mend == f"trainwright runs clone {desk.id}{chosen}"


def test_a_choice_outlives_an_attempt_that_never_saved(desk: Desk) -> None:
    desk.to(RunStatus.STOPPED)
    desk.service.resume(desk.id, 10)
    # ended before it began, again and again: what lies ahead in the folder stays given up
    for _ in range(2):
        desk.to(RunStatus.STOPPED)
        desk.service.resume(desk.id)
        assert desk.starts_from() == "checkpoints/step-10.pt"
    desk.save("last.pt", 13, attempt=4)
    desk.to(RunStatus.STOPPED)
    (desk.directory.checkpoints / "last.pt").write_bytes(b"torn")
    desk.service.resume(desk.id)
    assert desk.starts_from() is None  # no file of these is a whole one of the trainer's


def test_a_choice_that_vanishes_before_the_start_is_said(desk: Desk) -> None:
    desk.to(RunStatus.STOPPED)
    desk.service.resume(desk.id, 10)
    (desk.directory.checkpoints / "step-10.pt").unlink()
    with pytest.raises(ConflictError, match="gone"):
        desk.starts_from()


def test_steps_that_were_given_up_are_left_to_a_clone(desk: Desk) -> None:
    desk.to(RunStatus.STOPPED)
    desk.service.resume(desk.id, 10)
    desk.goes_on_after(10)
    desk.to(RunStatus.STOPPED)
    with pytest.raises(ConflictError, match="given up") as caught:
        desk.service.resume(desk.id, 20)
    assert caught.value.mend == f"trainwright runs clone {desk.id} --from 20"
    clone = desk.service.clone(desk.id, {}, owner_id=None, checkpoint=20)
    assert clone.parent_id == desk.id


def test_a_clone_starts_from_a_checkpoint_of_its_parent(desk: Desk) -> None:
    desk.to(RunStatus.COMPLETED)
    clone = desk.service.clone(desk.id, {"epochs": 30}, owner_id=None, checkpoint="best")
    for _ in range(2):  # a step that is done again does no harm
        bring_from_parent(desk.database, desk.home, clone)
    directory = RunDir(desk.home.runs / clone.id)
    assert starting_point(desk.database, clone, directory) == "checkpoints/step-20.pt"
    kept = (directory.checkpoints / "step-20.pt").read_bytes()
    assert kept == (desk.directory.checkpoints / "step-20.pt").read_bytes()


def test_a_clone_of_the_last_one_takes_the_step_that_is_kept(desk: Desk) -> None:
    desk.to(RunStatus.COMPLETED)
    clone = desk.service.clone(desk.id, {}, owner_id=None, checkpoint="last")
    bring_from_parent(desk.database, desk.home, clone)
    names = [p.name for p in RunDir(desk.home.runs / clone.id).checkpoints.iterdir()]
    assert names == ["step-30.pt"]


def test_a_clone_whose_parent_lost_the_checkpoint_fails_in_words(desk: Desk) -> None:
    desk.to(RunStatus.COMPLETED)
    clone = desk.service.clone(desk.id, {}, owner_id=None, checkpoint=20)
    (desk.directory.checkpoints / "step-20.pt").unlink()
    with pytest.raises(ConflictError, match="no more"):
        bring_from_parent(desk.database, desk.home, clone)
