from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trainwright.settings import Home
from trainwright.spec import RunDir, RunSpec, dump_yaml

os.environ["OMP_NUM_THREADS"] = "1"

Train = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def train(home: Home) -> Train:
    """Runs the trainer as the agent would: a process of its own, on a run directory."""

    def run_trainer(
        run: RunDir, *more: str, check: bool = True, **fields: Any
    ) -> subprocess.CompletedProcess[str]:
        run.path.mkdir(parents=True, exist_ok=True)
        run.spec.write_text(dump_yaml(RunSpec(**fields)))
        done = subprocess.run(
            [sys.executable, "-m", "trainwright.frameworks.builtin.train", str(run.path), *more],
            env=os.environ | {"TRAINWRIGHT_HOME": str(home.path)},
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    return run_trainer


@pytest.fixture
def train_here(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Train]:
    """Runs the trainer's `main` in this process, which has torch already."""
    from trainwright.frameworks.builtin.train import main

    def run_main(run: RunDir, **fields: Any) -> subprocess.CompletedProcess[str]:
        run.path.mkdir(parents=True, exist_ok=True)
        run.spec.write_text(dump_yaml(RunSpec(**fields)))
        argv = ["train", str(run.path)]
        monkeypatch.setenv("TRAINWRIGHT_HOME", str(home.path))
        monkeypatch.setattr("sys.argv", argv)
        status: Any = 0
        try:
            main()
        except SystemExit as ended:
            status = ended.code
        return subprocess.CompletedProcess(argv, status, *capsys.readouterr())

    before = signal.getsignal(signal.SIGTERM)
    yield run_main
    signal.signal(signal.SIGTERM, before)
