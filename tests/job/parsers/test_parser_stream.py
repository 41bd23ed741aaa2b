"""The stream parser: any cut of the bytes, any restart at a line, any text at all."""

from __future__ import annotations

import json
import math
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainwright.job.parsers import (
    Parsed,
    ParsedMetric,
    Points,
    Progress,
    StreamParser,
    parse_text,
)
from trainwright.job.parsers.lines import MAX_LINE

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.log"))
WORDS = [
    "epoch",
    "Epoch:",
    "step",
    "loss:",
    "0.5",
    "acc=",
    "97.3%",
    "1/5",
    "[3/10]",
    "{'loss':",
    "}",
    "{",
    "}",
    "|",
    "---",
    "nan",
    "np.float64(",
    "val_",
    "train",
    "━━",
    "50%|█",
    "[00:01<00:02,",
    "it/s,",
    "]",
    "=",
    ":",
    ",",
    "'",
    '"',
    "(",
    ")",
    "é",
    "손실",
    "::trainwright::",
    '{"kind":',
    '"metrics"}',
    "Test",
    "metric",
    "AP",
    "AP50",
    "rollout/",
    "Traceback",
    "/a/b.pt",
    "2024-01-01",
    "1.2.3",
    "10:00:00",
    '"loss":',
]
CONTROLS = ["\r", "\n", "\r\n", "\t", "\x1b[32m", "\x08", "  "]
logs = st.lists(st.sampled_from(WORDS + CONTROLS), max_size=60).map(" ".join)


def _whole(data: bytes) -> list[Parsed]:
    parser = StreamParser()
    return parser.feed(data) + parser.flush()


def _same(a: list[Parsed], b: list[Parsed]) -> bool:
    return repr(a) == repr(b)  # NaN differs from itself


@given(st.text() | logs)
def test_no_text_raises(text: str) -> None:
    parse_text(text)


@given(st.binary())
def test_no_bytes_raise(data: bytes) -> None:
    _whole(data)


@given(logs, st.lists(st.integers(min_value=1, max_value=40), min_size=1))
def test_cuts_do_not_matter(text: str, sizes: list[int]) -> None:
    data = text.encode()
    parser, items, at = StreamParser(), [], 0
    for i in range(len(data)):
        size = sizes[i % len(sizes)]
        items += parser.feed(data[at : at + size])
        at += size
    assert _same(items + parser.flush(), _whole(data))


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_cuts_do_not_matter_in_real_logs(path: Path) -> None:
    data = path.read_bytes()
    rng = random.Random(path.name)
    parser, items, at = StreamParser(), [], 0
    while at < len(data):
        size = rng.choice((1, 2, 3, 7, 64, 500))
        items += parser.feed(data[at : at + size])
        at += size
    assert _same(items + parser.flush(), _whole(data))


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_a_restart_after_any_line_goes_on(path: Path) -> None:
    data = path.read_bytes()
    whole = _whole(data)
    ends = [i + 1 for i, byte in enumerate(data) if byte in b"\r\n"]
    for end in ends:
        first = StreamParser()
        items = first.feed(data[:end] + data[end : end + 3].split(b"\n")[0].split(b"\r")[0])
        state = json.loads(json.dumps(first.snapshot()))
        second = StreamParser()
        second.restore(state)
        items += second.feed(data[state["consumed"] :]) + second.flush()
        assert _same(items, whole)


@settings(max_examples=50)
@given(logs, st.integers(min_value=0))
def test_a_restart_in_arbitrary_text_goes_on(text: str, place: int) -> None:
    data = text.encode()
    cut = place % (len(data) + 1)
    first = StreamParser()
    items = first.feed(data[:cut])
    second = StreamParser()
    second.restore(json.loads(json.dumps(first.snapshot())))
    items += second.feed(data[second.consumed :]) + second.flush()
    assert _same(items, _whole(data))


def test_ends_are_byte_offsets_after_the_line() -> None:
    data = "é loss: 0.5\r\nstep 3 loss: 0.4\rloss: 0.3".encode()
    parser = StreamParser()
    ends = [i.end for i in parser.feed(data) if isinstance(i, Points)]
    assert ends == [13, 31]
    assert parser.consumed == 31
    assert [i.end for i in parser.flush()] == [len(data)]


def test_a_very_long_line_is_bounded_and_the_next_one_read() -> None:
    parser = StreamParser()
    items = parser.feed(b"loss: 0.25 " + b"x" * 3 * MAX_LINE + b"\nloss: 0.5\n")
    points = [p for i in items if isinstance(i, Points) for p in i.points]
    assert points == [ParsedMetric("train/loss", 0.25), ParsedMetric("train/loss", 0.5)]


def test_a_number_cut_by_the_bound_is_no_metric() -> None:
    line = b"x" * (MAX_LINE - 9) + b" loss: 0.123456\n"
    assert StreamParser().feed(line) == []


def test_colours_and_redrawing_are_taken_off() -> None:
    text = "\x1b[1mEpoch 2\x1b[0m loss: \x1b[32m0.5\x1b[0m\n10/60 - loss: 0.4\x08\x08\x08\x08\r"
    points = parse_text(text)
    assert [(p.name, p.value) for p in points] == [("train/loss", 0.5), ("train/loss", 0.4)]


def test_a_bar_drawn_twice_gives_its_values_once() -> None:
    line = "Epoch 1: 100%|████| 10/10 [00:01<00:00, 9.00it/s, loss=0.5]\r"
    assert len(parse_text(line + line)) == 1


def test_progress_over_the_whole_run() -> None:
    items = _whole(b"Epoch 2/5:  50%|#####     | 50/100 [00:05<00:05, 9.9it/s]\n")
    assert items == [
        Progress(items[0].end, epoch=2, epochs=5, step=150, total=500, eta_seconds=5.0)
    ]


def test_an_evaluation_inside_training_is_no_progress() -> None:
    data = b" 50%|#####     | 50/100 [00:05<00:05, 9.9it/s]\r 50%|## | 1/2 [00:00<00:00, 9it/s]\r"
    assert [i.step for i in _whole(data) if isinstance(i, Progress)] == [50]


@pytest.mark.parametrize("number", ["9" * 400, "1e999", "-" * 500 + "1", "0" * 5000, "1," * 900])
@pytest.mark.parametrize(
    "line", ["loss: {0}", "epoch {0} loss {0}", '{{"epoch": {0}, "step": {0}, "loss": {0}}}']
)
def test_absurd_numbers_raise_nothing(line: str, number: str) -> None:
    for point in parse_text(line.format(number)):
        assert point.step is None or point.step <= 2**53
        assert point.epoch is None or math.isfinite(point.epoch)


HOSTILE = [
    "epoch ",
    "[",
    "{",
    "'",
    "|",
    ":",
    "_",
    "=a",
    "loss(",
    "1:",
    "A",
    "a  ",
    "1/",
    "-",
    "Ab(",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_line_takes_long(piece: str) -> None:
    start = time.process_time()
    parse_text(piece * (MAX_LINE // len(piece)))
    assert time.process_time() - start < 2


@pytest.mark.parametrize("written", ["-inf", "-Infinity", "+inf", "inf", "-nan", "NaN"])
@pytest.mark.parametrize("line", ["loss: {}", "loss={}", "step 3 loss: {}, acc: 0.5"])
def test_values_that_are_no_number_are_values(line: str, written: str) -> None:
    found = {m.name: m.value for m in parse_text(line.format(written))}
    assert repr(found["train/loss"]) == repr(float(written))
