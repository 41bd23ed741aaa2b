from datetime import UTC, datetime, timedelta

import pytest

from trainwright.api.panel.words import age, counted, duration, number, size
from trainwright.spec.labels import count


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (65, "1:05"),
        (3661, "1:01:01"),
        (3 * 86400 + 4 * 3600, "3 d 4 h"),
        (-2, "0 s"),
    ],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (None, "–"),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (2440, "2.4 kB"),
        (97_300_000, "97 MB"),
        (999_999, "1 MB"),
        (245_000, "245 kB"),
    ],
)
def test_size(given, text):
    assert size(given) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.98765, "0.9877"),
        (3.0, "3"),
        (1e-5, "1e-05"),
        (123.456, "123.46"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_number(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (12, "12"), (61_706, "61.7 k"), (135_000_000, "135 M")]
)
def test_count(value, text):
    assert count(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "now"), (300, "5 min"), (7200, "2 h"), (86400 * 12, "12 d")],
)
def test_age(seconds, text):
    now = datetime(2026, 1, 20, tzinfo=UTC)
    assert age(now - timedelta(seconds=seconds), now) == text


@pytest.mark.parametrize(
    ("value", "noun", "text"),
    [(1, "file", "1 file"), (0, "file", "0 files"), (2, "class", "2 classes")],
)
def test_counted(value, noun, text):
    assert counted(value, noun) == text
