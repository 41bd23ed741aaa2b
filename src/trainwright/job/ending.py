"""How an attempt ended, and why, in words a person can act on."""

from __future__ import annotations

import re
import signal as signals
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwright.files import is_full
from trainwright.job.parsers.lines import clean
from trainwright.job.report import PREFIX
from trainwright.spec.events import TrainingError
from trainwright.spec.rundir import ExitRecord, Outcome

LOG_TAIL = 20
"""Lines of the log that go with an error."""

LINE_WIDTH = 500
"""Characters of a line of the log that are looked at and shown."""

SYMPTOM_LINES = 200
"""Last lines of the log that are searched for a known cause."""

PROBE_BYTES = 64 * 1024
"""A disk that has no room for so much is full."""

KILLED_IN_SHELL = 128 + signals.SIGKILL
"""Exit code with which a shell passes on that its program was killed."""


@dataclass(frozen=True)
class End:
    """The end of an attempt.

    Attributes:
        exit: What the shim wrote down; `None` when it was killed too.
        asked: Outcome that a stop or pause was to bring, if the trainer ended after it.
        has_result: The trainer has written its own result in this attempt.
        trouble: Why the trainer never ran, where the shim could not say so itself.
        disk_full: The run directory's disk was full when the trainer ended.
    """

    exit: ExitRecord | None
    asked: Outcome | None = None
    has_result: bool = False
    trouble: str | None = None
    disk_full: bool = False

    @property
    def outcome(self) -> Outcome:
        """The trainer's own result counts most, then what was asked of it, then its exit code."""
        clean = self.exit is not None and self.exit.exit_code == 0
        finished = self.has_result and (clean or self.exit is None)
        if finished:
            return Outcome.COMPLETED
        if self.asked and not self.cannot_start:
            return self.asked
        return Outcome.COMPLETED if clean else Outcome.FAILED

    @property
    def was_killed(self) -> bool:
        """By SIGKILL, so that whoever was with it had the same time to end."""
        return self.exit is not None and (
            self.exit.signal == signals.SIGKILL or self.exit.exit_code == KILLED_IN_SHELL
        )

    @property
    def cannot_start(self) -> str | None:
        """Why the trainer's program was never run."""
        return self.trouble or (self.exit.error if self.exit else None)

    def explain(self, log: Sequence[str]) -> TrainingError:
        """The error of a failed attempt.

        Args:
            log: Last lines of the log, oldest first.
        """
        code, message, hint = self._cause(log)
        return TrainingError(
            code=code,
            message=message,
            hint=hint,
            exit_code=self.exit.exit_code if self.exit else None,
            signal=self.exit.signal if self.exit else None,
            log_tail=list(log)[-LOG_TAIL:],
        )

    def _cause(self, log: Sequence[str]) -> tuple[str, str, str]:
        if self.cannot_start:
            return _never_ran(self.cannot_start)
        if self.exit is None:
            return (
                "trainer_vanished",
                "the trainer and the process watching it were both ended from outside, "
                "so its exit status is unknown",
                "resume the run; if it vanishes again, look for an out-of-memory kill in the "
                "system log (dmesg)",
            )
        if said := _said_by_trainer(log):
            return said
        if not self.was_killed and (seen := _last_symptom(log)):
            return seen
        code, message, hint = _from_status(self.exit, log)
        if self.disk_full and not self.was_killed:  # and so its last words may be missing
            return _FULL.code, f"the disk is full, and the trainer ended: {message}", _FULL.hint
        return code, message, hint


@dataclass(frozen=True)
class Symptom:
    """Words in the log that give a known cause away."""

    code: str
    pattern: re.Pattern[str]
    hint: str


def _symptom(code: str, pattern: str, hint: str) -> Symptom:
    return Symptom(code, re.compile(pattern, re.IGNORECASE), hint)


_FULL = _symptom(
    "disk_full",
    r"No space left on device|Disk quota exceeded|\bENOSPC\b|\[Errno (28|122)\]|\bos error 28\b"
    r"|database or disk is full|PytorchStreamWriter failed writing"
    r"|\b\d+ requested and \d+ written\b",
    "free disk space (trainwright runs prune --status failed --now), then resume the run",
)

SYMPTOMS = (
    _symptom(
        "cuda_oom",
        r"CUDA out of memory|CUDA error: out of memory|torch\.(cuda\.)?OutOfMemoryError"
        r"|CUBLAS_STATUS_ALLOC_FAILED",
        "the GPU's memory is too small: halve batch_size (and double gradient_accumulation), "
        "shorten max_length or image_size, or use precision bf16",
    ),
    _FULL,
    _symptom(
        "import_error",
        r"^\s*(ModuleNotFoundError|ImportError)\b",
        "a Python package is missing or broken: trainwright doctor names what to install",
    ),
    _symptom(
        "oom",
        r"^\s*MemoryError\b|Cannot allocate memory|std::bad_alloc"
        r"|DefaultCPUAllocator: (can't|not enough memory)",
        "the machine's memory is too small: lower batch_size or the number of loader workers",
    ),
    _symptom(
        "nan",
        r"\b(loss|gradients?|grad_norm)\b.{0,40}\b(is|are|became|=|:)\s*(nan|inf)\b"
        r"|(nan|non-finite|infinite)\b.{0,20}\b(loss|gradients?)\b.{0,60}(abort|stop|exit|rais|error)"
        r"|^\s*(FloatingPointError|ValueError|RuntimeError)\b.*\b(nan|non-finite)\b",
        "the loss is no number any more: lower learning_rate, add warmup, or use precision fp32",
    ),
)


def _never_ran(why: str) -> tuple[str, str, str]:
    message = f"the training program could not be started: {why}"
    if _FULL.pattern.search(why):
        return _FULL.code, message, _FULL.hint
    hint = "check that the program and its folder exist and may be executed"
    return "cannot_start", message, hint


_SAID = re.compile(r"^error: (?P<message>.+) \[(?P<code>[a-z][a-z0-9_]*)\]$")
_HINT = "hint: "


def _said_by_trainer(log: Sequence[str]) -> tuple[str, str, str] | None:
    """What the trainer said itself, in its last lines: `error: … [code]`, then `hint: …`."""
    for at, line in enumerate(log[-2:], start=max(0, len(log) - 2)):
        if said := _SAID.match(line.strip()):
            after = log[at + 1].strip() if at + 1 < len(log) else ""
            hint = after.removeprefix(_HINT) if after.startswith(_HINT) else "see the log"
            return said["code"], said["message"], hint
    return None


def _last_symptom(log: Sequence[str]) -> tuple[str, str, str] | None:
    """The known cause that was named last, in at most 500 characters of its line."""
    for line in reversed(log[-SYMPTOM_LINES:]):
        for symptom in SYMPTOMS:
            if symptom.pattern.search(line):
                return symptom.code, line.strip()[:500], symptom.hint
    return None


def _from_status(ended: ExitRecord, log: Sequence[str]) -> tuple[str, str, str]:
    if ended.signal == signals.SIGKILL or ended.exit_code == KILLED_IN_SHELL:
        return (
            "killed",
            "the trainer was killed (signal 9), probably because the machine ran out of memory",
            "lower batch_size or the number of loader workers, or give the run more memory_gb; "
            "dmesg shows whether the kernel did it",
        )
    if ended.signal is not None:
        return (
            "killed",
            f"the trainer was ended by signal {ended.signal} ({_signal_name(ended.signal)})",
            "the last log lines show what it was doing",
        )
    return (
        "exit_nonzero",
        _last_error(log) or f"the trainer ended with exit code {ended.exit_code}",
        "the last log lines say why",
    )


def _signal_name(number: int) -> str:
    try:
        return signals.Signals(number).name
    except ValueError:
        return "unknown"


_ERROR_LINE = re.compile(r"^(\w+\.)*\w*(Error|Exception|Interrupt|Exit)\b(: .*)?$")


def _last_error(log: Sequence[str]) -> str | None:
    """The last line that looks like the end of a Python traceback."""
    lines = (line.strip() for line in reversed(log))
    return next((line[:500] for line in lines if _ERROR_LINE.match(line)), None)


def has_no_room(folder: Path) -> bool:
    """Whether the disk of `folder` is full, found out by writing, as quotas count too."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * PROBE_BYTES)
            file.flush()
    except OSError as error:
        return is_full(error)
    return False


def last_lines(log: Path, *, since: int = 0, size: int = 64 * 1024) -> list[str]:
    """The last lines of a log, oldest first, as a terminal would show them.

    Args:
        log: The file.
        since: Byte at which the attempt begins.
        size: Bytes that are looked at, at most.
    """
    try:
        with log.open("rb") as file:
            file.seek(max(since, file.seek(0, 2) - size))
            raw = re.split(rb"[\r\n]+", file.read())
    except OSError:
        return []
    # what is shown again elsewhere must not steer the terminal it is shown on
    lines = (clean(line)[:LINE_WIDTH] for line in raw)
    return [line for line in lines if line.strip() and not line.startswith(PREFIX)]
