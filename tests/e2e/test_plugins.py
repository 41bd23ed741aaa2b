"""A model and a dataset from the plug-in folder walk the whole road."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(240)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin_model.py"


def test_the_example_plug_in_trains_from_a_sentence(
    cli: Callable[..., subprocess.CompletedProcess[str]], home_path: Path
) -> None:
    (home_path / "plugins").mkdir(parents=True)
    shutil.copy(EXAMPLE, home_path / "plugins")
    sentence = "train builtin/two_layer on stripes for 3 epochs"
    done = cli("train", sentence, "--yes", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout.strip().splitlines()[-1])
    assert (result["model"], result["dataset"]) == ("builtin/two_layer", "stripes")
    assert result["metrics"]["test/accuracy"]["final"] > 0.9
    assert json.loads(cli("runs", "show", "last", "--json").stdout)["sentence"] == sentence
    listed = json.loads(cli("models", "list", "-q", "two_layer", "--json").stdout)
    assert any(model["id"] == "builtin/two_layer" and model["installed"] for model in listed)
