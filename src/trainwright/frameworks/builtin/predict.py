"""Serving worker: keeps a trained model warm and names what is in images.

    python -m trainwright.frameworks.builtin.predict RUN_DIR

Speaks the serving protocol of `docs/internals.md`: JSON lines on stdin and stdout.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic_core import to_json
from torch import Tensor, nn

from trainwright import settings
from trainwright.datasets.formats.images import BadImageError, decode
from trainwright.frameworks.builtin.ahead import ahead
from trainwright.frameworks.builtin.console import own_stdout
from trainwright.frameworks.builtin.device import choose
from trainwright.frameworks.builtin.trained import TrainedModel, load_trained
from trainwright.spec import InvalidRequestError, Prediction, RunDir, TrainwrightError
from trainwright.spec.errors import InputError

TOP_K = 5

_IMAGES, _MOST_IMAGES, _MOST_PIXELS = 64, 256, 64 * 224 * 224
"""Of what the model sees at once: its memory is bounded, whatever the size of its images."""

_SHORT = 0.02
"""Seconds for the model to see `_IMAGES`. Where it takes less, more are put together: it and the
thread that reads would wait for each other too often. Where it takes longer, more fit no cache."""

_AHEAD = 2
"""Parts that are read and wait while the model is at the one before."""

_WORTH_THREADS = 0.002
"""Seconds that an image takes to decode; of smaller ones threads would wait for each other."""


class Part(NamedTuple):
    """Images that are looked at together.

    Attributes:
        paths: Their files.
        images: What is in each, or why that cannot be said.
        seconds: What reading them took.
    """

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
        self._bound = max(1, _MOST_PIXELS // (height * width))
        self._batch = min(_IMAGES, self._bound)
        self._threads = min(8, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._threads)
        self._seconds_each = 0.0
        self._probabilities(torch.zeros(1, *self._shape, dtype=torch.uint8))  # warm

    @property
    def _shape(self) -> tuple[int, int, int]:
        seen = self._description.view
        return seen.channels, seen.height, seen.width

    def read(self, paths: Sequence[str]) -> Iterator[Part]:
        """Images as the model sees them, part by part.

        Args:
            paths: Absolute paths of image files.
        """
        rest = iter(paths)
        while share := list(islice(rest, self._batch)):
            yield self._decoded(share)

    def name(self, part: Part, top_k: int) -> Iterator[dict[str, Any]]:
        """The likeliest classes of each image, best first; an `error` for what is not one.

        Args:
            part: Images that are read.
            top_k: How many classes to name.

        Yields:
            A `Prediction` for each, as JSON has it.
        """
        began = time.perf_counter()
        images = [one for one in part.images if isinstance(one, Tensor)]
        rows: Iterator[tuple[list[float], list[int]]] = iter(())
        if images:
            known = len(self._description.class_names)
            best = self._probabilities(torch.stack(images)).topk(min(top_k, known))
            rows = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        took = time.perf_counter() - began
        short = took / len(part.images) < _SHORT / _IMAGES
        self._batch = min(_MOST_IMAGES if short else _IMAGES, self._bound)
        milliseconds = (part.seconds + took) * 1000 / len(part.images)
        for path, one in zip(part.paths, part.images, strict=True):
            name = os.path.basename(path)  # noqa: PTH119
            if isinstance(one, InputError):
                yield Prediction.none_of(name, one).model_dump(mode="json", exclude_none=True)
            else:
                yield self._prediction(name, *next(rows), milliseconds)

    def _decoded(self, paths: Sequence[str]) -> Part:
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
        return Part(paths, found, took)

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


class _Reply:
    """What is said to one request."""

    def __init__(self) -> None:
        self.number: Any = None
        self.top_k = TOP_K
        self.predictions: list[dict[str, Any]] = []
        self.error: dict[str, Any] | None = None

    @contextlib.contextmanager
    def excused(self) -> Iterator[None]:
        """An error is the reply, and nothing more."""
        try:
            yield
        except TrainwrightError as error:
            self.error = _error(error)
        except (ValueError, AttributeError) as error:
            broken = InvalidRequestError(f"the request cannot be read: {error}")
            self.error = _error(broken)

    def said(self) -> dict[str, Any]:
        if self.error is not None:
            return {"id": self.number, "error": self.error}
        return {"id": self.number, "predictions": self.predictions}


def replies(predictor: Predictor, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The reply to each request, in order, whatever it is.

    While the model is at some images the next ones are read, those of the next request, too.
    """
    for reply, part in ahead(_parts(predictor, lines), _AHEAD):
        if part is None:
            yield reply.said()
        elif reply.error is None:
            with reply.excused():
                reply.predictions += predictor.name(part, reply.top_k)


def _parts(predictor: Predictor, lines: Iterable[str]) -> Iterator[tuple[_Reply, Part | None]]:
    """The images of each request, and `None` behind its last."""
    for line in lines:
        reply = _Reply()
        with reply.excused():
            request = json.loads(line)
            reply.number = request.get("id")
            paths, reply.top_k = _arguments(request)
            for part in predictor.read(paths):
                yield reply, part
        yield reply, None


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
    for reply in replies(predictor, sys.stdin):
        print(to_json(reply).decode(), file=channel)


if __name__ == "__main__":
    main()
