"""One worker process: JSON lines in, JSON lines out, never a shell, never left behind."""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
from pydantic_core import from_json

from trainwright.serving.children import LAST_WORDS, environment, kill_tree
from trainwright.serving.errors import (
    AbandonedError,
    ModelTimeoutError,
    WorkerDiedError,
    reported,
)

MAX_LINE = 64 * 1024 * 1024
"""Longest answer, in bytes."""


@dataclass(frozen=True)
class Recipe:
    """How to start a worker. A warm one is used again only while its recipe is the same.

    Attributes:
        argv: Program and arguments.
        stamp: Changes when the model on disk does.
        env: Added to this process's environment, of which secrets are not handed on.
        cwd: Folder to start in.
    """

    argv: tuple[str, ...]
    stamp: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None


Box = queue.SimpleQueue[dict[str, Any] | None]
"""Where one message is waited for; `None` when there will be none any more."""

_HELLO = 0

_LOOK_SECONDS = 0.1
"""How often it is looked whether somebody still waits."""


class Worker:
    """A child that speaks the serving protocol. It answers requests in the order they are sent."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.hello: dict[str, Any] = {}
        self._ids = itertools.count(1)
        self._boxes: dict[float, Box] = {_HELLO: queue.SimpleQueue()}
        self._mutex = threading.Lock()
        self._silent = False
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._words: deque[str] = deque(maxlen=LAST_WORDS)
        self._killed_for: str | None = None
        try:
            self._process = subprocess.Popen(
                recipe.argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=recipe.cwd,
                env=environment(recipe.env),
                start_new_session=True,
            )
        except OSError as error:
            raise WorkerDiedError(f"it cannot be started: {error}", final=True) from None
        self._threads = [
            threading.Thread(target=target, daemon=True, name=f"worker-{self.pid}-{name}")
            for name, target in (
                ("out", self._read_answers),
                ("err", self._read_words),
                ("in", self._write_requests),
            )
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        """Whether the process runs; one that has ended is reaped by asking."""
        return self._process.poll() is None

    def wait_ready(self, timeout: float) -> None:
        """Read the first line.

        Args:
            timeout: Seconds.

        Raises:
            TrainwrightError: What the worker says is wrong with its model.
            WorkerDiedError: It ended without a word.
            ModelTimeoutError: It is not ready in time.
        """
        self.hello = self.answer(_HELLO, timeout)

    def send(self, payload: Mapping[str, Any]) -> int:
        """Put a request into the worker's pipe, behind what is there.

        Args:
            payload: Fields of the request; `id` is added.

        Returns:
            Its number, by which it is answered or forgotten.
        """
        number = next(self._ids)
        with self._mutex:
            box = self._boxes[number] = queue.SimpleQueue()
            if self._silent:
                box.put(None)
        self._put({**payload, "id": number})
        return number

    def answer(self, number: int, timeout: float) -> dict[str, Any]:
        """What the worker says to a request.

        Args:
            number: As `send` gave it.
            timeout: Seconds.

        Raises:
            TrainwrightError: What the worker reports.
            WorkerDiedError: It ended in the middle.
            ModelTimeoutError: No answer in time; the worker is of no use any more.
        """
        try:
            return self._checked(self._next(self._boxes[number], time.monotonic() + timeout))
        finally:
            self.forget(number)

    def follow(
        self,
        number: int,
        tell: Callable[[str], None],
        gone: Callable[[], bool],
        quiet_seconds: float,
    ) -> dict[str, Any]:
        """What the worker says to a request that it answers piece by piece.

        Args:
            number: As `send` gave it.
            tell: Told each `delta`.
            gone: Whether nobody waits for the answer any more; the worker is then told to end it.
            quiet_seconds: How long it may say nothing.

        Returns:
            Its last message.

        Raises:
            TrainwrightError: What the worker reports.
            AbandonedError: Nobody waited any more.
            WorkerDiedError: It ended in the middle.
            ModelTimeoutError: It fell silent; it is of no use any more.
        """
        box = self._boxes[number]
        try:
            while True:
                deadline = time.monotonic() + quiet_seconds
                message = self._checked(self._next(box, deadline, gone))
                if "delta" not in message:
                    return message
                tell(str(message["delta"]))
        except BaseException:
            self._put({"cancel": number})
            raise
        finally:
            self.forget(number)

    def forget(self, number: int) -> None:
        """Nobody waits for the answer any more."""
        with self._mutex:
            self._boxes.pop(number, None)

    def memory(self) -> int:
        """Resident bytes of the process itself; 0 when it has ended."""
        # children are left out: finding them means reading every process of the machine
        try:
            return int(psutil.Process(self.pid).memory_info().rss) if self.alive() else 0
        except psutil.Error:
            return 0

    def kill(self, why: str | None = None) -> None:
        """End the process and its children now, and reap it."""
        self._killed_for = self._killed_for or why
        kill_tree(self._process)
        self._finish()

    def close(self, grace: float) -> None:
        """Let the process end by itself when its input ends; after `grace` seconds kill it."""
        self._outbox.put(None)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self.kill()

    def _finish(self) -> None:
        self._outbox.put(None)
        for thread in self._threads:
            thread.join(1)

    def _put(self, message: Mapping[str, Any]) -> None:
        self._outbox.put(json.dumps(message).encode() + b"\n")

    def _checked(self, message: dict[str, Any] | None) -> dict[str, Any]:
        if message is None:
            raise WorkerDiedError(self._obituary(), final=self._killed_for is not None)
        if "error" in message:
            raise reported(message["error"])
        return message

    def _next(
        self, box: Box, deadline: float, gone: Callable[[], bool] | None = None
    ) -> dict[str, Any] | None:
        slice_seconds = 1.0 if gone is None else _LOOK_SECONDS
        while (left := deadline - time.monotonic()) > 0:
            if gone is not None and gone():
                raise AbandonedError("whoever asked has gone away")
            with contextlib.suppress(queue.Empty):
                return box.get(timeout=min(left, slice_seconds))
            # a grandchild may hold the pipe open when the worker itself is gone
            if not self.alive():
                return None
        raise ModelTimeoutError(self._described("the model did not answer in time"))

    def _obituary(self) -> str:
        if self._killed_for:
            return self._killed_for
        try:
            status = self._process.wait(5)
        except subprocess.TimeoutExpired:
            return self._described("it closed its output")
        self._threads[1].join(1)
        how = f"signal {-status}" if status < 0 else f"exit code {status}"
        return self._described(f"it ended with {how}")

    def _described(self, what: str) -> str:
        words = "\n".join(self._words)
        return f"{what}; its last lines:\n{words}" if words else what

    def _read_answers(self) -> None:
        with _pipe(self._process.stdout) as stream:
            while line := stream.readline(MAX_LINE + 1):
                if len(line) > MAX_LINE:
                    break
                message = _message(line)
                if message is None:  # a print of some library that ignores the protocol
                    self._keep(line)
                else:
                    self._deliver(message)
        with self._mutex:
            self._silent = True
            for box in self._boxes.values():
                box.put(None)

    def _deliver(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        with self._mutex:
            if _HELLO in self._boxes and ("ready" in message or "error" in message):
                number = _HELLO
            # what nobody has asked for, or waits for any more, is not kept
            if isinstance(number, int | float) and number in self._boxes:
                self._boxes[number].put(message)

    def _read_words(self) -> None:
        with _pipe(self._process.stderr) as stream:
            while line := stream.readline(4096):
                self._keep(line)

    def _keep(self, line: bytes) -> None:
        self._words.append(line[:500].decode(errors="replace").rstrip())

    def _write_requests(self) -> None:
        with contextlib.suppress(OSError), _pipe(self._process.stdin) as stream:
            while (line := self._outbox.get()) is not None:
                stream.write(line)
                stream.flush()


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise AssertionError("Popen was asked for pipes")
    return stream


def _message(line: bytes) -> dict[str, Any] | None:
    try:
        message = from_json(line)
    except ValueError:
        message = _lenient(line)
    return message if isinstance(message, dict) else None


def _lenient(line: bytes) -> Any:
    # what Python's own `json` writes of names that are not text, the faster reader refuses
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
