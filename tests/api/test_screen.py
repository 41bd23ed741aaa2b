"""Names are data: on a screen they cannot move the cursor, clear lines or set a window's title."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Group
from rich.table import Table
from rich.text import Text

from trainwright.api.panel.screen import Screen
from trainwright.spec import shown

NASTY = "\x1b[2Jcat\x1b]0;owned\x9c\u202e"
ESCAPED = r"\x1b[2Jcat\x1b]0;owned\x9c\u202e"


def drawn(*what: object, width: int = 120) -> str:
    out = io.StringIO()
    Screen(file=out, width=width, highlight=False).print(*what)
    return out.getvalue()


@pytest.mark.parametrize(
    "what",
    [Text(NASTY), Text.assemble((NASTY, "bold")), Group(Text(NASTY))],
)
def test_foreign_text_is_shown_escaped_wherever_it_stands(what: object) -> None:
    found = drawn(what)
    assert ESCAPED in found
    assert "\x1b" not in found


def test_a_cell_of_a_table_too() -> None:
    grid = Table.grid()
    grid.add_row(Text(NASTY))
    assert "\x1b" not in drawn(grid)


def test_a_string_too() -> None:
    assert ESCAPED.replace("[2J", "") in drawn(NASTY.replace("[2J", ""))


def test_nothing_is_lost_where_the_line_must_be_broken() -> None:
    found = drawn(Text(f"{NASTY} " * 10 + "last"), width=40)
    assert found.count("owned") == 10
    assert "last" in found


def test_colours_of_our_own_and_lines_are_kept() -> None:
    out = io.StringIO()
    screen = Screen(file=out, width=80, force_terminal=True, color_system="standard")
    screen.print(Text.assemble(("red", "red"), "\n고양이 👩‍👧 a\x1b[7mb"))
    assert out.getvalue() == "\x1b[31mred\x1b[0m\n고양이 👩‍👧 a\\x1b[7mb\n"


@given(st.text())
def test_shown_is_one_harmless_line_that_keeps_what_is_readable(text: str) -> None:
    safe = shown(text)
    assert safe == shown(safe)
    assert len(safe.splitlines()) <= 1
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in safe)
    if text.isprintable():
        assert safe == text
