"""A disk that is really full: a small file system of its own for one run."""

import subprocess
import time

import pytest

from trainwright.job.ending import has_no_room
from trainwright.settings import Home
from trainwright.spec import RunDir
from trainwright.spec.rundir import Outcome
from trainwright.targets.local import LocalTarget
from trainwright.testing.trial import ThisMachine, Trial, until

PRINTS = """
    while True:
        print("loss: 0.5 " + "x" * 4000)
"""

CHECKPOINTS = """
    import pathlib, time
    print("step: 1 loss: 0.5")
    time.sleep(0.5)
    try:
        pathlib.Path("checkpoints/last.pt").write_bytes(bytes(20 << 20))
    except OSError:
        raise SystemExit(3)  # its own words for it are not ours
"""

GOES_ON = """
    import pathlib, time
    for step in range(40):
        print(f"step: {step} loss: 0.5", flush=True)
        time.sleep(0.05)
"""


@pytest.fixture
def disk(tmp_path):
    """Twelve megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "none", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def trial(disk):
    home = Home(disk)
    trial = Trial(ThisMachine(), LocalTarget(home), RunDir(home.runs / "r0001"))
    yield trial
    trial.target.cleanup(trial.run)


def fill(disk, leave=0):
    """Take all room but `leave` bytes."""
    block = bytes(1 << 16)
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(block)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave))


def test_a_trainer_that_prints_until_the_disk_is_full(trial, disk):
    fill(disk, leave=1 << 20)
    trial.start(PRINTS)
    until(lambda: has_no_room(disk) and trial.run.shim.exists())
    time.sleep(1)
    (disk / "filler").unlink()
    assert trial.wait().outcome is Outcome.FAILED
    error = trial.error()
    assert (error["code"], error["exit_code"]) in [("disk_full", 1), ("disk_full", 120)]
    assert "runs prune" in error["hint"]
    trial.check_log()
    trial.check_numbers()


def test_a_trainer_whose_checkpoint_fills_the_disk_and_that_does_not_say_so(trial, disk):
    trial.start(CHECKPOINTS)
    until(lambda: has_no_room(disk))
    time.sleep(1)
    (trial.run.checkpoints / "last.pt").unlink()
    assert trial.wait().outcome is Outcome.FAILED
    error = trial.error()
    assert (error["code"], error["exit_code"]) == ("disk_full", 3)
    assert "exit code 3" in error["message"]
    trial.check_numbers()


def test_a_spool_that_waited_for_room_loses_nothing_and_blames_nobody(trial, disk):
    trial.start(GOES_ON).wait_for("step: 5 ")
    fill(disk, leave=8192)  # for the log of the trainer, and no more
    time.sleep(1)
    (disk / "filler").unlink()
    assert trial.wait().outcome is Outcome.COMPLETED
    steps = [step for name, _, step in trial.points() if name == "train/loss"]
    assert steps == list(range(40))
    trial.check_log()
    trial.check_numbers()


def test_room_is_told_by_writing(disk):
    assert not has_no_room(disk)
    fill(disk)
    assert has_no_room(disk)
    assert not has_no_room(disk / "nowhere")


def test_a_failure_on_a_disk_with_room_is_another(trial, disk):
    trial.start("raise KeyError('x')")
    assert trial.wait().outcome is Outcome.FAILED
    assert trial.error()["code"] == "exit_nonzero"
