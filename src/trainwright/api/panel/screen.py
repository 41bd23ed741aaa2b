"""The console that people look at: nothing it is given to show can steer it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.protocol import rich_cast
from rich.segment import Segment
from rich.text import Text

from trainwright.spec import shown


class Screen(Console):
    """Shows foreign text, such as the names of classes and files, with control characters escaped.

    Rich itself passes escape sequences within a text on to the terminal.
    """

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        return super().render(_harmless(rich_cast(renderable)), options)


def _harmless(renderable: Any) -> Any:
    if isinstance(renderable, str):
        return "\n".join(map(shown, renderable.split("\n")))
    if isinstance(renderable, Text) and not renderable.plain.isprintable():
        return Text("\n").join(map(_harmless_line, renderable.split("\n", allow_blank=True)))
    return renderable


def _harmless_line(line: Text) -> Text:
    escaped = Text(style=line.style, justify=line.justify, overflow=line.overflow)
    for i, character in enumerate(line.plain):
        safe = shown(character)
        escaped.append_text(line[i] if safe == character else Text(safe))
    return escaped
