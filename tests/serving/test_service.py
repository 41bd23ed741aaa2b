"""Predict, evaluate and export, through small adapters whose programs really run."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from trainwright.frameworks.base import Availability
from trainwright.serving import Recipe, Serving, WorkerPool
from trainwright.serving.children import run_child
from trainwright.serving.errors import ModelError, ModelTimeoutError
from trainwright.spec import (
    DataError,
    Fault,
    InvalidRequestError,
    ModelInfo,
    NotFoundError,
    Option,
    RunDir,
    RunSpec,
)
from trainwright.spec.rundir import Launch, TrainerResult

SPEC = RunSpec(model="plain/model", task="image_classification", dataset="digits")

PREDICTOR = """
    say({"ready": True, "model_version": "v7", "class_names": ["no", "yes"]})
    for r in requests():
        one = {"class": "yes", "class_id": 1, "confidence": 0.75}
        say({"id": r["id"], "predictions": [
            {"predictions": [one] * r["top_k"], "inference_time_ms": 1.5, "model_version": "v7"}
            for path in r["inputs"] if os.path.isabs(path)
        ]})
"""


class Plain:
    """Trains nothing, offers nothing."""

    name = "plain"

    def availability(self) -> Availability:
        return Availability(installed=True)

    def list_models(self) -> list[ModelInfo]:
        return []

    def load_model(self, name: str) -> ModelInfo:
        raise NotFoundError(name)

    def get_config_options(self) -> dict[str, list[Option]]:
        return {}

    def check(self, spec: RunSpec) -> list[Fault]:
        return []

    def prepare_training_script(
        self, spec: RunSpec, run: RunDir, *, resume_from: str | None
    ) -> Launch:
        return Launch(argv=["true"])

    def normalize_output(self, spec: RunSpec, run: RunDir) -> TrainerResult:
        return TrainerResult()


class Able(Plain):
    """Offers everything; a script given by the test does it."""

    formats = ("onnx", "safetensors")

    def __init__(self, argv: tuple[str, ...]) -> None:
        self.argv = argv

    def worker_argv(self, run: RunDir) -> list[str]:
        return list(self.argv)

    def evaluate_argv(self, run: RunDir, dataset: str | None, out: Path) -> list[str]:
        return [*self.argv, str(dataset), str(out)]

    def export_argv(self, run: RunDir, format: str, out: Path) -> list[str]:  # noqa: A002
        return [*self.argv, format, str(out)]


@pytest.fixture
def serve(
    tmp_path: Path, pool: WorkerPool, recipe: Callable[..., Recipe]
) -> Callable[[str], Serving]:
    """A `Serving` whose one run `r1` is served by the given script."""
    (tmp_path / "runs" / "r1").mkdir(parents=True)

    def make(script: str) -> Serving:
        adapter = Able(recipe(script).argv)
        return Serving(lambda i: RunDir(tmp_path / "runs" / i), lambda _: adapter, pool)

    return make


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "photo é.png"
    path.write_bytes(b"seen by the worker only")
    return path


Serve = Callable[[str], Serving]


def test_predict(serve: Serve, image: Path) -> None:
    predictions = serve(PREDICTOR).predict("r1", SPEC, [image, image], top_k=2)
    assert [p.input for p in predictions] == ["photo é.png"] * 2
    assert predictions[0].model_version == "v7"
    assert [p.class_name for p in predictions[0].predictions] == ["yes", "yes"]


def test_predict_nothing_starts_nothing(serve: Serve, pool: WorkerPool) -> None:
    assert serve(PREDICTOR).predict("r1", SPEC, []) == []
    assert pool.status() == []


def test_a_missing_file_is_named(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"gone\.png"):
        serve(PREDICTOR).predict("r1", SPEC, [tmp_path / "gone.png"])


def test_top_k_below_one(serve: Serve, image: Path) -> None:
    with pytest.raises(InvalidRequestError, match="top_k is 0"):
        serve(PREDICTOR).predict("r1", SPEC, [image], top_k=0)


def test_a_run_without_files(serve: Serve, image: Path) -> None:
    with pytest.raises(NotFoundError, match="r2"):
        serve(PREDICTOR).predict("r2", SPEC, [image])


@pytest.mark.parametrize("answer", ['"nonsense"', "[]", '[{"predictions": 3}]'])
def test_an_answer_that_is_no_prediction(serve: Serve, image: Path, answer: str) -> None:
    script = f"""
        say({{"ready": True}})
        for r in requests(): say({{"id": r["id"], "predictions": {answer}}})
    """
    with pytest.raises(ModelError, match="the model"):
        serve(script).predict("r1", SPEC, [image])


def test_training_further_restarts_the_worker(
    serve: Serve, image: Path, pool: WorkerPool, tmp_path: Path
) -> None:
    serving = serve(PREDICTOR)
    serving.predict("r1", SPEC, [image])
    before = pool.status()[0].pid
    serving.predict("r1", SPEC, [image])
    assert pool.status()[0].pid == before
    (tmp_path / "runs" / "r1" / "result.json").write_text("{}")
    serving.predict("r1", SPEC, [image])
    assert pool.status()[0].pid != before


def test_evaluate(serve: Serve) -> None:
    script = """
        json.dump({"metrics": {"test/accuracy": 0.5}, "on": sys.argv[1]}, open(sys.argv[2], "w"))
    """
    record = serve(script).evaluate("r1", SPEC, "mnist")
    assert record == {"metrics": {"test/accuracy": 0.5}, "on": "mnist"}


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("sys.exit('no weights')", "(?s)exit code 1.*no weights"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
        ("pass", "wrote no result"),
        ("open(sys.argv[2], 'w').write('{')", "cannot be read"),
        ("open(sys.argv[2], 'w').write('[]')", "not a mapping"),
    ],
)
def test_an_evaluation_that_fails(serve: Serve, script: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        serve(script).evaluate("r1", SPEC)


def test_an_evaluation_that_takes_too_long(serve: Serve) -> None:
    with pytest.raises(ModelTimeoutError, match=r"(?s)0 s.*half way"):
        serve("print('half way', flush=True); time.sleep(60)").evaluate("r1", SPEC, timeout=0.4)


def test_export(serve: Serve, tmp_path: Path) -> None:
    out = tmp_path / "new" / "model.onnx"
    script = "open(sys.argv[2], 'w').write(sys.argv[1])"
    assert serve(script).export("r1", SPEC, "onnx", out) == out
    assert out.read_text() == "onnx"
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("script", ["pass", "open(sys.argv[2], 'w').write('half'); sys.exit(1)"])
def test_a_failed_export_leaves_what_was_there(serve: Serve, tmp_path: Path, script: str) -> None:
    out = tmp_path / "out" / "model.onnx"
    out.parent.mkdir()
    out.write_text("before")
    with pytest.raises(ModelError):
        serve(script).export("r1", SPEC, "onnx", out)
    assert out.read_text() == "before"
    assert list(out.parent.iterdir()) == [out]


def test_an_unknown_format_has_neighbours(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="did you mean onnx"):
        serve("pass").export("r1", SPEC, "onx", tmp_path / "m.onx")


def test_what_a_framework_cannot_do_is_said(
    serve: Serve, pool: WorkerPool, image: Path, tmp_path: Path
) -> None:
    serve("pass")
    plain = Serving(lambda i: RunDir(tmp_path / "runs" / i), lambda _: Plain(), pool)
    for call in (
        lambda: plain.predict("r1", SPEC, [image]),
        lambda: plain.evaluate("r1", SPEC),
        lambda: plain.export("r1", SPEC, "onnx", tmp_path / "m"),
    ):
        with pytest.raises(InvalidRequestError, match="models of plain cannot"):
            call()


def test_the_interpreter_of_a_child_may_be_gone(pool: WorkerPool, tmp_path: Path) -> None:
    (tmp_path / "r1").mkdir()
    adapter = Able((sys.executable + "-gone",))
    serving = Serving(lambda i: RunDir(tmp_path / i), lambda _: adapter, pool)
    with pytest.raises(ModelError, match="cannot be started"):
        serving.evaluate("r1", SPEC)


def test_what_a_child_says_itself_is_the_error(tmp_path: Path) -> None:
    program = (
        "print('noise'); print('error: no class is known [bad_dataset]'); print('hint: rename')"
    )
    with pytest.raises(DataError) as caught:
        run_child([sys.executable, "-c", f"{program}; exit(2)"], cwd=tmp_path, timeout=30)
    assert caught.value.message == "no class is known"
    assert caught.value.mend == "rename"


def test_a_child_that_says_nothing_of_use_is_told_by_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"exit code 3; its last lines:\nnoise"):
        run_child([sys.executable, "-c", "print('noise'); exit(3)"], cwd=tmp_path, timeout=30)


@pytest.mark.parametrize("ending", ["", "; sys.exit(3)"])
def test_what_a_child_that_has_ended_left_running_is_ended(tmp_path: Path, ending: str) -> None:
    script = (
        "import subprocess, sys, pathlib;"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
        f"pathlib.Path('pid').write_text(str(left.pid)){ending}"
    )
    with pytest.raises(ModelError) if ending else contextlib.nullcontext():
        run_child([sys.executable, "-c", script], cwd=tmp_path, timeout=30)
    left = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 10
    while psutil.pid_exists(left) and psutil.Process(left).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.02)
