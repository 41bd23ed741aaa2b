"""The general style: a frame that says where training is, and names with values around it."""

from __future__ import annotations

import re
from math import inf

from trainwright.job.parsers.accept import accepted
from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame, place_step, read_frame
from trainwright.job.parsers.names import Kind
from trainwright.job.parsers.numbers import fraction, unwrap, whole
from trainwright.job.parsers.pairs import Pair, find_pairs
from trainwright.job.parsers.tokens import hide_paths, tokenize

_SUMMARY = re.compile(r"\s*\*+\s+(?:\w{1,20} )?(?:Acc|Prec)@1\b")
_MMENGINE_PERCENT = frozenset(
    {"aAcc", "mIoU", "mAcc", "mDice", "mFscore", "mPrecision", "mRecall", "acc"}
)
_CLOSE = 2
_MAYBE = re.compile(r"\d|nan|inf", re.IGNORECASE)
# timm, torchvision and others print `value (mean)`; on held-out data the mean is the measure
_MEAN = re.compile(r"([\w@]:?\s+[-+\d.e]+)\s*\(\s*([-+\d.e]{1,24})\s*\)")


def read(text: str, context: Context) -> Draft | None:
    """Read any line; `None` when there is no number in it."""
    if not _MAYBE.search(text):
        return None
    frame, rest = read_frame(hide_paths(text))
    if frame.split in ("val", "test"):
        context.evaluated = frame.split
    if _SUMMARY.match(text):  # what it prints in brackets is the error
        frame.split = frame.split or context.evaluated or "val"
    elif frame.split in ("val", "test") and "(" in rest:
        rest = _MEAN.sub(_only_mean, rest)
    pairs, settings = find_pairs(tokenize(unwrap(rest)))
    section = None if frame.epoch is not None and frame.step is not None else context.section
    draft = Draft(frame)
    if settings and not frame.is_bar:
        return draft
    pairs, counted = _take_progress(frame, pairs)
    if frame.split is None and section is None and _is_training(pairs):
        section = "train"
    placed = frame.epoch is not None and (frame.step is not None or counted is not None)
    for pair in accepted(pairs, anchored=bool(frame) or _goes_on(pairs, context), placed=placed):
        value = pair.value
        percent = pair.raw in _MMENGINE_PERCENT or pair.raw.endswith(".acc_seg")
        if frame.is_mmengine and percent and value > 1:  # MMSegmentation's first version: fractions
            value = fraction(value)
        draft.add(pair.name, pair.wide or pair.raw, value, pair.split or frame.split or section)
    if draft.points and frame.step is None and frame.split not in ("val", "test"):
        frame.step = counted
    draft.carry = not frame.is_bar
    return draft


def _is_training(pairs: list[Pair]) -> bool:
    """A learning rate beside a loss: whatever else the line measures, it does so in training."""
    plain = {p.name.base for p in pairs if p.name.split in (None, "train") and p.split is None}
    return {"lr", "loss"} <= plain


def _goes_on(pairs: list[Pair], context: Context) -> bool:
    """The one value of a line that stands close below a line of metrics."""
    return len(pairs) == 1 and context.since_points <= _CLOSE and pairs[0].name.namespaced


def _only_mean(match: re.Match[str]) -> str:
    name = re.match(r"[\w@]:?\s+", match[1])
    return f"{name[0] if name else ''}{match[2]}"


_PLURAL = frozenset({"steps", "iterations", "iters"})


def _take_progress(frame: Frame, pairs: list[Pair]) -> tuple[list[Pair], int | None]:
    """The pairs that are left, and `steps: 100`: that counts training beside metrics only."""
    rest = []
    counted = None
    for pair in pairs:
        if pair.name.kind is not Kind.PROGRESS:
            rest.append(pair)
        elif pair.name.base == "epoch" and frame.epoch is None and 0 <= pair.value < inf:
            frame.epoch = pair.value
        elif pair.raw.lower() in _PLURAL:
            counted = whole(pair.value)
        elif pair.name.base == "step":
            place_step(frame, pair.raw, pair.value)
    return rest, counted
