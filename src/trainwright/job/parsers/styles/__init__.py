"""One module a family of styles, tried in order; the first that knows a line reads it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.styles import (
    blocks,
    boosting,
    boxes,
    evaluation,
    mappings,
    pairs,
    tables,
)

Style = Callable[[str, Context], Draft | None]
"""Reads a line without its logger's prefix; `None` when the line is not of this style."""

STYLES: tuple[Style, ...] = (
    blocks.read,
    mappings.read,
    evaluation.read,
    boosting.read,
    boxes.read,
    tables.read,
    pairs.read,
)

GROUP = "trainwright.parsers"
"""Entry points of packages that bring a style; theirs are tried before the built-in ones."""


@cache
def load_styles() -> tuple[Style, ...]:
    """All styles, those of installed plug-ins first; one that cannot be loaded is left out."""
    added: list[Style] = []
    for entry in entry_points(group=GROUP):
        try:
            added.append(entry.load())
        except (ImportError, AttributeError) as error:
            warnings.warn(f"parser {entry.name!r} is left out: {error}", stacklevel=2)
    return (*added, *STYLES)
