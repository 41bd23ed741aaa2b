"""Serving worker: keeps a language model warm and goes on with conversations.

    python -m trainwright.serving.language.worker FOLDER --name RUN_ID

Speaks the serving protocol of `docs/internals.md`: JSON lines on stdin and stdout.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import queue
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from trainwright.files import sha256_of
from trainwright.frameworks.builtin.console import own_stdout
from trainwright.serving.errors import ModelError
from trainwright.serving.language.talks import INSTALL
from trainwright.spec.errors import MissingDependencyError, TrainwrightError

if TYPE_CHECKING:
    from trainwright.serving.language.generating import LanguageModel

_WORDS = 500
"""Letters of a library's complaint that are passed on."""


class Asked(NamedTuple):
    """A request, and whether it is still wanted."""

    number: Any
    body: dict[str, Any]
    cancelled: threading.Event


class Inbox:
    """Requests in their order. A cancellation is heard while another one is answered."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self._waiting: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._open: dict[Any, threading.Event] = {}
        self._lock = threading.Lock()
        threading.Thread(target=self._read, daemon=True, name="inbox").start()

    def __iter__(self) -> Iterator[Asked]:
        while (asked := self._waiting.get()) is not None:
            yield asked
            with self._lock:
                self._open.pop(asked.number, None)

    def _read(self) -> None:
        for line in self._lines:
            try:
                said = json.loads(line)
                self._take(said)
            except (ValueError, TypeError, AttributeError, RecursionError):
                continue  # the platform writes none such
        # whoever asked is gone
        with self._lock:
            for event in self._open.values():
                event.set()
        self._waiting.put(None)

    def _take(self, said: dict[str, Any]) -> None:
        with self._lock:
            if "cancel" in said:
                if (known := self._open.get(said["cancel"])) is not None:
                    known.set()
                return
            asked = Asked(said.get("id"), said, threading.Event())
            self._open[asked.number] = asked.cancelled
        self._waiting.put(asked)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name", help="What the model's version begins with.")
    parser.add_argument("--context-length", type=int, help="Tokens the model can look at.")
    args = parser.parse_args()
    channel = own_stdout()
    inbox = Inbox(sys.stdin)
    folder = args.folder.absolute()
    try:
        model = load(folder, args.context_length)
    except TrainwrightError as error:
        _say(channel, {"error": _error(error)})
        raise SystemExit(error.exit_code) from None
    version = f"{args.name or folder.name}@{_digest(folder)}"
    _say(channel, {"ready": True, "model_version": version})
    for asked in inbox:
        _say(channel, {"id": asked.number, **_reply(model, version, asked, channel)})


def load(folder: Path, context_length: int | None) -> LanguageModel:
    """A model, or why there is none.

    Raises:
        MissingDependencyError: A library is missing.
        ModelError: Its files cannot be used.
    """
    try:
        from trainwright.serving.language.generating import LanguageModel  # noqa: PLC0415

        return LanguageModel(folder, context_length)
    except TrainwrightError:
        raise
    except ImportError as error:
        raise MissingDependencyError(f"the model cannot be loaded: {error}", mend=INSTALL) from None
    # whatever a stranger's files bring about is told to who asked
    except Exception as error:  # noqa: BLE001
        why, expected = _words(error), None
        if "trust_remote_code" in str(error):
            why = "it brings code of its own along (auto_map), which is never run"
            expected = "an architecture that transformers itself knows"
        raise ModelError(f"the model cannot be loaded: {why}", expected=expected) from None


def _reply(model: LanguageModel, version: str, asked: Asked, channel: IO[str]) -> dict[str, Any]:
    def tell(piece: str) -> None:
        _say(channel, {"id": asked.number, "delta": piece})

    try:
        found = model.answer(asked.body, tell, asked.cancelled.is_set)
    except TrainwrightError as error:
        return {"error": _error(error)}
    except Exception as error:  # noqa: BLE001 (of a stranger's model, too)
        return {"error": _error(ModelError(f"the model failed: {_words(error)}"))}
    return {"answer": {**found, "model_version": version}}


def _digest(folder: Path) -> str:
    told = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        told.update(sha256_of(file).encode())
    return told.hexdigest()[:12]


def _say(channel: IO[str], message: dict[str, Any]) -> None:
    print(json.dumps(message), file=channel)


def _words(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:_WORDS]


def _error(error: TrainwrightError) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "hint": error.mend or error.expected}


if __name__ == "__main__":
    main()
