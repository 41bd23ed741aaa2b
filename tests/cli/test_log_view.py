from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trainwright.cli.views.log import without_reports

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
