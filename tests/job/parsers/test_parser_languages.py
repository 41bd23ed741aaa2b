"""Logs in other languages read like the English ones."""

from __future__ import annotations

import pytest

from trainwright.job.parsers import ParsedMetric, parse_text
from trainwright.job.parsers.languages import to_english
from trainwright.job.parsers.names import judge


@pytest.mark.parametrize(
    "line",
    [
        "에폭 3: 손실 0.5",
        "3번째 에폭 - 손실은 0.5",
        "第3轮 损失：0.5",
        "エポック 3 損失=0.5",
        "3エポック目 損失 0.5",
        "Эпоха 3, потери: 0.5",
    ],
)
def test_the_same_line_in_many_languages(line: str) -> None:
    assert parse_text(line) == [ParsedMetric("train/loss", 0.5, epoch=3)]


def test_splits_and_percent_in_chinese() -> None:
    found = parse_text("[验证] 轮次: 2，准确率：86.5%，用时：12.3 秒\n")
    assert found == [ParsedMetric("val/accuracy", 0.865, epoch=2)]


def test_english_lines_stay_as_they_are() -> None:
    for line in ("Epoch 3 | loss 0.5", "📉 Loss: 0.345", "━━━ 3/3", "Zażółć gęślą jaźń 0.5"):
        assert to_english(line) == line


def test_keys_of_mappings_are_understood_too() -> None:
    assert judge("검증 손실") == judge("val loss")
    assert parse_text("{'손실': 0.5, '에폭': 1}") == [ParsedMetric("train/loss", 0.5, epoch=1)]
