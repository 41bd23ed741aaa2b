"""The Python face on a real platform, in programs of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from trainwright.platform import find_platform, read_platform
from trainwright.process import living
from trainwright.settings import Settings

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(300)]


def python(home: Path, code: str) -> list[str]:
    """Run a program; what it printed, line by line."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRAINWRIGHT_")}
    kept.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=kept | {"TRAINWRIGHT_HOME": str(home), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def home(tmp_path):
    home = tmp_path / "home"
    yield home
    record = read_platform(Settings(trainwright_home=home).home)
    if record and (process := living(record["supervisor"])):
        process.terminate()
        process.wait(60)


def is_running(home: Path) -> bool:
    return find_platform(Settings(trainwright_home=home)) is not None


def test_train_wait_look_and_leave_nothing_running(home):
    lines = python(
        home,
        """
        import json
        import trainwright as tw

        run = tw.train("Classify digits with an MLP, 5 epochs", epochs=2, name="mine")
        result = run.wait(timeout=120)
        print(result.status, run.status, result.name)
        print(len(run.metrics("val/accuracy")))
        print(json.dumps([e.seq for e in run.events()]))
        print(sum(len(piece) for piece in run.logs()) > 0)
        print(len(run.checkpoints()) > 0, [r.id for r in tw.runs()] == [run.id])
        print(run)
        """,
    )
    assert lines[0] == "completed completed mine"
    assert lines[1] == "2"
    seqs = json.loads(lines[2])
    assert seqs == list(range(1, len(seqs) + 1))
    assert lines[3:5] == ["True", "True True"]
    assert "'mine' completed" in lines[5]
    assert not is_running(home)


def test_a_run_outlives_the_program_that_started_it(home):
    (first,) = python(
        home,
        """
        import trainwright as tw
        print(tw.train(model="builtin/mlp", dataset="digits", epochs=5000).id)
        """,
    )
    assert is_running(home)
    lines = python(
        home,
        """
        import trainwright as tw
        run = next(tw.runs())
        print(run.id)
        for show in (False, True):
            try:
                run.wait(timeout=1, show=show)
            except tw.TrainwrightError as error:
                print("late:", error.code)
        run.stop(now=True)
        print(run.wait(timeout=60).status)
        """,
    )
    assert (lines[0], lines[-1]) == (first, "stopped")
    assert lines.count("late: unavailable") == 2


def test_wrong_requests_raise_before_anything_starts(home):
    lines = python(
        home,
        """
        import trainwright as tw
        for what, changes in (("Train ResNet18", {}), ("good morning", {}), (None, {"epochs": -1})):
            try:
                tw.train(what, **changes)
            except tw.TrainwrightError as error:
                print(error.code)
        """,
    )
    assert lines == ["needs_clarification", "not_a_training_request", "invalid_spec"]
    assert not home.exists()
