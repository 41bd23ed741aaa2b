"""The examples do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainwright.api.request import read_request

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SPECS = sorted(EXAMPLES.glob("*.yaml"))


def run(*argv: str, home: Path, cwd: Path = EXAMPLES.parent) -> str:
    done = subprocess.run(
        [sys.executable, *argv],
        env=os.environ | {"TRAINWRIGHT_HOME": str(home)},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("path", SPECS, ids=lambda p: p.name)
def test_spec_is_valid(path: Path, home_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES.parent)
    assert read_request(path).spec.name


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda p: p.name)
def test_program_compiles(path: Path) -> None:
    compile(path.read_text("utf-8"), path, "exec")


def test_own_script_needs_no_platform(tmp_path: Path) -> None:
    out = run(str(EXAMPLES / "own_script.py"), "0", home=tmp_path / "home", cwd=tmp_path)
    assert out.endswith("y = 3.00 x + 1.00\n")
    assert (tmp_path / "checkpoints" / "line.ckpt").is_file()


@pytest.mark.slow
@pytest.mark.integration
def test_own_script_as_a_run(tmp_path: Path) -> None:
    spec = str(EXAMPLES / "own_script.yaml")
    out = run("-m", "trainwright", "train", spec, "--yes", home=tmp_path / "home")
    assert "completed a-line" in out
    assert "train/loss" in out


@pytest.mark.slow
@pytest.mark.integration
def test_train_digits(tmp_path: Path) -> None:
    out = run(str(EXAMPLES / "train_digits.py"), home=tmp_path / "home")
    accuracy = float(out.split("held-out accuracy: ")[1].split()[0])
    assert accuracy >= 0.95
    assert "a 0 is taken for a 0" in out
