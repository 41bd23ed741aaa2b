"""Conversations with language models: their workers, and who may wait for one."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from trainwright.serving.errors import BusyError, ModelError
from trainwright.serving.language.folders import ModelFolder
from trainwright.serving.pool import WorkerPool
from trainwright.serving.worker import Recipe
from trainwright.spec.api import Generated, GenerateRequest
from trainwright.spec.errors import InputError, MissingDependencyError

MAX_WAITING = 8
"""Conversations with one model, the present one included; each answer may take minutes."""

TURN_SECONDS = 300.0
"""How long the answers before may take."""

INSTALL = "pip install 'trainwright[llm]'"

_NEEDED = ("torch", "transformers")
_WORKER = "trainwright.serving.language.worker"
_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class Talks:
    """Has workers of language models answer, one conversation at a time each.

    Args:
        pool: Where the workers are.
        max_waiting: Conversations with one model at once.
    """

    def __init__(self, pool: WorkerPool, *, max_waiting: int = MAX_WAITING) -> None:
        self._pool = pool
        self._max_waiting = max_waiting
        self._lock = threading.Lock()
        self._present: Counter[str] = Counter()

    def answer(
        self,
        run_id: str,
        model: ModelFolder,
        asked: GenerateRequest,
        *,
        tell: Callable[[str], None] = lambda _: None,
        gone: Callable[[], bool] = lambda: False,
    ) -> Generated:
        """What the model says.

        Args:
            run_id: Whose model.
            model: Where it is.
            asked: The conversation so far, and how to go on with it.
            tell: Told the answer piece by piece, while it is made.
            gone: Whether nobody waits for it any more: then it ends at once.

        Raises:
            MissingDependencyError: What runs language models is not installed.
            BusyError: Too many wait for this model already.
            AbandonedError: Nobody waited for the answer any more.
            InputError: The messages do not fit, or the model's template refuses them.
            ModelError: The model cannot be loaded or fails.
        """
        check_installed()
        with self._place(run_id):
            try:
                found = self._pool.converse(
                    run_id,
                    recipe_of(run_id, model),
                    asked.model_dump(mode="json"),
                    tell=tell,
                    gone=gone,
                    timeout=TURN_SECONDS,
                )
            except InputError as error:
                error.field = "messages"
                raise
        try:
            return Generated.model_validate(found.get("answer", {}) | {"run_id": run_id})
        except (ValidationError, TypeError) as error:
            raise ModelError(f"the model's answer cannot be read: {error}") from None

    def present(self, run_id: str) -> int:
        """How many conversations with a model are answered or wait."""
        with self._lock:
            return self._present[run_id]

    @contextmanager
    def _place(self, run_id: str) -> Iterator[None]:
        with self._lock:
            present = self._present[run_id]
            if present >= self._max_waiting:
                raise BusyError(
                    f"{present} conversations wait for this model already", retry_after_seconds=5
                )
            self._present[run_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._present[run_id] -= 1
                if not self._present[run_id]:
                    del self._present[run_id]


def recipe_of(run_id: str, model: ModelFolder) -> Recipe:
    """How to start the worker of a language model."""
    # -P: what lies in the folder the platform was started in is none of its libraries
    argv = [sys.executable, "-P", "-m", _WORKER, str(model.path), "--name", run_id]
    if model.context_length is not None:
        argv += ["--context-length", str(model.context_length)]
    return Recipe(tuple(argv), stamp=model.stamp, env=_ENVIRONMENT)


def check_installed() -> None:
    """Look for what runs language models, without loading it.

    Raises:
        MissingDependencyError: Some of it is not there.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependencyError(
            f"language models need {' and '.join(missing)}, which the platform's Python lacks",
            mend=INSTALL,
        )
