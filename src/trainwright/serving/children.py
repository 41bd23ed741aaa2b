"""A child process that does one thing, is waited for, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import psutil

from trainwright.serving.errors import ModelError, ModelTimeoutError, reported
from trainwright.serving.worker import LAST_WORDS, environment

_TAIL_BYTES = 16_384
_ERROR = re.compile(r"^error: (?P<message>.+) \[(?P<code>[a-z][a-z0-9_]*)\]$")
_HINT = "hint: "


def run_child(argv: Sequence[str], *, cwd: Path, timeout: float) -> None:
    """Run a program to its end.

    Args:
        argv: Program and arguments; no shell is involved.
        cwd: Folder to run in.
        timeout: Seconds; then it and its children are killed.

    Raises:
        TrainwrightError: What the program itself says was wrong, in its last lines.
        ModelError: It cannot be started, or fails; its last lines are in the message.
        ModelTimeoutError: It takes longer than `timeout`.
    """
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=environment({}),
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(f"{argv[0]} cannot be started: {error}") from None
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            words = _last_words(log)
            raise ModelTimeoutError(f"no result within {timeout:.0f} s{words}") from None
        finally:
            kill_tree(process)
        if code:
            if said := _said(_lines(log)):
                raise reported(said)
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            raise ModelError(f"it ended with {how}{_last_words(log)}")


def kill_tree(process: subprocess.Popen[bytes]) -> None:
    """Kill a child and its children, and reap it; nothing happens to one that has ended."""
    if process.poll() is not None:
        return
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()


def _said(lines: Sequence[str]) -> dict[str, str | None] | None:
    """What the child said itself at its end: `error: … [code]`, then `hint: …`."""
    hint = None
    for line in reversed(lines[-2:]):
        if said := _ERROR.match(line):
            return {"code": said["code"], "message": said["message"], "hint": hint}
        hint = line.removeprefix(_HINT) if line.startswith(_HINT) else None
    return None


def _last_words(log: IO[bytes]) -> str:
    lines = _lines(log)
    return "; its last lines:\n" + "\n".join(lines) if lines else ""


def _lines(log: IO[bytes]) -> list[str]:
    size = log.seek(0, 2)
    log.seek(max(0, size - _TAIL_BYTES))
    return log.read().decode(errors="replace").splitlines()[-LAST_WORDS:]
