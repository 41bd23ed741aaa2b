"""JSON objects and Python dicts that are printed over several lines."""

from __future__ import annotations

import re

from trainwright.job.parsers.context import Block, Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame
from trainwright.job.parsers.styles.mappings import (
    TRANSPARENT,
    introduces_settings,
    judge_mapping,
)

_MOST_VALUES = 500
_DEEPEST = 8
_LIST = "[]"
"""Stands in the path for a list, whose elements are no metrics."""

_OPENING = re.compile(r"[^{}\[\]\"']{0,80}\{")
_ENTRY = re.compile(r"""\s*["']([^"']{1,200})["']\s?:\s?(.{1,200}?),?\s*""")


def read(text: str, context: Context) -> Draft | None:
    """Values are kept until the block closes, since its step may stand below them."""
    if context.block is None:
        head = text.rstrip()
        if not (head.endswith("{") and _OPENING.fullmatch(head)) or introduces_settings(head[:-1]):
            return None
        context.block = Block()
        return Draft()
    if text.strip().rstrip(",") in ("}", "]"):
        return _close(context.block, context)
    if _keep(text, context.block):
        return Draft()
    context.block = None
    return None


def _close(block: Block, context: Context) -> Draft:
    if block.path:
        block.path.pop()
        return Draft()
    context.block = None
    return judge_mapping(block.values, Frame(), context)


def _keep(text: str, block: Block) -> bool:
    """Take one line of the block; false when it is none."""
    entry = _ENTRY.fullmatch(text)
    if entry is None:
        return _LIST in block.path
    key, value = entry.groups()
    if value in ("{", "["):
        block.path.append(_LIST if value == "[" else key)
        return len(block.path) <= _DEEPEST
    if _LIST not in block.path:
        path = (part for part in block.path if part not in TRANSPARENT)
        block.values["/".join([*path, key])] = value.strip("\"'")
    return len(block.values) <= _MOST_VALUES
