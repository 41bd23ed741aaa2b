"""Tables of two columns, name and value: Lightning's test results, Stable-Baselines3's rollouts."""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Box, Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.names import Kind, judge
from trainwright.job.parsers.numbers import to_float, whole
from trainwright.job.parsers.styles.mappings import judge_mapping
from trainwright.job.parsers.styles.tables import is_border, split_cells
from trainwright.job.parsers.vocabulary import SPLITS

_HEADER = re.compile(
    r"(?:runningstage\.)?(test|testing|validate|validating|validation|val|train|eval)?\s*"
    r"(?:metrics?|name|key)",
    re.IGNORECASE,
)
_VALUES = re.compile(r"dataloader \d+|values?|scores?|results?", re.IGNORECASE)
_GROUP = re.compile(r"\w{1,40}/")
_MOST = 200
_LONGEST = 60


def read(text: str, context: Context) -> Draft | None:
    """A header opens a box; rows are kept until it closes, since its step may stand below them."""
    if is_border(text):
        return None
    cells = _cells(text)
    if _opens(cells) and not (context.box and _is_group(cells)):
        match = _HEADER.fullmatch(cells[0])
        split = SPLITS.get((match[1] or "").lower()) if match else None
        context.box = Box(split=split, group="" if match else cells[0])
        return Draft()
    box = context.box
    if box is None and _is_bare_row(text, cells, context):
        box = context.box = Box()
    if box is None:
        return None
    if _is_bare_row(text, cells, context) and not (box.group or box.points):
        box.bare.setdefault(cells[0], cells[1])
    elif _is_group(cells):
        box.group = cells[0]
    elif len(box.points) < _MOST:
        _row(box, cells[0], [v for v in map(to_float, cells[1:]) if v is not None])
    return Draft()


def ends(text: str, box: Box) -> bool:
    """Whether this line is not part of the open box; the rule below a header still is."""
    if is_border(text):
        return bool(box.points or box.bare) or box.step is not None
    cells = _cells(text)
    return not (_is_group(cells) or (len(cells) > 1 and None not in map(to_float, cells[1:])))


def _cells(text: str) -> list[str]:
    return split_cells(text, "|" if any(c in text for c in "|│┃") else " ")


def _is_group(cells: list[str]) -> bool:
    return len(cells) > 1 and bool(_GROUP.fullmatch(cells[0])) and not any(cells[1:])


def close(context: Context) -> Draft | None:
    """The metrics of the box that is open, if any."""
    box, context.box = context.box, None
    if box and box.bare:
        return judge_mapping(box.bare, Frame(), context)
    if box is None or not (box.points or box.step is not None):
        return None
    return Draft(Frame(step=box.step), dict(box.points))


def _is_bare_row(text: str, cells: list[str], context: Context) -> bool:
    """`| value_loss | 0.45 |`, as loggers of reinforcement learning frame them, with no header."""
    if len(cells) != 2 or context.table is not None or not text.strip().endswith("|"):
        return False
    return (
        to_float(cells[0]) is None and to_float(cells[1]) is not None and len(cells[0]) < _LONGEST
    )


def _opens(cells: list[str]) -> bool:
    if len(cells) < 2 or any(to_float(cell) is not None for cell in cells):
        return False
    if _HEADER.fullmatch(cells[0]) and all(_VALUES.fullmatch(c) for c in cells[1:]):
        return True
    return _is_group(cells)


def _row(box: Box, key: str, values: list[float]) -> None:
    raw = f"{box.group}{key}"
    name = judge(key)
    if raw == "time/total_timesteps" or (name.kind is Kind.PROGRESS and box.group != "time/"):
        if name.base != "epoch":
            box.step = whole(values[0])
        return
    if box.group == "time/" or name.kind is Kind.NEVER:
        return
    if box.group:
        name = judge(raw) if name.base != "lr" else name
    draft = Draft(points=box.points)
    for i, value in enumerate(values):
        draft.add(name, raw if i == 0 else f"{raw}/dataloader_{i}", value, box.split)
