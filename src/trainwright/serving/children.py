"""A child process that does one thing, is waited for, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

from trainwright.serving.errors import ModelError, ModelTimeoutError, reported

LAST_WORDS = 20
"""Lines of a child's output that are kept for error messages."""

_LOOK_SECONDS = 0.3

_DEFAULTS = {"OMP_WAIT_POLICY": "PASSIVE"}
"""A model is not alone on its cores. Threads that spin while they wait for each other make a small
one several times slower there, and gain it next to nothing where nobody else computes."""

KILL_SECONDS = 10
"""How long to wait for the kernel to end what was killed."""

_SECRET = re.compile(
    r"SECRET|PASSW|TOKEN$|API_?KEY|ACCESS_KEY|^(DATABASE|REDIS)_URL$", re.IGNORECASE
)
_TAIL_BYTES = 16_384
_ERROR = re.compile(r"^error: (?P<message>.+) \[(?P<code>[a-z][a-z0-9_]*)\]$")
_HINT = "hint: "


def run_child(
    argv: Sequence[str],
    *,
    cwd: Path,
    timeout: float,
    on_line: Callable[[str], None] = lambda _: None,
) -> None:
    """Run a program to its end.

    Args:
        argv: Program and arguments; no shell is involved.
        cwd: Folder to run in.
        timeout: Seconds; then it and its children are killed.
        on_line: Told the last line it has printed, a few times a second.

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
            code = _wait(process, log, time.monotonic() + timeout, on_line)
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


def _wait(
    process: subprocess.Popen[bytes],
    log: IO[bytes],
    deadline: float,
    on_line: Callable[[str], None],
) -> int:
    while True:
        left = deadline - time.monotonic()
        try:
            return process.wait(max(0.0, min(left, _LOOK_SECONDS)))
        except subprocess.TimeoutExpired:
            if left <= _LOOK_SECONDS:
                raise
        if lines := _lines(log):
            on_line(lines[-1])


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without secrets, which no model needs, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    return _DEFAULTS | kept | {"PYTHONUNBUFFERED": "1"} | dict(more)


def kill_tree(leader: subprocess.Popen[bytes]) -> None:
    """Kill a child that leads a session and whatever it has started, and reap it.

    What a child that has ended left running in its process group is ended too.
    """
    tree: list[psutil.Process] = []
    if leader.poll() is None:
        with contextlib.suppress(psutil.Error):
            tree = psutil.Process(leader.pid).children(recursive=True)
    elif psutil.pid_exists(leader.pid):
        return  # another's by now, so no group of ours is left: it would hold the number
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader.pid, signal.SIGKILL)
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(tree, timeout=1)
    with contextlib.suppress(subprocess.TimeoutExpired):
        leader.wait(KILL_SECONDS)


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
    # not by seeking: the child writes at the same place of the file
    size = os.fstat(log.fileno()).st_size
    start = max(0, size - _TAIL_BYTES)
    text = os.pread(log.fileno(), size - start, start).decode(errors="replace")
    return text.splitlines()[-LAST_WORDS:]
