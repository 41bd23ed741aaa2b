"""The console that people look at: nothing it is given to show can steer it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.protocol import rich_cast
from rich.segment import Segment
from rich.text import Text

from trainwright.spec import shown, shown_lines


class Screen(Console):
    """Shows foreign text, such as the names of classes and files, with control characters escaped.

    Rich itself passes escape sequences within a text on to the terminal.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        return super().render(_harmless(rich_cast(renderable)), options)

    def print(self, *objects: Any, crop: bool = False, **options: Any) -> None:
        """Print without cutting lines off at the edge: a command that is cut cannot be copied."""
        super().print(*objects, crop=crop, **options)

    def on_broken_pipe(self) -> None:
        """Leave it to the program what that means: Rich would end it at once."""
        raise BrokenPipeError


def _harmless(renderable: Any) -> Any:
    if isinstance(renderable, str):
        return shown_lines(renderable)
    if isinstance(renderable, Text) and shown_lines(renderable.plain) != renderable.plain:
        lines = renderable.split("\n", allow_blank=True)
        return renderable.blank_copy("\n").join(map(_escaped, lines))
    return renderable


def _escaped(line: Text) -> Text:
    out = line.blank_copy()
    for is_plain, group in groupby(range(len(line)), key=lambda i: _is_plain(line.plain[i])):
        places = list(group)
        run = line[places[0] : places[-1] + 1]
        out.append_text(run if is_plain else Text(shown(run.plain)))
    return out


def _is_plain(line: str) -> bool:
    return shown(line) == line
