"""One portion of a batch put to its model: whatever an input does, it is answered."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeGuard

from trainwright.serving.batch.folder import result_line
from trainwright.serving.batch.sources import Item, as_fault
from trainwright.serving.errors import ModelError, ModelTimeoutError
from trainwright.serving.fetch import fetch_image
from trainwright.serving.pool import WorkerPool
from trainwright.serving.singling import each_alone
from trainwright.serving.worker import Recipe
from trainwright.spec.errors import (
    InputError,
    InvalidRequestError,
    NotFoundError,
    TrainwrightError,
)

GIVE_UP = 24
"""Failures of the model's process in a row, more than the halving for two bad inputs takes."""

_FETCHERS = 8
_PATIENCE_SECONDS, _PATIENCE_TIMES = 30.0, 20.0
"""A portion may take this long, and so many times what inputs took before."""

_OF_THE_INPUT = (InputError, ModelError, ModelTimeoutError)


class ModelGoneError(TrainwrightError):
    """The model fails for every input."""

    code = "model_error"


class Asker:
    """Puts inputs of one batch to its model.

    Args:
        pool: Where the model's worker is.
        key: Whose worker.
        recipe: How to start it.
        top_k: How many labels for each input.
        allow_private: Also fetch URLs from private networks.
    """

    def __init__(
        self, pool: WorkerPool, key: str, recipe: Recipe, top_k: int, *, allow_private: bool
    ) -> None:
        self._pool = pool
        self._key = key
        self._recipe = recipe
        self._top_k = top_k
        self._allow_private = allow_private
        self._lock = threading.Lock()
        self._failures = 0
        self._seconds_each = 1.0

    def warm(self) -> str | None:
        """Start the model, if it is not; the version it says it is.

        Raises:
            TrainwrightError: It cannot be started.
        """
        version = self._pool.warm(self._key, self._recipe).get("model_version")
        return str(version) if version else None

    def answer(self, items: Sequence[Item], first: int) -> list[bytes]:
        """A line of `results.jsonl` for each input.

        Args:
            items: The inputs.
            first: The place of the first in the batch.

        Raises:
            ModelGoneError: Nothing can be got from the model any more.
            UnavailableError: The service is shutting down.
        """
        with tempfile.TemporaryDirectory(prefix="trainwright-") as folder:
            places = self._places(items, Path(folder))
            paths = [place for place in places if isinstance(place, str)]
            found = each_alone(self._ask, paths, _OF_THE_INPUT) if paths else iter(())
            lines = []
            for number, (item, place) in enumerate(zip(items, places, strict=True), start=first):
                answer = next(found) if isinstance(place, str) else {"error": place}
                lines.append(result_line(number, _named(item, place, answer)))
            return lines

    def _places(self, items: Sequence[Item], folder: Path) -> list[str | dict[str, object]]:
        """The file of each input, or why there is none."""

        def place_of(item: Item) -> str | dict[str, object]:
            if item.error is not None:
                return item.error
            try:
                if item.url is not None:
                    return str(fetch_image(item.url, folder, allow_private=self._allow_private))
                return _file(item.path or "")
            except InvalidRequestError as error:
                return as_fault(error)

        if all(item.url is None for item in items):
            return [place_of(item) for item in items]
        with ThreadPoolExecutor(_FETCHERS) as fetchers:
            return list(fetchers.map(place_of, items))

    def _ask(self, paths: Sequence[str]) -> list[dict[str, Any]]:
        payload = {"inputs": list(paths), "top_k": self._top_k}
        patience = _PATIENCE_SECONDS + _PATIENCE_TIMES * self._seconds_each * len(paths)
        began = time.monotonic()
        try:
            found = self._pool.request(self._key, self._recipe, payload, timeout=patience)
            answers = found.get("predictions")
            if not _are_answers(answers, len(paths)):
                raise ModelError(f"the model did not answer each of {len(paths)} inputs")
        except (ModelError, ModelTimeoutError) as error:
            self._count_failure(error)
            raise
        with self._lock:
            self._failures = 0
            self._seconds_each = (time.monotonic() - began) / len(paths)
        return answers

    def _count_failure(self, error: TrainwrightError) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= GIVE_UP:
                raise ModelGoneError(error.message, mend=error.mend) from error


def _are_answers(answers: object, count: int) -> TypeGuard[list[dict[str, Any]]]:
    return (
        isinstance(answers, list)
        and len(answers) == count
        and all(isinstance(answer, dict) for answer in answers)
    )


def _file(path: str) -> str:
    # nothing but a file: of a pipe or a device a model might wait for ever
    if not os.path.isfile(path):  # noqa: PTH113 — many a second
        raise NotFoundError("there is no such file", expected="an image file")
    return path


def _named(
    item: Item, place: str | dict[str, object], answer: dict[str, Any] | TrainwrightError
) -> dict[str, Any]:
    """An answer under the name the sender knows."""
    if isinstance(answer, TrainwrightError):
        answer = {"error": _fault(answer, place)}
    if not answer.get("error"):
        answer.pop("error", None)
    return {**answer, "input": item.name}


def _fault(error: TrainwrightError, place: str | dict[str, object]) -> dict[str, object]:
    own = f"{Path(place).name}: " if isinstance(place, str) else ""
    return as_fault(error) | {"message": error.message.removeprefix(own)}
