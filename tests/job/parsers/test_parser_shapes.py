"""Lines of a shape that was learned are read as if each were read by itself."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path

import pytest

from trainwright.job.parsers import parse_text
from trainwright.job.parsers.reader import LineReader

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.log"))
NUMBER = re.compile(r"(?<![\w@.])[0-9]+(?:\.[0-9]+)?(?![0-9xX])")
LINES = 40
REPEATS = 6


def _changed(line: str, draw: random.Random) -> str:
    """The line with most of its numbers replaced, some by 0 and 1."""

    def other(match: re.Match[str]) -> str:
        chance = draw.random()
        if chance < 0.2:
            return match[0]
        if chance < 0.3:
            return draw.choice(["0", "1", "0.0", "1.000"])
        return re.sub("[0-9]", lambda _: draw.choice("0123456789"), match[0])

    return NUMBER.sub(other, line)


@pytest.mark.parametrize("path", CORPUS, ids=lambda p: p.stem)
def test_a_learned_shape_changes_nothing(path: Path) -> None:
    draw = random.Random(path.stem)
    one_by_one, learned = LineReader(learn_shapes=False), LineReader()
    for line in path.read_bytes().decode().splitlines()[:LINES]:
        for _ in range(REPEATS):
            text = _changed(line, draw)
            assert repr(learned.read(text, 0)) == repr(one_by_one.read(text, 0)), text
    assert learned.context == one_by_one.context


BAR = (
    "Epoch {e}:  50%|████      | {i}/2000 "
    "[00:{s:02d}<00:10, 50.{s}it/s, loss={x:.4f}, acc={y:.2f}%]"
)


def test_values_of_a_learned_shape() -> None:
    lines = [BAR.format(e=7, i=i, s=i % 60, x=i / 999, y=i / 20) for i in range(300, 340)]
    points = parse_text("\r".join(lines) + "\r")
    assert [(p.name, p.value, p.step, p.epoch) for p in points if p.name == "train/loss"] == [
        ("train/loss", round(i / 999, 4), i, 7) for i in range(300, 340)
    ]
    assert [p.value for p in points if p.name == "train/accuracy"] == [
        round(float(f"{i / 20:.2f}") / 100, 12) for i in range(300, 340)
    ]


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("top {} acc: 0.5{}", "top 5 acc: 0.55"),
        ("Test: Accuracy: {}/9{}", "Test: Accuracy: 95/91"),
        ("step {} loss: 0.{}", "step 20 loss: -0.5"),
        ("loss: {}.{}", "loss: 1.0"),
        ("epoch {} train acc {}.5", "epoch 20 train acc 0.5"),
    ],
)
def test_numbers_that_mean_something_else_are_no_longer_of_the_shape(
    usual: str, other: str
) -> None:
    lines = [usual.format(2 + i % 2, 2 + i % 7) for i in range(20)]
    alone = LineReader(learn_shapes=False)
    for line in lines:
        alone.read(line, 0)
    learned = LineReader()
    for line in lines:
        learned.read(line, 0)
    assert learned.read(other, 0) == alone.read(other, 0)


def test_lines_that_repeat_are_read_fast() -> None:
    lines = [
        f"2026-05-01 10:00:{i % 60:02d},123 - train - INFO - step: {i} loss: {1 / i:.5f} lr: 0.0003"
        for i in range(1000, 5000)
    ]
    took = []
    for learn_shapes in (False, True):
        reader = LineReader(learn_shapes=learn_shapes)
        start = time.process_time()
        for line in lines:
            reader.read(line, 0)
        took.append(time.process_time() - start)
    assert took[1] < took[0] / 2


def test_a_heading_that_repeats_is_read_each_time() -> None:
    recall = " Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.{}52"
    text = "".join(
        f"Evaluate annotation type *{task}*\n{recall.format(i)}\n"
        for i, task in enumerate(["bbox"] * 6 + ["segm"] * 2 + ["bbox"])
    )
    names = [p.name for p in parse_text(text)]
    assert names == ["val/ar100"] * 6 + ["val/mask_ar100"] * 2 + ["val/ar100"]
