"""Trained models at work: predict, evaluate, export."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from trainwright.client.language import LanguageCalls
from trainwright.client.transport import LONG
from trainwright.spec.api import ArtifactView, Evaluation, Page, PredictResponse
from trainwright.spec.errors import InvalidRequestError, NotFoundError, UnavailableError
from trainwright.spec.result import Prediction

_URL = re.compile(r"https?://", re.IGNORECASE)
_INPUTS, _BYTES = 64, 64 * 1024 * 1024
"""Inputs, and their bytes, that are sent at once."""


class TrainedCalls(LanguageCalls):
    """What can be asked of trained models."""

    def predict(
        self,
        ref: str,
        inputs: Iterable[Path | str],
        top_k: int = 5,
        *,
        on_progress: Callable[[int], None] | None = None,
    ) -> list[Prediction]:
        """Predictions for images, in order.

        Of several inputs, those that cannot be read have an `error` and no predictions.

        Args:
            ref: The run's id, prefix, name or `last`.
            inputs: Image files, and `http(s)://` URLs, which the platform fetches. As many as you
                like: they are sent in portions.
            top_k: Labels to give for each.
            on_progress: Told how many inputs have been answered.

        Raises:
            NotFoundError: The only file cannot be read.
            InputError: The only input is not an image.
        """
        given = [one if is_url(one) else Path(one) for one in inputs]
        run_id, answers = self._id(ref), list[Prediction]()
        for portion in _portions(given):
            answers += self._predict(run_id, portion, top_k, alone=len(given) == 1)
            if on_progress:
                on_progress(len(answers))
        return answers

    def _predict(
        self, run_id: str, given: Sequence[Path | str], top_k: int, *, alone: bool
    ) -> list[Prediction]:
        answers: dict[int, Prediction] = {}
        with ExitStack() as stack:
            parts: list[tuple[str, tuple[str | None, Any]]] = []
            for place, one in enumerate(given):
                try:
                    parts.append(_part_of(one, stack))
                except NotFoundError as error:
                    if alone:
                        raise
                    answers[place] = Prediction.none_of(str(one), error)
            found = iter(self._ask(run_id, parts, top_k, alone=alone) if parts else ())
        for place, one in enumerate(given):
            if place not in answers:
                answers[place] = next(found).model_copy(update={"input": str(one)})
        return [answers[place] for place in range(len(given))]

    def _ask(
        self,
        run_id: str,
        parts: list[tuple[str, tuple[str | None, Any]]],
        top_k: int,
        *,
        alone: bool,
    ) -> list[Prediction]:
        path, params = f"/inference/{run_id}/predict", {"top_k": top_k}
        try:
            data = self._send("POST", path, files=parts, params=params, timeout=LONG)
        except InvalidRequestError as error:
            # the last one of several is to the platform the only one
            if alone or len(parts) > 1 or error.field != "inputs":
                raise
            return [Prediction.none_of("", error)]
        return PredictResponse.model_validate(data).results

    def predict_text(
        self,
        ref: str,
        inputs: Sequence[str],
        top_k: int = 5,
        *,
        max_tokens: int | None = None,
        temperature: float | None = None,
    ) -> list[Prediction]:
        """Predictions for texts, or for base64 images.

        Args:
            ref: The run's id, prefix, name or `last`.
            inputs: The texts.
            top_k: Labels to give for each image.
            max_tokens: Of a language model's answer to each text.
            temperature: Of a language model; by default 0, the same answer every time.
        """
        chosen = {"max_tokens": max_tokens, "temperature": temperature}
        body = {"inputs": list(inputs), "top_k": top_k}
        body |= {name: value for name, value in chosen.items() if value is not None}
        path = f"/inference/{self._id(ref)}/predict"
        data = self._send("POST", path, json=body, timeout=LONG)
        return PredictResponse.model_validate(data).results

    def evaluate(
        self,
        ref: str,
        dataset: str | None = None,
        classes: Mapping[str, str] | None = None,
        *,
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
    ) -> Evaluation:
        """Measure the trained model; the outcome is kept with the run.

        Args:
            ref: The run's id, prefix, name or `last`.
            dataset: Name, id or folder; default: what was held out of the run's own data.
            classes: Class of the dataset → class of the model, or empty to leave it out.
            on_progress: Told how many images of how many have been looked at.
        """
        path = self._run_path(ref) + "/evaluate"
        body = {"dataset": dataset, "classes": dict(classes or {})}
        for said in self._transport.lines(path, json=body, timeout=LONG):
            if "evaluation" in said:
                return Evaluation.model_validate(said["evaluation"])
            on_progress(said["progress"]["done"], said["progress"]["total"])
        raise UnavailableError("the platform ended in the middle of the evaluation")

    def evaluations(self, ref: str) -> list[Evaluation]:
        """What was measured of the model since the run ended, the newest first."""
        path = self._run_path(ref) + "/evaluations"
        return Page[Evaluation].model_validate(self._get(path)).items

    def export(
        self,
        ref: str,
        format: str,  # noqa: A002 (the contracts' word)
        out: Path | str | None = None,
        *,
        opset: int | None = None,
    ) -> ArtifactView:
        """Export the trained model; with `out`, save the file there, and its card beside it.

        Args:
            ref: The run's id, prefix, name or `last`.
            format: `safetensors`, `pth`, `torchscript`, `pt2` or `onnx`, as the framework has them.
            out: File or folder.
            opset: Of ONNX; default: the exporter's.
        """
        path = self._run_path(ref) + "/export"
        data = self._send("POST", path, json={"format": format, "opset": opset}, timeout=LONG)
        artifact = ArtifactView.model_validate(data)
        if out is not None:
            saved = self.download_artifact(ref, artifact.path, out)
            card = f"{artifact.path}.json"
            if any(one.path == card for one in self.artifacts(ref)):
                self.download_artifact(ref, card, saved.with_name(f"{saved.name}.json"))
        return artifact


def is_url(text: Path | str) -> bool:
    """Whether an input is to be fetched, rather than read from disk."""
    return isinstance(text, str) and _URL.match(text) is not None


def _part_of(one: Path | str, stack: ExitStack) -> tuple[str, tuple[str | None, Any]]:
    """An input as a part of a form; its file stays open as long as `stack`."""
    if isinstance(one, str):
        return "inputs", (None, one)
    try:
        return "files", (one.name, stack.enter_context(one.open("rb")))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise NotFoundError(f"cannot read {one}: {why}", field="inputs") from None


def _portions(given: Sequence[Path | str]) -> Iterator[list[Path | str]]:
    portion: list[Path | str] = []
    size = 0
    for one in given:
        length = _length(one)
        if portion and (len(portion) == _INPUTS or size + length > _BYTES):
            yield portion
            portion, size = [], 0
        portion.append(one)
        size += length
    if portion:
        yield portion


def _length(one: Path | str) -> int:
    try:
        return one.stat().st_size if isinstance(one, Path) else 0
    except (OSError, ValueError):
        return 0
