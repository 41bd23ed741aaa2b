"""What routers call: predict, evaluate and export with a trained run's own framework."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from trainwright.files import storage_error
from trainwright.frameworks.base import (
    Adapter,
    CanEvaluate,
    CanExport,
    CanMapClasses,
    CanPredict,
    HasOpset,
)
from trainwright.frameworks.results import read_result
from trainwright.serving.children import run_child
from trainwright.serving.errors import ModelError
from trainwright.serving.gather import Gathering
from trainwright.serving.language import ModelFolder, Talks, UnusableError, find_model
from trainwright.serving.pool import WorkerPool
from trainwright.serving.worker import Recipe
from trainwright.spec import (
    InvalidRequestError,
    NotFoundError,
    Prediction,
    RunDir,
    RunSpec,
    did_you_mean,
)

_PROGRESS = re.compile(r"progress (\d+)/(\d+)")
_PREDICTIONS: TypeAdapter[list[Prediction]] = TypeAdapter(list[Prediction])


class Serving:
    """Uses of trained models.

    Args:
        run_dir_of: Run id → its directory.
        adapter_of: Spec → the adapter of its framework.
        pool: Where prediction workers live.
    """

    def __init__(
        self,
        run_dir_of: Callable[[str], RunDir],
        adapter_of: Callable[[RunSpec], Adapter],
        pool: WorkerPool,
    ) -> None:
        self._run_dir_of = run_dir_of
        self._adapter_of = adapter_of
        self._pool = pool
        self.gathering = Gathering(pool)
        self.talks = Talks(pool)

    def language_model(self, run_id: str, spec: RunSpec) -> ModelFolder | None:
        """The language model that answers for a run; `None` where its framework predicts itself.

        Raises:
            NotFoundError: There is no such run directory.
            UnusableError: The framework cannot predict, and the run has left no language model.
        """
        adapter = self._adapter_of(spec)
        if isinstance(adapter, CanPredict):
            return None
        try:
            return _language_model(self._run_dir(run_id))
        except UnusableError as error:
            error.message = f"models of {adapter.name} cannot predict here: {error.message}"
            raise

    def predict(
        self,
        run_id: str,
        spec: RunSpec,
        inputs: list[Path],
        top_k: int = 5,
        *,
        timeout: float = 60.0,
    ) -> list[Prediction]:
        """Predictions of the trained model, one for each input, in order.

        One that is no image has an `error` and no predictions, where the framework tells it apart.

        Args:
            run_id: A run that has a model.
            spec: Its spec.
            inputs: Image files, absolute or relative to the present folder.
            top_k: How many classes to name for each, at least 1.
            timeout: Seconds for the answer; starting the model is not counted.

        Raises:
            NotFoundError: There is no such run directory, or a file is missing.
            InvalidRequestError: The framework cannot predict, or an argument is out of range.
            TrainwrightError: As `WorkerPool.request`.
        """
        if top_k < 1:
            raise InvalidRequestError(f"top_k is {top_k}", field="top_k", expected="at least 1")
        if not inputs:
            return []
        paths = [_existing(path) for path in inputs]
        recipe = self.recipe(run_id, spec)
        texts = [str(path) for path in paths]
        found = self.gathering.predict(run_id, recipe, texts, top_k, timeout=timeout)
        return _predictions(found, paths)

    def recipe(self, run_id: str, spec: RunSpec) -> Recipe:
        """How to start the worker of a run's model.

        Raises:
            NotFoundError: There is no such run directory.
            InvalidRequestError: The framework cannot predict, or the run has left no model.
        """
        run = self._run_dir(run_id)
        adapter = self._adapter_of(spec)
        if not isinstance(adapter, CanPredict):
            raise _cannot(adapter, "predict files", run)
        return Recipe(tuple(adapter.worker_argv(run)), stamp=_stamp(run), cwd=run.path)

    def evaluate(
        self,
        run_id: str,
        spec: RunSpec,
        dataset: str | None = None,
        *,
        classes: Mapping[str, str] | None = None,
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
        timeout: float = 3600.0,
    ) -> dict[str, Any]:
        """Measure the trained model.

        Args:
            run_id: A run that has a model.
            spec: Its spec.
            dataset: What to measure on; `None` is the held-out part of the run's own data.
            classes: Name of a class in the dataset → in the model, or empty to leave it out.
            on_progress: Told how many images of how many have been looked at.
            timeout: Seconds.

        Returns:
            `metrics`, `per_class`, `confusion` and `notes`, as far as the framework knows them.

        Raises:
            NotFoundError: There is no such run directory.
            InvalidRequestError: The framework cannot evaluate, or not with other class names.
            ModelError: The evaluation failed; its last lines are in the message.
            ModelTimeoutError: It took longer than `timeout`.
        """
        run = self._run_dir(run_id)
        adapter = self._adapter_of(spec)
        if not isinstance(adapter, CanEvaluate):
            raise _cannot(adapter, "evaluate", run)
        with tempfile.TemporaryDirectory(prefix="trainwright-") as folder:
            out = Path(folder) / "evaluation.json"
            argv = adapter.evaluate_argv(run, dataset, out)
            if classes:
                if not isinstance(adapter, CanMapClasses):
                    raise _cannot(adapter, "evaluate under other class names", run)
                argv = [*argv, *adapter.classes_argv(classes)]

            def told(line: str) -> None:
                if said := _PROGRESS.fullmatch(line):
                    on_progress(int(said[1]), int(said[2]))

            run_child(argv, cwd=run.path, timeout=timeout, on_line=told)
            return _record(out)

    def export(
        self,
        run_id: str,
        spec: RunSpec,
        format: str,  # noqa: A002
        out: Path,
        *,
        opset: int | None = None,
        timeout: float = 1800.0,
    ) -> Path:
        """Write the trained model in another format, whole or not at all.

        What the framework writes beside it, such as `<out>.json`, comes along.

        Args:
            run_id: A run that has a model.
            spec: Its spec.
            format: One of the adapter's `formats`.
            out: File to write; one that is there is replaced.
            opset: Of ONNX, where it is to be another than the exporter's.
            timeout: Seconds.

        Returns:
            `out`, absolute.

        Raises:
            NotFoundError: There is no such run directory.
            InvalidRequestError: The framework cannot export, or not to this format.
            ModelError: The export failed; its last lines are in the message.
            ModelTimeoutError: It took longer than `timeout`.
            StorageError: `out` cannot be written.
        """
        run = self._run_dir(run_id)
        adapter = self._adapter_of(spec)
        if not isinstance(adapter, CanExport):
            raise _cannot(adapter, "export", run)
        if format not in adapter.formats:
            hint = did_you_mean(format, list(adapter.formats))
            raise InvalidRequestError(
                f"{adapter.name} cannot export to {format!r}{hint}",
                field="format",
                expected=", ".join(adapter.formats),
            )
        out = out.expanduser().absolute()
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            # beside the goal, so that the last step is a rename
            with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as folder:
                made = Path(folder) / out.name
                argv = adapter.export_argv(run, format, made)
                if opset is not None:
                    if not isinstance(adapter, HasOpset):
                        raise _cannot(adapter, "choose an opset", run)
                    argv = [*argv, *adapter.opset_argv(opset)]
                run_child(argv, cwd=run.path, timeout=timeout)
                if not made.is_file():
                    raise ModelError(f"the export to {format} wrote no file")
                for written in Path(folder).iterdir():
                    os.replace(written, out.with_name(written.name))  # noqa: PTH105
        except OSError as error:
            raise storage_error(out, error) from error
        return out

    def _run_dir(self, run_id: str) -> RunDir:
        run = self._run_dir_of(run_id)
        if not run.path.is_dir():
            raise NotFoundError(
                f"run {run_id} has no files here", field="run_id", mend="trainwright runs list"
            )
        return run


def _language_model(run: RunDir) -> ModelFolder:
    return find_model(run.path, read_result(run).best_checkpoint)


def _cannot(adapter: Adapter, what: str, run: RunDir) -> InvalidRequestError:
    try:
        found = _language_model(run)
    except UnusableError:
        return InvalidRequestError(
            f"models of {adapter.name} cannot {what} here",
            field="model",
            expected=f"a framework that can {what}",
        )
    return InvalidRequestError(
        f"the run has left a language model, which cannot {what} here: it answers texts, and its "
        f"files lie in {found.path}",
        field="model",
        expected="a text, or a conversation",
        mend=f"trainwright chat --model {run.run_id}",
    )


def _existing(path: Path) -> Path:
    path = path.expanduser().absolute()
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", field="inputs", expected="an image file")
    return path


def _stamp(run: RunDir) -> str:
    """Changes whenever the run has been trained further."""
    try:
        return str(run.result.stat().st_mtime_ns)
    except OSError:
        return ""


def _predictions(answers: list[dict[str, Any]], paths: list[Path]) -> list[Prediction]:
    try:
        found = _PREDICTIONS.validate_python(answers)
    except ValidationError as error:
        raise ModelError(f"the model's answer is not a prediction: {error}") from None
    return [
        prediction.model_copy(update={"input": prediction.input or path.name})
        for prediction, path in zip(found, paths, strict=True)
    ]


def _record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise ModelError("the evaluation wrote no result") from None
    except ValueError as error:
        raise ModelError(f"the evaluation's result cannot be read: {error}") from None
    if not isinstance(record, dict):
        raise ModelError("the evaluation's result is not a mapping")
    return record
