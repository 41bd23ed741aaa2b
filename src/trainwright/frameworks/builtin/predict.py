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
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic_core import to_json
from torch import Tensor, nn

from trainwright import settings
from trainwright.datasets.formats.images import BadImageError, decode
from trainwright.frameworks.builtin.console import own_stdout
from trainwright.frameworks.builtin.device import choose
from trainwright.frameworks.builtin.trained import TrainedModel, load_trained
from trainwright.spec import InvalidRequestError, Prediction, RunDir, TrainwrightError
from trainwright.spec.errors import InputError

TOP_K = 5

_MOST_IMAGES, _MOST_PIXELS = 256, 64 * 224 * 224
"""Of what the model sees at once: its memory is bounded, whatever the size of its images."""

_AHEAD = 2
"""Parts that are decoded while the model is at the one before."""

_WORTH_THREADS = 0.002
"""Seconds that an image takes to decode; of smaller ones threads would wait for each other."""


class _Part(NamedTuple):
    paths: Sequence[str]
    images: Sequence[Tensor | InputError]
    seconds: float


class Predictor:
    """Answers requests with a model that stays loaded."""

    def __init__(self, model: TrainedModel) -> None:
        self._description = model.description
        self._version = model.version
        self._compute = choose("auto", "fp32", channels_last=False, tf32=False)
        self._model: nn.Module = model.from_pixels.to(self._compute.device)
        height, width = self._shape[1:]
        self._batch = max(1, min(_MOST_IMAGES, _MOST_PIXELS // (height * width)))
        self._threads = min(8, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._threads)
        self._reader = ThreadPoolExecutor(1)
        self._seconds_each = 0.0
        self._probabilities(torch.zeros(1, *self._shape, dtype=torch.uint8))  # warm

    @property
    def _shape(self) -> tuple[int, int, int]:
        seen = self._description.view
        return seen.channels, seen.height, seen.width

    def predict(self, paths: Sequence[str], top_k: int = TOP_K) -> list[dict[str, Any]]:
        """The likeliest classes of each image, best first; an `error` for what is not one.

        Args:
            paths: Absolute paths of image files.
            top_k: How many classes to name.

        Returns:
            A `Prediction` for each, as JSON has it.
        """
        return [one for part in self._parts(paths) for one in self._answered(part, top_k)]

    def _parts(self, paths: Sequence[str]) -> Iterator[_Part]:
        """Decoded images, in order; the next ones are read while the model is at these."""
        shares = [paths[start : start + self._batch] for start in range(0, len(paths), self._batch)]
        ahead = deque(self._reader.submit(self._decoded, share) for share in shares[:_AHEAD])
        for share in shares[_AHEAD:]:
            part = ahead.popleft().result()
            ahead.append(self._reader.submit(self._decoded, share))
            yield part
        for coming in ahead:
            yield coming.result()

    def _decoded(self, paths: Sequence[str]) -> _Part:
        began, threads = time.perf_counter(), 1
        if self._seconds_each < _WORTH_THREADS:
            found = self._images(paths)
        else:
            threads = min(self._threads, len(paths))
            share = -(-len(paths) // threads)
            shares = [paths[start : start + share] for start in range(0, len(paths), share)]
            found = list(chain.from_iterable(self._pool.map(self._images, shares)))
        took = time.perf_counter() - began
        self._seconds_each = took * threads / len(paths)
        return _Part(paths, found, took)

    def _images(self, paths: Sequence[str]) -> list[Tensor | InputError]:
        return [self._image(path) for path in paths]

    def _image(self, path: str) -> Tensor | InputError:
        try:
            with open(path, "rb") as file:  # noqa: PTH123
                return self._description.view.fit(decode(file))
        except BadImageError as error:
            return InputError(error.message, field="inputs", mend=error.mend)
        except OSError as error:
            return InputError(error.strerror or str(error), field="inputs")

    def _answered(self, part: _Part, top_k: int) -> Iterator[dict[str, Any]]:
        began = time.perf_counter()
        images = [one for one in part.images if isinstance(one, Tensor)]
        rows: Iterator[tuple[list[float], list[int]]] = iter(())
        if images:
            known = len(self._description.class_names)
            best = self._probabilities(torch.stack(images)).topk(min(top_k, known))
            rows = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        took = part.seconds + time.perf_counter() - began
        milliseconds = took * 1000 / len(images or part.images)
        for path, one in zip(part.paths, part.images, strict=True):
            name = os.path.basename(path)  # noqa: PTH119
            if isinstance(one, InputError):
                yield Prediction.none_of(name, one).model_dump(mode="json", exclude_none=True)
            else:
                yield self._prediction(name, *next(rows), milliseconds)

    @torch.inference_mode()
    def _probabilities(self, images: Tensor) -> Tensor:
        pixels = images.to(self._compute.device).float().div_(255)
        probabilities: Tensor = self._model(pixels).softmax(1).cpu()
        return probabilities

    def _prediction(
        self, name: str, values: list[float], ids: list[int], milliseconds: float
    ) -> dict[str, Any]:
        # no models of ours in between: making and reading them would cost more than the network
        names = self._description.class_names
        return {
            "input": name,
            "predictions": [
                {"class": names[i], "class_id": i, "confidence": value}
                for value, i in zip(values, ids, strict=True)
            ],
            "inference_time_ms": milliseconds,
            "model_version": self._version,
        }


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
    return {"id": number, "predictions": found}


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
        print(to_json(answer(predictor, line)).decode(), file=channel)


if __name__ == "__main__":
    main()
