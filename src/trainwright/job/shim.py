"""Parent of one trainer: starts it once, waits, and writes down how it ended.

Run as `python -m trainwright.job.shim RUN_DIR`. It depends on nothing that may fail later: no
pipe to the trainer, no network, no agent. Only the standard library and psutil are imported, so
that it starts in a few hundredths of a second.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from trainwright.job import lock
from trainwright.process import identify

EXEC_FAILED = 127

WITHHELD = frozenset(
    {
        "ANTHROPIC_API_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "DATABASE_URL",
        "JWT_SECRET",
        "OPENAI_API_KEY",
        "REDIS_URL",
        "TRAINWRIGHT_METRICS_TOKEN",
        "TRAINWRIGHT_TOKEN",
    }
)
"""The platform's secrets; a trainer gets one only when its launch names it."""


def main(run: Path) -> int:
    """Start the trainer of `command.json` unless its attempt has been started already."""
    launch = json.loads((run / "command.json").read_bytes())
    if lock.take(run / "shim.lock") is None or _started(run, launch["attempt"]):
        return 0
    log = os.open(run / "stdout.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    record = {
        "attempt": launch["attempt"],
        "shim": identify(),
        "trainer": None,
        "started_at": _now(),
        "log_offset": os.fstat(log).st_size,
    }
    _write(run / "shim.json", record)
    pid, complaint = _fork(run, launch, record, log)
    error = _read_all(complaint)  # ends when the trainer's program has taken over
    _, status = os.waitpid(pid, 0)
    ended = {
        "attempt": launch["attempt"],
        "exit_code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "error": error or None,
        "disk_full": False,
        "started_at": record["started_at"],
        "ended_at": _now(),
    }
    while True:  # a full disk must not make a trained model look like a lost one
        try:
            _write(run / "exit.json", ended)
        except FileNotFoundError:
            return 1  # the run was removed, and nobody will ask how it ended
        except OSError as failure:
            ended["disk_full"] |= failure.errno in (errno.ENOSPC, errno.EDQUOT)
            time.sleep(1)
        else:
            return 0


def _started(run: Path, attempt: int) -> bool:
    try:
        return bool(json.loads((run / "shim.json").read_bytes())["attempt"] >= attempt)
    except FileNotFoundError:
        return False


def _fork(run: Path, launch: dict[str, Any], record: dict[str, Any], log: int) -> tuple[int, int]:
    """Give the trainer's pid and a pipe that carries why its program could not be started."""
    reader, writer = os.pipe()  # Python's descriptors are closed by exec
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    try:
        os.setsid()
        # the trainer writes its own name down: it is known even if the shim dies at this moment
        _write(run / "shim.json", record | {"trainer": identify()})
        _become(run, launch, log)
    except BaseException as error:  # noqa: BLE001 (a forked child must never run on as the shim)
        with contextlib.suppress(OSError):
            os.write(writer, _reason(error, launch).encode())
    finally:
        os._exit(EXEC_FAILED)


def _become(run: Path, launch: dict[str, Any], log: int) -> None:
    os.chdir(run / (launch.get("cwd") or "."))
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)  # Python ignores these, and exec would keep that
    os.execvpe(launch["argv"][0], launch["argv"], environment(run, launch, os.environ))  # noqa: S606 (an argv list, never a shell)


def environment(run: Path, launch: dict[str, Any], own: Mapping[str, str]) -> dict[str, str]:
    """The trainer's: this process's own without the platform's secrets, and what is added."""
    named = launch.get("env_names", ())
    return {
        **{name: value for name, value in own.items() if name not in WITHHELD or name in named},
        "PYTHONUNBUFFERED": "1",
        **launch.get("env", {}),
        "TRAINWRIGHT_RUN_DIR": str(run),
        "TRAINWRIGHT_RUN_ID": run.name,
        "TRAINWRIGHT_ATTEMPT": str(launch["attempt"]),
    }


def _reason(error: BaseException, launch: dict[str, Any]) -> str:
    if not isinstance(error, OSError):
        return f"{type(error).__name__}: {error}"
    # of a program sought on the PATH the last place looked at is named, and that in bytes
    name = error.filename if isinstance(error.filename, str) else launch["argv"][0]
    if isinstance(error, FileNotFoundError) and Path(name).is_file():
        return f"{name}: the interpreter its first line names is not there"
    if error.errno == errno.ENOEXEC:
        return f"{name}: it is no program, and its first line names no interpreter"
    return f"{name}: {error.strerror}"


def _read_all(fd: int) -> str:
    with os.fdopen(fd, "rb") as pipe:
        return pipe.read().decode("utf-8", "replace")


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _write(path: Path, record: dict[str, Any]) -> None:
    # trainwright.files would bring pydantic in, and with it a tenth of a second
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("w") as file:
        json.dump(record, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
