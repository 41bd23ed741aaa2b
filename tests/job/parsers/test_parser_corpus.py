"""Precision and recall over logs as the frameworks print them, and over logs without metrics."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from trainwright.job.parsers import ParsedMetric, parse_text

CORPUS = Path(__file__).parent / "corpus"
LOGS = sorted(CORPUS.glob("*.log"))


def _read(path: Path) -> str:
    return path.read_bytes().decode()


def _key(name: str, value: float, step: int | None, epoch: float | None) -> tuple[object, ...]:
    return (name, repr(float(value)), step, None if epoch is None else float(epoch))


def _expected(path: Path) -> Counter[tuple[object, ...]]:
    rows = json.loads(path.with_suffix(".expected.json").read_text())
    return Counter(_key(name, float(value), step, epoch) for name, value, step, epoch in rows)


def _found(text: str) -> Counter[tuple[object, ...]]:
    return Counter(_key(p.name, p.value, p.step, p.epoch) for p in parse_text(text))


def test_corpus_covers_the_promised_styles() -> None:
    positive = [p for p in LOGS if not p.name.startswith("negative")]
    assert len(positive) >= 25
    assert len(LOGS) - len(positive) >= 5


def test_precision_and_recall() -> None:
    right = found = expected = 0
    for path in LOGS:
        want, have = _expected(path), _found(_read(path))
        right += (want & have).total()
        found += have.total()
        expected += want.total()
    assert expected > 500
    assert right / found >= 0.99
    assert right / expected >= 0.95


@pytest.mark.parametrize("path", LOGS, ids=lambda p: p.stem)
def test_each_log(path: Path) -> None:
    want, have = _expected(path), _found(_read(path))
    assert not have - want, "taken for metrics, and are none"
    assert not want - have, "missed"


PLAIN = ("json_lines", "korean", "nanogpt", "prose", "torchtitan", "trl", "verl")
PREFIXES = (
    "2026-05-01 10:00:00,123 - train - INFO - ",
    "[2026-05-01 10:00:00,123] [INFO] ",
    "INFO:train:",
    "[rank0]:",
    "(Trainer pid=1234, ip=10.0.0.1) ",
)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", PLAIN)
def test_loggers_prefixes_change_nothing(name: str, prefix: str) -> None:
    text = _read(CORPUS / f"{name}.log")
    prefixed = "".join(f"{prefix}{line}\n" for line in text.splitlines())
    assert _found(prefixed) == _found(text)


@pytest.mark.parametrize("path", LOGS, ids=lambda p: p.stem)
def test_windows_line_ends_change_nothing(path: Path) -> None:
    text = _read(path)
    if "\r" not in text:
        assert _found(text.replace("\n", "\r\n")) == _found(text)


def test_a_point_says_where_it_belongs() -> None:
    points = parse_text("Epoch [2/5], Step [100/600], Loss: 0.3456\n")
    assert points == [ParsedMetric("train/loss", 0.3456, step=100, epoch=2)]
