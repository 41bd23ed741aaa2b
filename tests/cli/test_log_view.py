from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trainwright.cli.views.log import harmless, last_lines, without_reports
from trainwright.spec.api import LogChunk

LINES = st.lists(
    st.sampled_from(
        ["epoch 1  loss 0.5", "", "::", "::trainwright:: {}", "x ::trainwright:: {}", "%50"]
    )
)


@given(LINES, st.lists(st.integers(0, 200)), st.booleans())
def test_report_lines_go_and_all_else_stays_however_it_is_cut(
    lines: list[str], cuts: list[int], ends: bool
) -> None:
    text = "\n".join(lines) + ("\n" if ends and lines else "")
    marks = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(marks)]
    kept = [
        line for line in text.splitlines(keepends=True) if not line.startswith("::trainwright::")
    ]
    assert "".join(without_reports(pieces)) == "".join(kept)


@given(LINES, st.integers(1, 12), st.booleans())
def test_a_tail_counts_the_lines_that_are_seen(lines: list[str], wanted: int, ends: bool) -> None:
    text = "\n".join(lines) + ("\n" if ends and lines else "")
    whole = text.splitlines(keepends=True)

    def fetch(count: int) -> LogChunk:
        kept = "".join(whole[-count:])
        start = len(text) - len(kept)
        return LogChunk(text=kept, offset=start, next_offset=len(text), size=len(text), ended=True)

    seen = [line for line in whole if not line.startswith("::trainwright::")]
    assert last_lines(fetch, wanted) == ("".join(seen[-wanted:]), len(text))


def test_a_log_does_not_steer_the_terminal() -> None:
    text = "\x1b]0;owned\x07\x1b[31mred\x1b[0m\x1b[2J\ttab\x9b2J\r\n"
    assert harmless(text) == "]0;owned\x1b[31mred\x1b[0m[2J\ttab2J\r\n"
