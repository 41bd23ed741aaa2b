"""Fixtures of whole journeys."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from house import House


@pytest.fixture
def house(home_path: Path) -> Iterator[House]:
    house = House(home_path)
    try:
        yield house
    finally:
        house.end_everything()


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One platform for the tests of a module that do not hurt it."""
    house = House(tmp_path_factory.mktemp("house") / "home")
    house.start()
    try:
        yield house
    finally:
        house.end_everything()


@pytest.fixture
def cli(home_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line as a person does."""

    def run(
        *arguments: str, home: Path = home_path, timeout: float = 120, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trainwright", *arguments],
            env=os.environ | {"TRAINWRIGHT_HOME": str(home), "COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
            **options,
        )

    return run


@pytest.fixture
def ask(
    cli: Callable[..., subprocess.CompletedProcess[str]], shared_house: House
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line on the platform of the module."""

    def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        return cli(*arguments, home=shared_house.home.path, **options)

    return run


@pytest.fixture
def stepper(tmp_path: Path) -> Path:
    """A trainer that knows nothing of us: it prints a metric a step, and notes each start."""
    script = tmp_path / "stepper.py"
    script.write_text(
        "import os, pathlib, sys, time\n"
        "steps, pause = int(sys.argv[1]), float(sys.argv[2])\n"
        "with open(pathlib.Path(__file__).with_suffix('.starts'), 'a') as starts:\n"
        "    starts.write(f'{os.getpid()}\\n')\n"
        "for step in range(1, steps + 1):\n"
        "    print(f'step={step} loss={1 / step:.6f}', flush=True)\n"
        "    time.sleep(pause)\n"
        "print('done')\n"
    )
    return script
