"""The general style: a frame that says where training is, and names with values around it."""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame, read_frame
from trainwright.job.parsers.names import Kind
from trainwright.job.parsers.numbers import unwrap, whole
from trainwright.job.parsers.pairs import Pair, find_pairs
from trainwright.job.parsers.tokens import hide_paths, tokenize

_MAYBE = re.compile(r"\d|nan|inf", re.IGNORECASE)
# timm, torchvision and others print `value (mean)`; on held-out data the mean is the measure
_MEAN = re.compile(r"([\w@]:?\s+[-+\d.e]+)\s*\(\s*([-+\d.e]{1,24})\s*\)")


def read(text: str, context: Context) -> Draft | None:
    """Read any line; `None` when there is no number in it."""
    if not _MAYBE.search(text):
        return None
    frame, rest = read_frame(text)
    if frame.split in ("val", "test") and "(" in rest:
        rest = _MEAN.sub(_only_mean, rest)
    pairs, settings = find_pairs(tokenize(hide_paths(unwrap(rest))))
    draft = Draft(frame)
    if settings and not frame.is_bar:
        return draft
    pairs = _take_progress(frame, pairs)
    for pair in _accepted(pairs, anchored=bool(frame)):
        draft.add(pair.name, pair.raw, pair.value, pair.split or frame.split or context.section)
    draft.carry = not frame.is_bar
    return draft


def _only_mean(match: re.Match[str]) -> str:
    name = re.match(r"[\w@]:?\s+", match[1])
    return f"{name[0] if name else ''}{match[2]}"


def _take_progress(frame: Frame, pairs: list[Pair]) -> list[Pair]:
    rest = []
    for pair in pairs:
        if pair.name.kind is not Kind.PROGRESS:
            rest.append(pair)
        elif pair.name.base == "epoch" and frame.epoch is None and pair.value >= 0:
            frame.epoch = pair.value
        elif pair.name.base == "step" and frame.step is None:
            frame.step = whole(pair.value)
    return rest


def _accepted(pairs: list[Pair], *, anchored: bool) -> list[Pair]:
    """The pairs that are metrics, judged together: one sure metric vouches for the others."""
    sure = any(_is_sure(pair, anchored=anchored) for pair in pairs)
    return [p for p in pairs if _is_sure(p, anchored=anchored) or _is_vouched(p, sure, anchored)]


def _is_sure(pair: Pair, *, anchored: bool) -> bool:
    kind = pair.name.kind
    if kind is Kind.STRONG:
        return pair.decimal or anchored or pair.signed
    if kind is Kind.WEAK and pair.name.base != "lr":
        return pair.decimal and (anchored or pair.signed)
    return False


def _is_vouched(pair: Pair, sure: bool, anchored: bool) -> bool:
    kind = pair.name.kind
    if kind is Kind.WEAK:
        return (sure or anchored) and (pair.decimal or pair.signed)
    if kind is Kind.UNKNOWN:
        namespaced = pair.name.namespaced and anchored
        return pair.signed and pair.single and pair.decimal and (sure or namespaced)
    return False
