"""Where output goes: JSON for machines, Rich for people."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


def json_text(value: Any) -> str:
    """Compact JSON of models, or lists and mappings of them, under their public names."""
    from pydantic_core import to_json

    return to_json(value, by_alias=True, inf_nan_mode="strings").decode()


def print_json(value: Any) -> None:
    click.echo(json_text(value))


def console(*, stderr: bool = False) -> Console:
    from trainwright.api.panel.screen import Screen

    return Screen(stderr=stderr, highlight=False)


def show(*renderables: RenderableType) -> None:
    """Print each; commands in plain text as they can be typed here."""
    from trainwright.cli.program import runnable

    out = console()
    for one in renderables:
        out.print(runnable(one) if isinstance(one, str) else one)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: str = "") -> Any:
    """A plain table; columns named in `right` (comma-separated) are right-aligned."""
    from rich.table import Table
    from rich.text import Text

    out = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_header=any(columns))
    aligned = right.split(",") if right else []
    for i, name in enumerate(columns):
        out.add_column(name, justify="right" if name in aligned else "left", no_wrap=i == 0)
    for row in rows:
        out.add_row(*(c if isinstance(c, Text) else Text(str(c)) for c in row))
    return out


def hints(commands: Iterable[tuple[str, str]]) -> Any:
    """Commands to try next, and what each does."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    from trainwright.cli.program import runnable

    rows = [(runnable(command), purpose) for command, purpose in commands]
    needed = max(len(c) for c, _ in rows) + max(len(p) for _, p in rows) + 5
    if needed > console().width:
        # a command that is broken in two cannot be copied: what it does goes above it
        lines: list[RenderableType] = []
        for command, purpose in rows:
            lines.append(Text(f"  {purpose}:", style="dim"))
            lines.append(Text(f"    {command}", style="cyan", no_wrap=True, overflow="ignore"))
        # not one text: Rich prints a text by itself as wide as the screen, whatever it says
        return Group(*lines)
    out = Table.grid(padding=(0, 3, 0, 2))
    for command, purpose in rows:
        out.add_row(Text(command, style="cyan"), Text(purpose, style="dim"))
    return out


def is_interactive() -> bool:
    """Whether a person can be asked: both ends are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()
