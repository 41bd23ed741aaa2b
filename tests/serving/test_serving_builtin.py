"""From a messy folder to predictions over the real trainer and its real worker."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwright.datasets.checks import check
from trainwright.datasets.formats.image_folder import scan
from trainwright.frameworks.builtin.adapter import BuiltinAdapter
from trainwright.serving import Serving, WorkerPool
from trainwright.settings import Home
from trainwright.spec import RunDir, RunSpec
from trainwright.testing.images import SHAPES, MessyFolder, make_messy_folder

RUN = "run-messy"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory) -> MessyFolder:
    return make_messy_folder(tmp_path_factory.mktemp("data") / "messy", seed=5, per_class=36)


@pytest.fixture(scope="module")
def spec(messy: MessyFolder) -> RunSpec:
    return RunSpec(
        model="builtin/lenet5",
        task="image_classification",
        dataset=str(messy.root),
        epochs=30,
        image_size=32,
        learning_rate=0.002,
        seed=1,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, spec: RunSpec) -> RunDir:
    """A trained run."""
    home = tmp_path_factory.mktemp("home")
    run = RunDir(home / "runs" / RUN)
    run.path.mkdir(parents=True)
    launch = BuiltinAdapter().prepare_training_script(spec, run, resume_from=None)
    for name, text in launch.files.items():
        (run.path / name).write_text(text)
    surroundings = {"TRAINWRIGHT_HOME": str(home), "TRAINWRIGHT_RUN_DIR": str(run.path)}
    done = subprocess.run(
        launch.argv,
        check=False,
        cwd=launch.cwd or run.path,
        env={**os.environ, **launch.env, **surroundings, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return run


@pytest.fixture(scope="module")
def serving(run: RunDir) -> Iterator[Serving]:
    with WorkerPool(4 << 30) as pool:
        yield Serving(lambda _: run, lambda _: BuiltinAdapter(), pool)


def test_the_model_knows_the_shapes(serving: Serving, spec: RunSpec, messy: MessyFolder) -> None:
    folder = scan(messy.root)
    known = [shape.folder for shape in SHAPES]
    samples = [s for s in folder.samples if folder.class_names[s.label] in known]
    found = serving.predict(RUN, spec, [folder.root / s.path for s in samples], top_k=2)
    right = sum(
        prediction.predictions[0].class_id == sample.label
        for prediction, sample in zip(found, samples, strict=True)
    )
    assert right / len(samples) >= 0.9
    assert len(found[0].predictions) == 2


def test_a_truncated_upload_is_the_senders_fault(
    serving: Serving, spec: RunSpec, messy: MessyFolder
) -> None:
    cut = messy.root / "circle" / "truncated.jpg"
    (bad,) = serving.predict(RUN, spec, [cut])
    assert bad.error is not None
    assert (bad.input, bad.error.code, bad.predictions) == ("truncated.jpg", "bad_input", [])


def test_held_out_images_are_measured(serving: Serving, spec: RunSpec) -> None:
    record = serving.evaluate(RUN, spec)
    assert record["metrics"]["test/accuracy"] >= 0.8
    assert {row["name"] for row in record["per_class"]} == set(record["confusion"]["labels"])


def test_it_is_exported(serving: Serving, spec: RunSpec, tmp_path: Path) -> None:
    out = serving.export(RUN, spec, "safetensors", tmp_path / "model.safetensors")
    assert out.stat().st_size > 10_000


def test_check_and_trainer_leave_out_the_same(
    run: RunDir, spec: RunSpec, messy: MessyFolder, tmp_path: Path
) -> None:
    report = check(spec.dataset or "", spec, home=Home(tmp_path))
    assert {item.path for item in report.left_out} == set(messy.left_out)
    notes = run.result.read_text(encoding="utf-8")
    assert all(item.path in notes for item in report.left_out)
