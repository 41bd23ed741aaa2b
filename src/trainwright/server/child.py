"""A part of the platform as its supervisor sees it: started, restarted, ended."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from trainwright import process
from trainwright.job.ending import last_lines

GRACE_SECONDS = 8.0
"""Between asking a part to end and making it."""

_QUICK_SECONDS = 10.0
"""A part that dies younger than this is started again ever more slowly."""

_PAUSES = (0.2, 10.0)
"""Seconds before the first restart, and at most."""

_LAST_BYTES = 4000
_MEND = re.compile(r"\s+(?:mend it with|hint): (.+)")


@dataclass
class Child:
    """A supervised process: restarted when it dies, more slowly when it dies young."""

    name: str
    argv: list[str]
    env: dict[str, str]
    log: Path
    make_way: Callable[[], bool] | None = None
    """Puts what killed it out of its way, if it finds something."""
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _PAUSES[0]
    restart_at: float = 0.0

    def start(self) -> None:
        """Start it; its output is appended to its log."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                env=os.environ | self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.pass_fds,
                # a Ctrl-C in the terminal is the supervisor's to handle, in order
                start_new_session=True,
            )
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it has been started and not ended."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> bool:
        """Start it again if it is dead and its pause is over."""
        if self.alive:
            return False
        now = time.monotonic()
        if not self.restart_at:
            is_quick = now - self.started < _QUICK_SECONDS
            self.pause = min(2 * self.pause, _PAUSES[1]) if is_quick else _PAUSES[0]
            self.restart_at = now + self.pause
        if now < self.restart_at:
            return False
        self.restart_at = 0.0
        if not self.make_way_and_start():
            self.start()
        return True

    def make_way_and_start(self) -> bool:
        """Start it again if what killed it could be put out of its way."""
        if self.make_way is None or not self.make_way():
            return False
        self.start()
        return True

    def identity(self) -> dict[str, Any] | None:
        """Its name for `platform.json`, as `trainwright.process.identify` gives it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return process.identify(self.process.pid) if self.process else None
        return None

    def stop(self) -> None:
        """End it, and what it started in its own session; trainings have sessions of their own."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)

    def last_words(self) -> tuple[str, str | None]:
        """Why it died, by its log's last error, and what mends it."""
        lines = last_lines(self.log, size=_LAST_BYTES)
        errors = [i for i, line in enumerate(lines) if line.startswith("error:")]
        if not errors:
            return (lines or [""])[-1], None
        mends = (_MEND.match(line) for line in lines[errors[-1] :])
        mend = next((match[1] for match in mends if match), None)
        return lines[errors[-1]].removeprefix("error:").strip(), mend
