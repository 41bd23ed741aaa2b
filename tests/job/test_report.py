"""`trainwright.job.report`: the lines, and that the parser reads them back."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from math import isinf, isnan, nan

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwright.job import report
from trainwright.job.parsers import Parsed, Points, Progress, Report, StreamParser, parse_text

CORNER = "progress bar  50%|##   | 5/10"


def _parse(text: str) -> list[Parsed]:
    parser = StreamParser()
    return parser.feed(text.encode()) + parser.flush()


def test_log(capsys: pytest.CaptureFixture[str]) -> None:
    report.log({"val/accuracy": 0.5}, step=3, epoch=1.5, loss=2, wobble=0.25)
    (item,) = _parse(capsys.readouterr().out)
    assert isinstance(item, Points)
    got = {p.name: (p.value, p.step, p.epoch) for p in item.points}
    where = (3, 1.5)
    assert got == {
        "val/accuracy": (0.5, *where),
        "train/loss": (2.0, *where),
        "wobble": (0.25, *where),
    }


@pytest.mark.parametrize("letter", ["w", "가", "😀"])
def test_more_metrics_than_fit_a_line_are_all_read(
    capsys: pytest.CaptureFixture[str], letter: str
) -> None:
    given = {f"{letter * 40}_{i}": float(i) for i in range(3_000)}
    report.log(given, step=7)
    items = _parse(capsys.readouterr().out)
    points = [p for item in items if isinstance(item, Points) for p in item.points]
    assert {p.value for p in points} == set(given.values())
    assert {p.step for p in points} == {7}
    assert len({p.name for p in points}) == len(given)


def test_nan_infinity_and_array_scalars(capsys: pytest.CaptureFixture[str]) -> None:
    report.log(a=nan, b=float("-inf"), c=numpy.float32(0.5), d=numpy.array([3]))
    out = capsys.readouterr().out
    assert '"a": "NaN"' in out
    (item,) = _parse(out)
    assert isinstance(item, Points)
    values = {p.name: p.value for p in item.points}
    assert isnan(values["a"])
    assert isinf(values["b"])
    assert values["b"] < 0
    assert (values["c"], values["d"]) == (0.5, 3.0)


def test_what_is_no_number_is_refused_and_prints_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises((TypeError, ValueError)):
        report.log(loss="abc")  # type: ignore[arg-type]
    assert capsys.readouterr().out == ""


def test_progress(capsys: pytest.CaptureFixture[str]) -> None:
    report.progress(epoch=1, epochs=3, step=5, total=30, eta_seconds=2.5, metrics={"loss": 0.5})
    (item,) = _parse(capsys.readouterr().out)
    expected = Progress(
        item.end, "batch", 1, 3, 5, 30, eta_seconds=2.5, metrics={"train/loss": 0.5}
    )
    assert item == expected


def test_checkpoint_resumed_and_note(capsys: pytest.CaptureFixture[str]) -> None:
    report.checkpoint("checkpoints/last.pt", step=5, metrics={"val/loss": 0.5}, is_best=True)
    report.resumed(5)
    report.note("two\nlines")
    items = _parse(capsys.readouterr().out)
    assert all(isinstance(item, Report) for item in items)
    assert [(i.kind, dict(i.data)) for i in items if isinstance(i, Report)] == [
        (
            "checkpoint",
            {
                "path": "checkpoints/last.pt",
                "step": 5,
                "epoch": None,
                "metrics": {"val/loss": 0.5},
                "is_best": True,
            },
        ),
        ("resumed", {"step": 5}),
        ("note", {"text": "two\nlines"}),
    ]


def test_a_bar_that_left_the_cursor_in_its_line_does_no_harm(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report.log(loss=0.5)
    assert len(_parse(CORNER + capsys.readouterr().out)) == 1


@given(st.text())
def test_broken_report_lines_say_nothing(text: str) -> None:
    body = text.replace("\n", " ").replace("\r", " ")
    assert not [i for i in _parse(f"{report.PREFIX}{body}\n") if isinstance(i, Report)]


def test_lines_of_threads_stay_whole(capfd: pytest.CaptureFixture[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: report.log(step=i, loss=0.5), range(400)))
    items = _parse(capfd.readouterr().out)
    steps = {p.step for i in items if isinstance(i, Points) for p in i.points}
    assert steps == set(range(400))


def test_it_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from trainwright.job import report; report.log(loss=1);"
        "sys.exit(any(m in sys.modules for m in ('pydantic', 'numpy', 'torch', 'httpx')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(report.PREFIX)


def test_a_script_that_reports_is_taken_at_its_word(capsys: pytest.CaptureFixture[str]) -> None:
    print("epoch 1 loss: 0.7")
    report.log(loss=0.5, step=1)
    print("epoch 1 loss: 0.5 accuracy: 0.8")
    report.log(loss=0.4, step=2)
    found = [(p.name, p.value) for p in parse_text(capsys.readouterr().out)]
    assert found == [("train/loss", 0.7), ("train/loss", 0.5), ("train/loss", 0.4)]
