"""Exports that load where nobody knows us, and evaluations under other class names."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.frameworks.builtin.evaluate import evaluate, held_out_images
from trainwright.frameworks.builtin.export import WRITERS
from trainwright.frameworks.builtin.trained import TrainedModel, load_trained
from trainwright.serving import Serving, WorkerPool
from trainwright.settings import Home
from trainwright.spec import DataError, RunDir, RunSpec, dump_yaml
from trainwright.spec.errors import TrainwrightError

SPEC = RunSpec.model_validate(
    {
        "model": "builtin/lenet5",
        "dataset": "digits",
        "task": "image_classification",
        "max_steps": 40,
        "seed": 3,
        "overrides": {"full_model": False},
    }
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("export") / "home")


@pytest.fixture(scope="module")
def run(home: Home) -> RunDir:
    made = RunDir(home.runs / "r0export")
    made.path.mkdir(parents=True)
    made.spec.write_text(dump_yaml(SPEC))
    subprocess.run(
        [sys.executable, "-m", "trainwright.frameworks.builtin.train", str(made.path)],
        env=os.environ | {"TRAINWRIGHT_HOME": str(home.path), "OMP_NUM_THREADS": "1"},
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(scope="module")
def model(run: RunDir, home: Home) -> TrainedModel:
    return load_trained(run, home)


@pytest.fixture
def serving(run: RunDir) -> Any:
    with WorkerPool(2**32) as pool:
        yield Serving(lambda _: run, lambda _: BuiltinAdapter(), pool)  # type: ignore[arg-type,return-value]


READERS = {
    "pt2": "import torch; model = torch.export.load(sys.argv[1]).module()",
    "torchscript": "import torch; model = torch.jit.load(sys.argv[1])",
    "onnx": (
        "import torch, onnxruntime; s = onnxruntime.InferenceSession(sys.argv[1]);"
        "model = lambda x: torch.from_numpy(s.run(None, {'pixels': x.numpy()})[0])"
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(READERS))
def test_a_program_answers_the_same_in_a_process_that_does_not_know_us(
    *,
    kind: str,
    serving: Serving,
    run: RunDir,
    home: Home,
    model: TrainedModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home.path))
    out = serving.export(run.run_id, SPEC, kind, tmp_path / f"model.{kind}")
    card = json.loads((tmp_path / f"model.{kind}.json").read_text())
    assert card["class_names"] == [str(n) for n in range(10)]
    assert card["compared"]["images"] == 16
    assert 0 <= card["compared"]["largest_difference"] <= card["compared"]["tolerance"]
    assert (card["opset"] is not None) == (kind == "onnx")
    assert card["input"]["normalize"] is None
    images = held_out_images(model, home)
    assert images is not None
    pixels = images.float().div(255)
    torch.save(pixels, tmp_path / "pixels.pt")
    script = f"""
import sys
{READERS[kind]}
pixels = torch.load(sys.argv[2])
assert 'trainwright' not in sys.modules
assert list(pixels.shape[1:]) == {card["input"]["shape"][1:]}
torch.save(torch.cat([model(pixels[:5]), model(pixels[5:6]), model(pixels[6:])]), sys.argv[3])
"""
    argv = [sys.executable, "-I", "-c", script, out, tmp_path / "pixels.pt", tmp_path / "out.pt"]
    subprocess.run(argv, check=True, capture_output=True)
    with torch.no_grad():
        expected = model.from_pixels(pixels)
    assert torch.allclose(torch.load(tmp_path / "out.pt"), expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["safetensors", "pth"])
def test_weights_load_without_running_code(
    kind: str, serving: Serving, run: RunDir, model: TrainedModel, tmp_path: Path
) -> None:
    out = serving.export(run.run_id, SPEC, kind, tmp_path / f"model.{kind}")
    if kind == "pth":
        weights = torch.load(out, weights_only=True)
    else:
        from safetensors.torch import load_file

        weights = load_file(out)
    assert all(torch.equal(weights[n], t) for n, t in model.network.state_dict().items())
    card = json.loads((tmp_path / f"model.{kind}.json").read_text())
    assert card["input"]["normalize"] == {
        "mean": model.description.mean,
        "std": model.description.std,
    }


def test_every_format_is_tried_here() -> None:
    assert set(WRITERS) == {*READERS, "safetensors", "pth"} == set(BuiltinAdapter.formats)


@pytest.mark.slow
def test_an_opset_is_kept_to_or_refused(serving: Serving, run: RunDir, tmp_path: Path) -> None:
    import onnx

    out = serving.export(run.run_id, SPEC, "onnx", tmp_path / "model.onnx", opset=19)
    assert [o.version for o in onnx.load(out).opset_import if o.domain == ""] == [19]
    with pytest.raises(TrainwrightError, match="has no opset"):
        serving.export(run.run_id, SPEC, "pth", tmp_path / "model.pth", opset=19)
    assert not (tmp_path / "model.pth").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("other")
    for name, shade in {"Zero": 0, "1": 80, "blurred": 200}.items():
        (root / name).mkdir()
        for number in range(4):
            Image.new("L", (8, 8), shade + number).save(root / name / f"{number}.png")
    return root


def test_classes_of_other_names_are_refused_with_the_command_that_maps_them(
    model: TrainedModel, home: Home, folder: Path
) -> None:
    with pytest.raises(DataError, match="does not know the classes blurred, Zero") as error:
        evaluate(model, str(folder), home)
    assert error.value.mend is not None
    words = shlex.split(error.value.mend)
    assert words[words.index("--dataset") + 1] == str(folder)
    pairs = [words[i + 1].split("=") for i, word in enumerate(words) if word == "--map"]
    assert evaluate(model, str(folder), home, dict(pairs))["samples"] > 0


def test_the_mend_keeps_what_was_mapped_and_names_every_other_class(
    model: TrainedModel, home: Home, tmp_path: Path
) -> None:
    for name in ("1", "nought", *(f"blurred {n}" for n in range(7))):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("L", (8, 8), number).save(tmp_path / name / f"{number}.png")
    with pytest.raises(DataError, match="does not know the classes") as error:
        evaluate(model, str(tmp_path), home, {"nought": "0"})
    words = shlex.split(error.value.mend or "")
    assert words.count("--map") == 8
    assert "nought=0" in words


def test_classes_that_have_nothing_in_common_are_not_all_left_out(
    model: TrainedModel, home: Home, tmp_path: Path
) -> None:
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
        for number in range(3):
            Image.new("L", (8, 8), number).save(tmp_path / name / f"{number}.png")
    with pytest.raises(DataError, match="does not know the classes cat, dog") as error:
        evaluate(model, str(tmp_path), home)
    assert error.value.mend is None


def test_classes_are_mapped_and_left_out(model: TrainedModel, home: Home, folder: Path) -> None:
    found = evaluate(model, str(folder), home, {"Zero": "0", "blurred": ""})
    assert found["samples"] == 8
    support = {row["name"]: row["support"] for row in found["per_class"] if row["support"]}
    assert support == {"0": 4, "1": 4}
    assert "4 images are of classes that were left out" in found["notes"]
    with pytest.raises(DataError, match="no class Nine"):
        evaluate(model, str(folder), home, {"Nine": "9"})
    with pytest.raises(DataError, match="no image"):
        evaluate(model, str(folder), home, dict.fromkeys(("Zero", "1", "blurred"), ""))


def test_an_evaluation_tells_how_far_it_is(
    serving: Serving, run: RunDir, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRAINWRIGHT_HOME", str(home.path))
    seen: list[tuple[int, int]] = []
    found = serving.evaluate(run.run_id, SPEC, on_progress=lambda *now: seen.append(now))
    assert found["samples"] > 100
    assert all(total == found["samples"] for _, total in seen)
