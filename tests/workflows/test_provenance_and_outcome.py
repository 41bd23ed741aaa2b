from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from trainwright.caller import git_state
from trainwright.spec import RunSpec
from trainwright.spec.result import MetricSummary
from trainwright.spec.rundir import RunDir, TrainerResult
from trainwright.spec.status import RunStatus
from trainwright.store.models import Run
from trainwright.workflows.outcome import build_result, find_artifacts
from trainwright.workflows.provenance import collect


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_the_state_of_the_users_repository(tmp_path: Path) -> None:
    assert git_state(tmp_path) is None
    git(tmp_path, "init", "-b", "main")
    (tmp_path / "train.py").write_text("print(1)\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    clean = git_state(tmp_path)
    assert clean is not None and not clean["dirty"] and len(clean["commit"]) == 40
    (tmp_path / "train.py").write_text("print(2)\n")
    dirty = git_state(tmp_path)
    assert dirty is not None and "+print(2)" in dirty["diff"]


def test_provenance_is_enough_to_make_the_run_again() -> None:
    spec = RunSpec(model="builtin/mlp", seed=7)
    record = collect(spec, capacity=None, data_hash="abc", sources=None)
    assert RunSpec.model_validate(record["spec"]) == spec
    assert (record["seed"], record["data_hash"]) == (7, "abc")
    assert record["packages"]["pydantic"] and record["hardware"]["cores"]


def test_the_trainers_word_wins_over_what_was_logged(tmp_path: Path) -> None:
    directory = RunDir(tmp_path)
    directory.artifacts.mkdir()
    (directory.artifacts / "model.bin").write_bytes(b"weights")
    (directory.artifacts / ".half-written").write_bytes(b"")
    (directory.artifacts / "link").symlink_to("/etc/passwd")
    (artifact,) = find_artifacts(directory)
    assert artifact.path == "artifacts/model.bin"
    assert artifact.sha256 == hashlib.sha256(b"weights").hexdigest()
    result = build_result(
        Run(id="r1", name="one", model="builtin/mlp", task=None, dataset=None),
        status=RunStatus.COMPLETED,
        directory=directory,
        trained=TrainerResult(metrics={"test/accuracy": 0.9, "val/loss": {"final": 2, "best": 1}}),
        logged={
            "val/loss": MetricSummary(final=5, best=5),
            "train/loss": MetricSummary(final=1, best=1),
        },
        error=None,
        duration_seconds=1.5,
    )
    assert result.metrics["test/accuracy"].final == 0.9
    assert result.metrics["val/loss"].best == 1
    assert result.metrics["train/loss"].final == 1
