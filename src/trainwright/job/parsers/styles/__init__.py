"""One module a family of styles, tried in order; the first that knows a line reads it."""

from __future__ import annotations

from collections.abc import Callable

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
