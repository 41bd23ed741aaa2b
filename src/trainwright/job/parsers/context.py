"""What earlier lines said that later lines need; plain data, so that it can be saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Table:
    """A table whose header has been read.

    Attributes:
        columns: Header cells.
        separator: `|`, `,`, or a space for aligned columns.
        misses: Lines since the header that were no rows.
        task: What the heading above says is evaluated.
    """

    columns: list[str]
    separator: str
    misses: int = 0
    task: str | None = None


@dataclass(slots=True)
class Box:
    """A table of names and values that is being read, emitted when it closes.

    Attributes:
        split: What its header says of all its metrics.
        group: Namespace of the rows that follow, e.g. `rollout/`.
        bare: Its rows had no header; they are judged together when it closes.
    """

    split: str | None = None
    group: str = ""
    step: int | None = None
    points: dict[str, float] = field(default_factory=dict)
    bare: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Block:
    """A JSON or Python mapping spread over lines."""

    path: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Context:
    """Everything that is carried from line to line.

    Attributes:
        epoch: Epoch under way.
        step: Step of a line that held nothing else, for the metrics below it.
        section: Split that a heading named, valid for `section_lines` more lines.
        task: What a heading says is evaluated: `bbox`, `segm` or `keypoints`.
        bar: `(total, step)` of the run's main progress bar.
        evaluated: Held-out split of the last line that named one.
        since_points: Lines since the last that gave metrics.
        in_traceback: Lines are a Python traceback.
        counts_from_zero: An epoch 0 was seen.
        reports: The script reports its metrics itself; nothing else it prints is read.
        drawn: Last values a redrawn bar showed, so that a redraw is not a new value.
    """

    epoch: float | None = None
    epochs: int | None = None
    step: int | None = None
    section: str | None = None
    section_lines: int = 0
    task: str | None = None
    bar: list[int] | None = None
    evaluated: str | None = None
    since_points: int = 100
    in_traceback: bool = False
    counts_from_zero: bool = False
    reports: bool = False
    drawn: list[Any] | None = None
    table: Table | None = None
    box: Box | None = None
    block: Block | None = None

    def dump(self) -> dict[str, Any]:
        return {
            key: value
            for key, value in asdict(self).items()
            if value is not None and value is not False
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> Context:
        context = cls(**state)
        nested: dict[str, type[Any]] = {"table": Table, "box": Box, "block": Block}
        for key, kind in nested.items():
            if isinstance(value := getattr(context, key), dict):
                setattr(context, key, kind(**value))
        return context
