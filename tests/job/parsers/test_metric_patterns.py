"""User regexes."""

from __future__ import annotations

import pytest

from trainwright.job.parsers import ParsedMetric, Points, StreamParser
from trainwright.spec.errors import InvalidRequestError


def _points(pattern: str, text: str) -> list[ParsedMetric]:
    parser = StreamParser([pattern])
    items = parser.feed(text.encode()) + parser.flush()
    return [p for i in items if isinstance(i, Points) for p in i.points]


def test_name_and_value() -> None:
    assert _points(r"<(?P<name>\w+)\|(?P<value>[\d.]+)>", "<foo|0.5> <val_loss|0.25>\n") == [
        ParsedMetric("foo", 0.5),
        ParsedMetric("val/loss", 0.25),
    ]


def test_groups_named_as_metrics_with_step_and_epoch() -> None:
    pattern = r"e(?P<epoch>\d+) s(?P<step>\d+) -> (?P<loss>\S+) (?P<wobble>\S+)"
    assert _points(pattern, "e2 s30 -> 0.5 97%\n") == [
        ParsedMetric("train/loss", 0.5, 30, 2),
        ParsedMetric("wobble", 0.97, 30, 2),
    ]


def test_the_built_in_styles_still_work_beside() -> None:
    points = _points(r"zap (?P<zap>\d+)", "step 3 loss: 0.5 zap 7\n")
    assert points == [ParsedMetric("zap", 7.0, 3), ParsedMetric("train/loss", 0.5, 3)]


@pytest.mark.parametrize(
    "pattern",
    ["(", "no groups", r"(?P<name>\w+)", r"(?P<step>\d+)", r"(?P<x>(a+)+)", r"((a|a)*)(?P<x>b)",
     "(?P<x>" + "a" * 2_000 + ")"],
)  # fmt: skip
def test_a_bad_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidRequestError) as error:
        StreamParser([pattern])
    assert error.value.field == "metric_patterns"
    assert error.value.expected
