"""Serving worker: keeps a trained model warm and names what is in images.

    python -m trainwright.frameworks.builtin.predict RUN_DIR

Speaks the serving protocol of `docs/internals.md`: JSON lines on stdin and stdout.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from trainwright import settings
from trainwright.datasets.formats.images import BadImageError, decode
from trainwright.frameworks.builtin.console import own_stdout
from trainwright.frameworks.builtin.device import choose
from trainwright.frameworks.builtin.trained import TrainedModel, load_trained
from trainwright.spec import (
    InvalidRequestError,
    LabelPrediction,
    Prediction,
    RunDir,
    TrainwrightError,
)
from trainwright.spec.errors import InputError

BATCH = 64
TOP_K = 5

_WORTH_THREADS = 0.002
"""Seconds that an image takes to decode; of smaller ones threads would wait for each other."""

_PREDICTIONS = TypeAdapter(list[Prediction])


class Predictor:
    """Answers requests with a model that stays loaded."""

    def __init__(self, model: TrainedModel) -> None:
        self._description = model.description
        self._version = model.version
        self._compute = choose("auto", "fp32", channels_last=False, tf32=False)
        self._model: nn.Module = model.from_pixels.to(self._compute.device)
        self._threads = min(8, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._threads)
        self._seconds_each = 0.0
        self._probabilities(torch.zeros(1, *self._shape, dtype=torch.uint8))  # warm

    @property
    def _shape(self) -> tuple[int, int, int]:
        seen = self._description.view
        return seen.channels, seen.height, seen.width

    def predict(self, paths: Sequence[str], top_k: int = TOP_K) -> list[Prediction]:
        """The likeliest classes of each image, best first; an `error` for what is not one.

        Args:
            paths: Absolute paths of image files.
            top_k: How many classes to name.
        """
        out: list[Prediction] = []
        for start in range(0, len(paths), BATCH):
            began, part = time.perf_counter(), paths[start : start + BATCH]
            out += self._answered(part, self._decoded(part), top_k, began)
        return out

    def _decoded(self, paths: Sequence[str]) -> list[Tensor | InputError]:
        began, threads = time.perf_counter(), 1
        if self._seconds_each < _WORTH_THREADS:
            found = self._images(paths)
        else:
            threads = min(self._threads, len(paths))
            share = -(-len(paths) // threads)
            shares = [paths[start : start + share] for start in range(0, len(paths), share)]
            found = list(chain.from_iterable(self._pool.map(self._images, shares)))
        self._seconds_each = (time.perf_counter() - began) * threads / len(paths)
        return found

    def _images(self, paths: Sequence[str]) -> list[Tensor | InputError]:
        return [self._image(path) for path in paths]

    def _image(self, path: str) -> Tensor | InputError:
        try:
            return self._description.view.fit(decode(Path(path)))
        except BadImageError as error:
            return InputError(error.message, field="inputs", mend=error.mend)
        except OSError as error:
            return InputError(error.strerror or str(error), field="inputs")

    def _answered(
        self,
        paths: Sequence[str],
        decoded: Sequence[Tensor | InputError],
        top_k: int,
        began: float,
    ) -> list[Prediction]:
        images = [one for one in decoded if isinstance(one, Tensor)]
        rows: Iterator[tuple[list[float], list[int]]] = iter(())
        if images:
            known = len(self._description.class_names)
            best = self._probabilities(torch.stack(images)).topk(min(top_k, known))
            rows = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        each = (time.perf_counter() - began) * 1000 / len(paths)
        return [
            Prediction.none_of(Path(path).name, one)
            if isinstance(one, InputError)
            else self._prediction(path, *next(rows), each)
            for path, one in zip(paths, decoded, strict=True)
        ]

    @torch.inference_mode()
    def _probabilities(self, images: Tensor) -> Tensor:
        pixels = images.to(self._compute.device).float().div_(255)
        probabilities: Tensor = self._model(pixels).softmax(1).cpu()
        return probabilities

    def _prediction(
        self, path: str, values: list[float], ids: list[int], milliseconds: float
    ) -> Prediction:
        names = self._description.class_names
        # of our own making, and many: checking them would cost more than the model
        labels = [
            LabelPrediction.model_construct(class_name=names[i], class_id=i, confidence=value)
            for value, i in zip(values, ids, strict=True)
        ]
        return Prediction.model_construct(
            input=Path(path).name,
            predictions=list(labels),
            inference_time_ms=milliseconds,
            model_version=self._version,
        )


def answer(predictor: Predictor, line: str) -> dict[str, Any]:
    """The reply to one request, whatever it is."""
    number: Any = None
    try:
        request = json.loads(line)
        number = request.get("id")
        found = predictor.predict(*_arguments(request))
    except TrainwrightError as error:
        return {"id": number, "error": _error(error)}
    except (ValueError, AttributeError) as error:
        broken = InvalidRequestError(f"the request cannot be read: {error}")
        return {"id": number, "error": _error(broken)}
    return {
        "id": number,
        "predictions": _PREDICTIONS.dump_python(found, mode="json", by_alias=True),
    }


def _arguments(request: dict[str, Any]) -> tuple[list[str], int]:
    inputs, top_k = request.get("inputs"), request.get("top_k", TOP_K)
    if not isinstance(inputs, list) or not all(isinstance(i, str) for i in inputs):
        raise InvalidRequestError("inputs must be a list of paths", field="inputs")
    if not isinstance(top_k, int) or top_k < 1:
        raise InvalidRequestError("top_k must be a whole number of at least 1", field="top_k")
    return inputs, top_k


def _error(error: TrainwrightError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "hint": error.mend or error.expected}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run_dir", type=Path)
    args = parser.parse_args()
    channel = own_stdout()
    try:
        model = load_trained(RunDir(args.run_dir.absolute()), settings.load().home)
        predictor = Predictor(model)
    except TrainwrightError as error:
        print(json.dumps({"error": _error(error)}), file=channel)
        raise SystemExit(error.exit_code) from None
    hello = {
        "ready": True,
        "model_version": model.version,
        "class_names": model.description.class_names,
    }
    print(json.dumps(hello), file=channel)
    for line in sys.stdin:
        print(json.dumps(answer(predictor, line)), file=channel)


if __name__ == "__main__":
    main()
