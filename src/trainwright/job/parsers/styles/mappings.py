"""Python dicts and JSON objects, on one line or spread over several."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from trainwright.job.parsers.context import Block, Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame, read_frame
from trainwright.job.parsers.names import Kind, Name, judge
from trainwright.job.parsers.numbers import fraction, is_decimal, to_float, unwrap, whole

_DEEPEST = 8
_MOST = 500
_TRANSPARENT = frozenset("metrics data logs log results result scores stats values".split())
_SETTINGS = re.compile(
    r"\b(?:config|args|arg|params|param|hyper\w*|arguments|settings|parameters)\W*$", re.I
)
_BARE = re.compile(r"(?<=[:\[,\s])-?(?:nan|inf)(?=\s*[,}\]])")
_ENTRY = re.compile(r"""\s*["']([^"']{1,200})["']\s*:\s*(.{1,200}?)\s*,?\s*""")


def read(text: str, context: Context) -> Draft | None:
    """Read a mapping; `None` when the line holds none that can be read."""
    if context.block is not None:
        return _continue(text, context)
    if "{" not in text:
        return None
    if text.rstrip().endswith("{") and text.count("{") == 1 and ":" not in text[:-1].rstrip(" :{"):
        if text.strip() == "{" or not _SETTINGS.search(text[: text.index("{")]):
            context.block = Block()
            return Draft()
    start, end = text.find("{"), text.rfind("}") + 1
    if end <= start:
        return None
    mapping = _load(text[start:end])
    if mapping is None:
        return None
    head = text[:start]
    if _SETTINGS.search(head):
        return Draft()
    frame, _ = read_frame(head)
    return _draft(dict(_flat(mapping)), frame, context)


def _load(text: str) -> dict[Any, Any] | None:
    text = unwrap(text)
    if text.count("{") + text.count("[") + text.count("(") > _MOST:
        return None
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        try:
            loaded = ast.literal_eval(_BARE.sub(lambda m: f"'{m[0]}'", text))
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return None
    return loaded if isinstance(loaded, dict) else None


def _flat(mapping: Mapping[Any, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in mapping.items():
        key = str(key)
        name = f"{path}/{key}" if path else key
        if isinstance(value, Mapping):
            if depth < _DEEPEST:
                yield from _flat(value, path if key in _TRANSPARENT else name, depth + 1)
        else:
            yield name, value


def _draft(values: Mapping[str, Any], frame: Frame, context: Context) -> Draft:
    draft = Draft(frame, carry=False)
    entries: list[tuple[Name, str, float, bool]] = []
    settings = 0
    for raw, given in values.items():
        name = judge(raw)
        settings += name.config
        value, decimal = _number(given)
        if value is None:
            continue
        if name.kind is Kind.PROGRESS:
            _place(frame, name.base, value)
        elif name.kind is not Kind.NEVER:
            entries.append((name, raw, value, decimal))
    sure = any(
        e[0].kind is Kind.STRONG or (e[0].kind is Kind.WEAK and e[0].base != "lr") for e in entries
    )
    if settings >= 2 or not (sure or frame):
        return draft
    for name, raw, value, decimal in entries:
        if name.kind is not Kind.UNKNOWN or (
            (decimal or name.namespaced) and (sure or name.namespaced)
        ):
            value = fraction(value) if name.percent else value
            draft.add(name, raw, value, frame.split or context.section)
    return draft


def _number(given: Any) -> tuple[float | None, bool]:
    if isinstance(given, bool):
        return None, False
    if isinstance(given, int | float):
        return (
            (float(given), isinstance(given, float))
            if abs(given) < 1e300 or given != given or isinstance(given, float)
            else (None, False)
        )
    if isinstance(given, str):
        return to_float(given), is_decimal(given)
    return None, False


def _place(frame: Frame, field: str, value: float) -> None:
    if field == "epoch" and frame.epoch is None and value >= 0:
        frame.epoch = value
    elif field == "step" and frame.step is None:
        frame.step = whole(value)


def _continue(text: str, context: Context) -> Draft | None:
    block = context.block
    if block is None:
        return None
    stripped = text.strip().rstrip(",")
    if stripped in ("}", "]"):
        if block.path:
            block.path.pop()
            return Draft()
        context.block = None
        return _draft(block.values, Frame(), context)
    match = _ENTRY.fullmatch(text)
    if match and match[2] in ("{", "["):
        if len(block.path) < _DEEPEST:
            block.path.append(match[1] if match[2] == "{" else "\x01")
            return Draft()
    elif match and len(block.values) < _MOST:
        path = [p for p in block.path if p not in _TRANSPARENT]
        if "\x01" not in path:
            block.values["/".join([*path, match[1]])] = match[2].strip("\"'")
        return Draft()
    elif "\x01" in block.path:  # an element of a list
        return Draft()
    context.block = None
    return None
