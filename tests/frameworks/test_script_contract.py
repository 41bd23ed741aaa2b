from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trainwright.frameworks.script.adapter import ScriptAdapter
from trainwright.spec import RunDir, RunSpec
from trainwright.testing.frameworks import AdapterContract, finish, start

SCRIPT = """
import json, os, pathlib, sys, yaml
spec = yaml.safe_load(pathlib.Path(os.environ["TRAINWRIGHT_SPEC"]).read_text())
print("epochs", spec["epochs"], "arguments", sys.argv[1:], "colour", os.environ.get("COLOUR"))
print("folder", os.getcwd(), "from", os.environ.get("TRAINWRIGHT_RESUME_FROM"))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "my train.py"
    path.write_text(SCRIPT)
    return path


class TestScript(AdapterContract):
    @pytest.fixture
    def adapter(self) -> ScriptAdapter:
        return ScriptAdapter()

    @pytest.fixture
    def spec(self, script: Path) -> RunSpec:
        return RunSpec(model=f"script/{script}", epochs=3)

    @pytest.fixture
    def inputs(self) -> list[Path]:
        return []


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir(tmp_path / "run")


def test_arguments_environment_and_folder_reach_the_script(script: Path, run: RunDir) -> None:
    overrides = {"args": ["--fast", 3, "a b; echo $HOME"], "env": {"COLOUR": "green"}}
    spec = RunSpec(model=f"script/{script}", epochs=3, overrides=overrides)
    launch = ScriptAdapter().prepare_training_script(spec, run, resume_from="checkpoints/a.pt")
    finish(start(run, launch), run)
    log = run.log.read_text()
    assert "epochs 3 arguments ['--fast', '3', 'a b; echo $HOME'] colour green" in log
    assert f"folder {script.parent} from {run.path / 'checkpoints/a.pt'}" in log


def test_a_program_is_run_as_it_is(tmp_path: Path, run: RunDir) -> None:
    program = tmp_path / "train.sh"
    program.write_text("#!/bin/sh\necho loss: 0.5 $1\n")
    program.chmod(0o755)
    spec = RunSpec(model=f"script/{program}", overrides={"args": ["x"], "cwd": str(tmp_path)})
    launch = ScriptAdapter().prepare_training_script(spec, run, resume_from=None)
    assert launch.argv == [str(program), "x"]
    finish(start(run, launch), run)
    assert run.log.read_text() == "loss: 0.5 x\n"


def test_a_file_that_cannot_run_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    faults = ScriptAdapter().check(RunSpec(model=f"script/{tmp_path / 'notes.txt'}"))
    assert [f.field for f in faults] == ["model"]


def test_every_wrong_override_is_named(script: Path) -> None:
    overrides = {
        "args": "--fast",
        "python": "no-such-python",
        "cwd": "/no/such/folder",
        "env": ["NO_VALUE"],
        "metric_patterns": ["(", r"loss=(?P<loss>[\d.]+)", "no group"],
        "arg": [],
    }
    faults = ScriptAdapter().check(RunSpec(model=f"script/{script}", overrides=overrides))
    assert {f.field.removeprefix("overrides.") for f in faults} == {
        "args",
        "python",
        "cwd",
        "env",
        "metric_patterns.0",
        "metric_patterns.2",
        "arg",
    }
    assert next(f for f in faults if f.field == "overrides.arg").suggestions == ["args"]


def test_another_python_runs_it(script: Path, run: RunDir) -> None:
    spec = RunSpec(model=f"script/{script}", overrides={"python": sys.executable})
    launch = ScriptAdapter().prepare_training_script(spec, run, resume_from=None)
    assert launch.argv[0] == sys.executable


def test_the_newest_checkpoint_is_the_one_to_go_on_from(run: RunDir) -> None:
    (run.checkpoints / "deep").mkdir(parents=True)
    (run.checkpoints / "old.pt").write_bytes(b"1")
    (run.checkpoints / "notes.txt").write_bytes(b"1")
    newest = run.checkpoints / "deep" / "new.safetensors"
    newest.write_bytes(b"1")
    stamp = (run.checkpoints / "old.pt").stat().st_mtime + 5
    import os

    os.utime(newest, (stamp, stamp))
    assert ScriptAdapter().find_resume_point(run) == "checkpoints/deep/new.safetensors"
