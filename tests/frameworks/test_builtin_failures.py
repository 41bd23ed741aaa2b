from __future__ import annotations

import pytest
import torch

from trainwright.frameworks.builtin.failures import NanLossError, Stopped, exit_with_words
from trainwright.spec import DataError


def test_an_error_ends_with_its_words_and_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, exit_with_words():
        raise NanLossError("the loss became nan", mend="--set learning_rate=0.1")
    assert ended.value.code == 1
    assert capsys.readouterr().err == (
        "error: the loss became nan [nan]\nhint: --set learning_rate=0.1\n"
    )


def test_lines_of_our_own_stay_and_a_strangers_cannot_steer_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit), exit_with_words():
        raise DataError("two faults:\n  - no class \x1b[2Jcat")
    assert capsys.readouterr().err.startswith("error: two faults:\n  - no class \\x1b[2Jcat")


def test_without_a_mend_the_hint_is_what_would_be_right(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, exit_with_words():
        raise DataError("no images", expected="one folder a class")
    assert ended.value.code == 2
    assert capsys.readouterr().err.endswith("hint: expected one folder a class\n")


def test_a_stop_is_143() -> None:
    with pytest.raises(SystemExit) as ended, exit_with_words():
        raise Stopped
    assert ended.value.code == 143


def test_too_little_memory_advises_half_the_batch(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, exit_with_words(batch_size=64):
        torch.empty(2**60, dtype=torch.uint8)
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "out of memory" in told
    assert "batch_size=32" in told


def test_a_bug_keeps_its_traceback() -> None:
    with pytest.raises(RuntimeError, match="shape"), exit_with_words():
        raise RuntimeError("shape mismatch")
