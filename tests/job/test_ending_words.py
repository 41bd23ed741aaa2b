"""What a trainer says itself of its end is what the person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainwright.job.ending import End, last_lines
from trainwright.spec.events import utc_now
from trainwright.spec.rundir import ExitRecord


def end(code: int) -> End:
    now = utc_now()
    return End(ExitRecord(attempt=1, exit_code=code, started_at=now, ended_at=now))


def test_error_and_hint_lines_are_taken_as_they_are() -> None:
    log = [
        "epoch 1/5",
        "error: the loss became nan at step 3 [nan]",
        "hint: --set learning_rate=1e-4",
    ]
    error = end(1).explain(log)
    assert (error.code, error.message, error.hint) == (
        "nan",
        "the loss became nan at step 3",
        "--set learning_rate=1e-4",
    )


def test_an_error_line_without_a_hint() -> None:
    error = end(2).explain(["error: there is no folder x [bad_dataset]"])
    assert (error.code, error.hint) == ("bad_dataset", "see the log")


@pytest.mark.parametrize(
    "line", ["error: plain words", "warning: x [nan]", "error: x [Not A Code]"]
)
def test_other_words_are_not_taken_for_it(line: str) -> None:
    assert end(1).explain([line]).code == "exit_nonzero"


def test_an_old_error_line_is_not_the_end() -> None:
    assert end(1).explain(["error: x [nan]", "retrying", "still here", "bye"]).code != "nan"


def test_report_lines_are_no_last_words(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_text('::trainwright:: {"kind": "metrics"}\nValueError: x\n::trainwright:: {}\n')
    assert last_lines(log) == ["ValueError: x"]


def test_last_words_are_plain_and_short(tmp_path: Path) -> None:
    log = tmp_path / "stdout.log"
    log.write_bytes(b"\x1b]0;owned\x07\x1b[31mValueError: x\x1b[0m\n" + b"y" * 100_000 + b"\n")
    first, second = last_lines(log, size=200_000)
    assert (first, len(second)) == ("ValueError: x", 500)
