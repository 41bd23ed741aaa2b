"""What trainers write of their own models, usable and not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trainwright.frameworks.base import Adapter
from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.frameworks.script.adapter import ScriptAdapter
from trainwright.spec import RunDir, RunSpec

SPEC = RunSpec(model="script/train.py")
ADAPTERS = pytest.mark.parametrize("adapter", [BuiltinAdapter(), ScriptAdapter()])


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir(tmp_path)


@ADAPTERS
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("not JSON", "JSON"),
        ("[]", "result.json"),
        ('{"metrics": {"accuracy": "good"}}', "final"),
        ('{"metrics": {"accuracy": {"best": null}}}', "final"),
        ('{"metrics": {"accuracy": null}}', "final"),
        ('{"per_class": [{"name": 1}]}', "name"),
        ('{"confusion": {"cats": 3}}', "labels"),
        ("\x00\xff", "JSON"),
    ],
)
def test_a_result_that_cannot_be_used_is_left_out_with_a_note(
    adapter: Adapter, run: RunDir, content: str, words: str
) -> None:
    run.result.write_text(content)
    result = adapter.normalize_output(SPEC, run)
    assert (result.metrics, result.per_class, result.confusion) == ({}, None, None)
    (note,) = result.notes
    assert note.startswith("result.json is left out")
    assert words in note


@ADAPTERS
def test_a_result_that_is_a_folder(adapter: Adapter, run: RunDir) -> None:
    run.result.mkdir()
    assert "directory" in adapter.normalize_output(SPEC, run).notes[0]


@ADAPTERS
def test_a_bare_number_is_the_final_and_the_best(adapter: Adapter, run: RunDir) -> None:
    summary = {"final": 0.5, "best": 0.75, "best_step": 3}
    run.result.write_text(json.dumps({"metrics": {"accuracy": 0.5, "val/accuracy": summary}}))
    found = adapter.normalize_output(SPEC, run).metrics
    assert found == {
        "accuracy": {"final": 0.5, "best": 0.5, "best_step": None},
        "val/accuracy": summary,
    }
