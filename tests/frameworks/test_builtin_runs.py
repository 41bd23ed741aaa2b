"""Whole trainings, each in a process of its own."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from sklearn.datasets import load_digits

from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.settings import Home
from trainwright.spec import RunDir, RunSpec
from trainwright.spec.rundir import TrainerResult
from trainwright.testing.frameworks import finish, reported, start
from trainwright.testing.images import make_messy_folder

Train = Callable[..., subprocess.CompletedProcess[str]]

QUICK = {
    "model": "builtin/mlp",
    "dataset": "random",
    "epochs": 2,
    "batch_size": 16,
    "overrides": {"samples": 120, "side": 8, "classes": 3, "hidden": [16], "full_model": False},
}


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir(tmp_path / "r0test")


def result(run: RunDir) -> TrainerResult:
    return TrainerResult.model_validate_json(run.result.read_text())


def test_digits_with_the_defaults_and_everything_it_leaves(run: RunDir, train: Train) -> None:
    done = train(run, model="builtin/lenet5", dataset="digits", epochs=5)
    run.log.write_text(done.stdout)
    found = result(run)
    assert found.metrics["test/accuracy"]["final"] >= 0.95
    assert {Path(a).name for a in found.artifacts} == {
        "model.safetensors",
        "run_r0test_model.pth",
        "run_r0test_model_full.pt2",
        "metrics.json",
        "confusion_matrix.json",
        "confusion_matrix.svg",
        "model_card.md",
    }
    assert found.confusion is not None
    assert found.per_class is not None
    matrix = torch.tensor(found.confusion["matrix"])
    hits, total = int(matrix.diagonal().sum()), int(matrix.sum())
    assert total == 269
    assert hits / total == pytest.approx(found.metrics["test/accuracy"]["final"])
    assert [c["support"] for c in found.per_class] == matrix.sum(1).tolist()

    weights = load_file(run.artifacts / "model.safetensors")
    plain = torch.load(run.artifacts / "run_r0test_model.pth", weights_only=True)
    assert all(torch.equal(weights[name], plain[name]) for name in weights)

    points = [p for p in reported(run, "metrics") if "val/accuracy" in p["metrics"]]
    assert [p["epoch"] for p in points] == [1, 2, 3, 4, 5]
    assert {"train/loss", "train/accuracy", "val/loss", "val/f1_macro", "lr"} <= set(
        points[0]["metrics"]
    )
    batches = [p["step"] for p in reported(run, "progress") if p["phase"] == "batch"]
    assert batches[:4] == [10, 20, 30, 50]
    seen = [(p["step"], name) for p in reported(run, "metrics") for name in p["metrics"]]
    assert len(seen) == len(set(seen))

    digits = load_digits()
    paths = [run.path / f"{i}.png" for i in range(100)]
    for path, image in zip(paths, digits.images, strict=False):
        Image.fromarray((image * 15.9375).astype("uint8")).save(path)
    request = json.dumps({"id": 1, "inputs": [str(p) for p in paths], "top_k": 1})
    worker = subprocess.run(
        BuiltinAdapter().worker_argv(run),
        input=request + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    reply = json.loads(worker.stdout.splitlines()[1])
    named = [p["predictions"][0]["class_id"] for p in reply["predictions"]]
    assert sum(a == b for a, b in zip(named, digits.target[:100], strict=True)) >= 93

    code = (
        "import sys, torch\n"
        "extra = {'trainwright.json': ''}\n"
        f"program = torch.export.load({str(run.artifacts / 'run_r0test_model_full.pt2')!r},"
        " extra_files=extra).module()\n"
        "print(program(torch.rand(5, 1, 28, 28)).shape, 'class_names' in extra['trainwright.json'],"
        " 'trainwright' in sys.modules)"
    )
    alone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert alone.stdout.strip() == "torch.Size([5, 10]) True False"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_digits_reach_95_percent_with_every_seed(run: RunDir, train_here: Train, seed: int) -> None:
    fields = {"overrides": {"full_model": False}, "epochs": 5, "seed": seed}
    assert train_here(run, model="builtin/lenet5", dataset="digits", **fields).returncode == 0
    assert result(run).metrics["test/accuracy"]["final"] >= 0.95


@pytest.mark.slow
@pytest.mark.parametrize("model", ["mlp", "basic_cnn"])
@pytest.mark.parametrize("seed", [0, 5])
def test_the_other_small_models_learn_digits_from_a_bare_spec(
    run: RunDir, train_here: Train, model: str, seed: int
) -> None:
    fields = {"overrides": {"full_model": False}, "epochs": 5, "seed": seed}
    assert train_here(run, model=f"builtin/{model}", dataset="digits", **fields).returncode == 0
    assert result(run).metrics["test/accuracy"]["final"] >= 0.95


def test_a_messy_folder_becomes_a_good_model(
    tmp_path: Path, run: RunDir, train_here: Train, home: Home
) -> None:
    messy = make_messy_folder(tmp_path / "shapes", per_class=30)
    train_here(
        run,
        model="builtin/basic_cnn",
        dataset=str(messy.root),
        epochs=8,
        batch_size=8,
        image_size=32,
        overrides={"full_model": False},
    )
    found = result(run)
    assert found.metrics["test/accuracy"]["final"] >= 0.7
    told = "\n".join(found.notes)
    assert all(name in told for name in messy.left_out)
    assert "has only 2 images" in told
    assert told in (run.artifacts / "model_card.md").read_text().replace("\n- ", "\n")


def test_asked_to_stop_it_saves_and_goes_on_to_the_same_weights(
    tmp_path: Path, home: Home, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home.path))
    overrides = {"samples": 900, "side": 8, "hidden": [16], "report_every": 1, "in_memory": "never"}
    fields = {
        **QUICK,
        "image_size": 12,
        "overrides": overrides | {"workers": 1, "full_model": False},
    }
    whole, parts = RunDir(tmp_path / "r0whole"), RunDir(tmp_path / "r0parts")
    train(whole, **fields)
    adapter, spec = BuiltinAdapter(), RunSpec(**fields)
    process = start(parts, adapter.prepare_training_script(spec, parts, resume_from=None))
    deadline = time.monotonic() + 100
    while not reported(parts, "metrics"):
        assert time.monotonic() < deadline, parts.log.read_text()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(60) == 143, parts.log.read_text()
    assert not parts.result.exists()
    point = adapter.find_resume_point(parts)
    finish(start(parts, adapter.prepare_training_script(spec, parts, resume_from=point)), parts)
    one, other = (load_file(r.artifacts / "model.safetensors") for r in (whole, parts))
    assert all(torch.equal(one[name], other[name]) for name in one)
    (resumed,) = reported(parts, "resumed")
    steps = [p["step"] for p in reported(parts, "metrics") if len(p["metrics"]) == 2]
    assert steps == sorted(set(steps))
    assert resumed["step"] in steps


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"dataset": "digitz"}, 2, "did you mean digits"),
        ({"dataset": "./no/such/folder", "overrides": {}}, 2, "no/such/folder"),
        ({"model": "builtin/mlq"}, 2, "did you mean builtin/mlp"),
        ({"num_classes": 4}, 2, "num_classes is 4"),
        ({"dataset": None}, 2, "no dataset"),
        ({"optimizer": "lion"}, 2, "has no lion"),
        ({"overrides": {"momentum": "much"}}, 2, "'much' does not fit"),
        ({"learning_rate": 100.0, "optimizer": "sgd", "epochs": 50}, 1, "[nan]"),
        (
            {
                "model": "builtin/resnet18",
                "image_size": 8,
                "batch_size": 1,
                "overrides": {"samples": 60, "side": 8, "classes": 3},
            },
            2,
            "batch_size=2",
        ),
        (
            {
                "dataset": "random",
                "image_size": 8192,
                "overrides": QUICK["overrides"] | {"in_memory": "always", "samples": 20_000},
            },
            2,
            "in_memory=auto",
        ),
        ({"overrides": QUICK["overrides"] | {"device": "mps"}}, 2, "no mps device"),
    ],
)
def test_a_wrong_request_ends_with_two_clear_lines(
    run: RunDir, train_here: Train, changes: dict[str, Any], code: int, words: str
) -> None:
    done = train_here(run, **QUICK | changes)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-2:]
    assert "error: " in done.stderr
    assert any(words in line for line in last), done.stderr
    assert not run.result.exists()


def test_a_model_that_has_learnt_nothing_is_not_praised(run: RunDir, train_here: Train) -> None:
    overrides = QUICK["overrides"] | {"samples": 100, "learnable": False, "classes": 2}
    train_here(run, **QUICK | {"dataset": "random", "learning_rate": 1e-9, "overrides": overrides})
    result = json.loads(run.result.read_text())
    found = result["metrics"]["test/accuracy"]["final"]
    told = [note for note in result["notes"] if "learnt nothing" in note]
    assert bool(told) == (found <= 0.5)
    assert all(f"{found:.1%}" in note for note in told)


def test_an_attempt_that_begins_anew_voids_what_was_reported_before(
    run: RunDir, train_here: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_ATTEMPT", "2")
    run.log.parent.mkdir()
    run.log.write_text(train_here(run, **QUICK).stdout)
    assert [r["step"] for r in reported(run, "resumed")] == [0]


def test_a_run_directory_without_a_spec(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "trainwright.frameworks.builtin.train", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "spec.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_evaluation_on_a_folder_of_ones_own(tmp_path: Path, run: RunDir, train_here: Train) -> None:
    train_here(run, model="builtin/lenet5", dataset="digits", max_steps=60, overrides=QUICK_ONLY)
    digits = load_digits()
    for index in range(60):
        folder = tmp_path / "mine" / str(digits.target[index])
        folder.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray((digits.images[index] * 15.9375).astype("uint8"))
        image.convert("RGB").save(folder / f"{index}.png")
    out = tmp_path / "out.json"
    argv = BuiltinAdapter().evaluate_argv(run, str(tmp_path / "mine"), out)
    subprocess.run(argv, check=True)
    found = json.loads(out.read_text())
    assert found["samples"] == 60
    assert found["metrics"]["test/accuracy"] > 0.7
    shutil.copytree(tmp_path / "mine" / "3", tmp_path / "threes" / "3")
    subprocess.run(BuiltinAdapter().evaluate_argv(run, str(tmp_path / "threes"), out), check=True)
    only = json.loads(out.read_text())
    assert only["samples"] == (digits.target[:60] == 3).sum()
    assert [c["name"] for c in only["per_class"] if c["support"]] == ["3"]
    (tmp_path / "mine" / "ten").mkdir()
    Image.new("L", (8, 8)).save(tmp_path / "mine" / "ten" / "a.png")
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "does not know the class ten" in done.stderr


def test_classes_are_numbered_in_the_order_that_was_asked_for(
    tmp_path: Path, run: RunDir, train_here: Train
) -> None:
    for name, light in (("dark", 30), ("light", 220)):
        (tmp_path / "shades" / name).mkdir(parents=True)
        for index in range(12):
            shade = Image.new("L", (12, 12), light + index)
            shade.save(tmp_path / "shades" / name / f"{index}.png")
    fields = {"model": "builtin/mlp", "dataset": str(tmp_path / "shades"), "max_steps": 30}
    fields["overrides"] = QUICK_ONLY
    train_here(run, class_names=["light", "dark"], **fields)
    found = result(run)
    assert found.confusion is not None
    assert found.confusion["labels"] == ["light", "dark"]
    assert found.metrics["test/accuracy"]["final"] == 1
    worker = subprocess.run(
        BuiltinAdapter().worker_argv(run),
        input=json.dumps({"id": 1, "inputs": [str(tmp_path / "shades" / "light" / "0.png")]}),
        capture_output=True,
        text=True,
        check=True,
    )
    reply = json.loads(worker.stdout.splitlines()[1])
    assert reply["predictions"][0]["predictions"][0]["class"] == "light"
    out = tmp_path / "out.json"
    subprocess.run(BuiltinAdapter().evaluate_argv(run, None, out), check=True)
    assert json.loads(out.read_text())["metrics"]["test/accuracy"] == 1
    done = train_here(run, class_names=["light", "black"], **fields)
    assert done.returncode == 2
    assert "class_names" in done.stderr


QUICK_ONLY = {"full_model": False}


def test_a_model_that_cannot_be_exported_is_traced(run: RunDir, train: Train, home: Home) -> None:
    home.plugins.mkdir(parents=True)
    (home.plugins / "odd.py").write_text(
        "import torch\nfrom torch import nn\nfrom trainwright import register_model\n"
        "@register_model('odd')\nclass Odd(nn.Module):\n"
        "    def __init__(self, num_classes: int, channels: int):\n"
        "        super().__init__()\n"
        "        self.linear = nn.Linear(channels, num_classes)\n"
        "    def forward(self, x):\n"
        "        if float(x.sum()) > 1e9:\n            return x\n"
        "        return self.linear(x.mean((2, 3)))\n"
    )
    changes = {"model": "builtin/odd", "overrides": {"samples": 60, "side": 8, "classes": 2}}
    train(run, **QUICK | changes)
    found = result(run)
    assert "artifacts/run_r0test_model_full.pt" in found.artifacts
    assert any("TorchScript" in note for note in found.notes)
    program = torch.jit.load(io.BytesIO((run.artifacts / "run_r0test_model_full.pt").read_bytes()))
    assert program(torch.rand(4, 1, 28, 28)).shape == (4, 2)
