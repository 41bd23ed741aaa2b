"""Tiny real workers, each misbehaving in its own way."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from trainwright.serving import Recipe, WorkerPool

PREAMBLE = """
import json, os, sys, time
def say(message): print(json.dumps(message), flush=True)
def requests():
    for line in sys.stdin:
        yield json.loads(line)
"""

ECHO = """
say({"ready": True, "model_version": "v1", "class_names": []})
for r in requests():
    say({"id": r["id"], "echo": r.get("text"), "pid": os.getpid()})
"""

MakeRecipe = Callable[..., Recipe]


@pytest.fixture
def recipe(tmp_path: Path) -> MakeRecipe:
    """Makes a recipe from the body of a worker script."""

    def make(body: str = ECHO, *arguments: str, stamp: str = "") -> Recipe:
        script = tmp_path / f"worker{len(list(tmp_path.glob('worker*')))}.py"
        script.write_text(PREAMBLE + textwrap.dedent(body))
        # -S -E: nothing to import, so that workers start in milliseconds
        return Recipe((sys.executable, "-S", "-E", str(script), *arguments), stamp=stamp)

    return make


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2**30, sweep_seconds=0.05, start_seconds=20) as pool:
        yield pool
