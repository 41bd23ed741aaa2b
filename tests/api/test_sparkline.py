import math

from hypothesis import given
from hypothesis import strategies as st

from trainwright.api.panel.sparkline import sparkline


def test_rises_from_lowest_to_highest_block():
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"


def test_long_series_is_thinned_to_the_width():
    assert sparkline(list(range(1000)), 8) == "▁▂▃▄▅▆▇█"


def test_flat_series_is_drawn_in_the_middle():
    assert len(set(sparkline([3.0, 3.0, 3.0], 10))) == 1


def test_nan_is_seen_as_a_gap():
    assert sparkline([0.0, math.nan, 1.0], 3) == "▁·█"
    assert sparkline([math.nan, math.inf], 2) == "··"


def test_nothing_to_draw():
    assert sparkline([], 10) == ""
    assert sparkline([1.0], 0) == ""


@given(st.lists(st.floats(width=32), max_size=200), st.integers(1, 50))
def test_never_wider_than_asked(values, width):
    line = sparkline(values, width)
    assert len(line) == min(width, len(values))
