"""How an attempt ended: the outcome, and words to act on."""

from datetime import UTC, datetime

import pytest

from trainwright.job.ending import End, last_lines
from trainwright.spec.rundir import ExitRecord, Outcome

NOW = datetime.now(UTC)


def ended(code=None, signal=None, error=None):
    return ExitRecord(
        attempt=1, exit_code=code, signal=signal, error=error, started_at=NOW, ended_at=NOW
    )


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        (End(ended(0)), "completed"),
        (End(ended(1)), "failed"),
        (End(ended(signal=11)), "failed"),
        (End(ended(0), asked=Outcome.STOPPED), "stopped"),
        (End(ended(0), asked=Outcome.STOPPED, has_result=True), "completed"),
        (End(ended(1), asked=Outcome.PAUSED), "paused"),
        (End(ended(signal=15), asked=Outcome.STOPPED, has_result=True), "stopped"),
        (End(ended(127, error="no such file"), asked=Outcome.STOPPED), "failed"),
        (End(None), "failed"),
        (End(None, has_result=True), "completed"),
        (End(None, asked=Outcome.STOPPED), "stopped"),
        (End(None, trouble="out of processes"), "failed"),
    ],
)
def test_outcome(end, outcome):
    assert end.outcome == outcome


CUDA = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB"
CPU = "RuntimeError: [enforce fail] DefaultCPUAllocator: can't allocate memory"
TORCH = "RuntimeError: PytorchStreamWriter failed writing file data/3: file write failed"
DISK = "OSError: [Errno 28] No space left on device"


@pytest.mark.parametrize(
    ("line", "end", "code", "words"),
    [
        (CUDA, ended(1), "cuda_oom", "CUDA out of memory"),
        (CPU, ended(1), "oom", "DefaultCPUAllocator"),
        ("MemoryError", ended(1), "oom", "MemoryError"),
        (DISK, ended(1), "disk_full", "No space left"),
        ("OSError: 4096 requested and 0 written", ended(1), "disk_full", "0 written"),
        (TORCH, ended(1), "disk_full", "PytorchStreamWriter"),
        ("sqlite3.OperationalError: database or disk is full", ended(1), "disk_full", "disk"),
        ("SafetensorError: I/O error (os error 28)", ended(1), "disk_full", "28"),
        ("ModuleNotFoundError: No module named 'timm'", ended(1), "import_error", "'timm'"),
        ("ValueError: loss is nan, stopping training", ended(1), "nan", "loss is nan"),
        ("Loss is nan, stopping training", ended(1), "nan", "Loss is nan"),
        ("working", ended(signal=9), "killed", "out of memory"),
        ("working", ended(signal=11), "killed", "SIGSEGV"),
        ("KeyError: 'x'", ended(1), "exit_nonzero", "KeyError: 'x'"),
        ("loss is nan, stopping", ended(signal=9), "killed", "signal 9"),
        ("Killed", ended(137), "killed", "out of memory"),
        ("bye", ended(3), "exit_nonzero", "exit code 3"),
        (CUDA, ended(127, error="/bin/x: No such file"), "cannot_start", "/bin/x"),
        ("bye", ended(127, error=f"OSError: {DISK}"), "disk_full", "could not be started"),
        ("epoch 1", None, "trainer_vanished", "exit status is unknown"),
    ],
)
def test_cause(line, end, code, words):
    log = ["Traceback (most recent call last):", line, "done uploading logs"]
    error = End(end).explain(log)
    assert error.code == code
    assert words in error.message
    assert error.hint
    assert error.log_tail == log


def test_last_words_that_a_full_disk_may_have_cut_are_told_with_it():
    error = End(ended(1), disk_full=True).explain(["KeyError: 'x'"])
    assert error.code == "disk_full"
    assert "KeyError: 'x'" in error.message
    assert "free disk space" in error.hint
    assert End(ended(1), disk_full=True).explain([CUDA]).code == "cuda_oom"
    assert End(ended(signal=9), disk_full=True).explain([]).code == "killed"


def test_innocent_words_are_no_cause():
    log = ["val loss: 0.3 nan_to_num on", "import errors were fixed", "RuntimeError: shapes differ"]
    assert End(ended(1)).explain(log).code == "exit_nonzero"


def test_the_cause_named_last_counts():
    log = ["ImportError: no flash_attn, going on without", "step 1", CUDA, "cleaning up"]
    assert End(ended(1)).explain(log).code == "cuda_oom"
    assert End(ended(1)).explain(log[::-1]).code == "import_error"


def test_the_tail_of_the_log(run):
    assert last_lines(run.log) == []
    run.log.write_bytes(b"".join(b"line %d\r\n\n" % i for i in range(9000)) + b"\xff end")
    lines = last_lines(run.log)
    assert lines[-2:] == ["line 8999", "\ufffd end"]
    assert last_lines(run.log, since=run.log.stat().st_size - 3) == ["end"]
    assert len(End(ended(1)).explain(lines).log_tail) == 20
