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

# `pprint` begins a dict with its first entry and ends it with its last
_OPENING = re.compile(
    r"""(?P<head>[^{}\[\]"']{0,80})\{(?P<first>["'][^"'{}]{1,200}["']:\s[^{},]{1,200},)?"""
)
_LAST = re.compile(r"""(\s*["'][^"'{}]{1,200}["']:\s[^{}]{1,200})\}\s*""")
_ENTRY = re.compile(r"""\s*["']([^"']{1,200})["']\s?:\s?(.{1,200}?),?\s*""")


def read(text: str, context: Context) -> Draft | None:
    """Values are kept until the block closes, since its step may stand below them."""
    if context.block is None:
        context.block = _open(text)
        return Draft() if context.block else None
    if text.strip().rstrip(",") in ("}", "]"):
        return _close(context.block, context)
    last = None if context.block.path else _LAST.fullmatch(text)
    if _keep(last[1] if last else text, context.block):
        return _close(context.block, context) if last else Draft()
    context.block = None
    return None


def _open(text: str) -> Block | None:
    match = _OPENING.fullmatch(text.rstrip())
    if match is None or introduces_settings(match["head"]):
        return None
    block = Block()
    return block if match["first"] is None or _keep(match["first"], block) else None


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
