"""Python dicts and JSON objects on one line."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from trainwright.job.parsers.accept import accepted, are_of_held_out
from trainwright.job.parsers.context import Context
from trainwright.job.parsers.draft import Draft
from trainwright.job.parsers.frame import Frame, place_step, read_frame
from trainwright.job.parsers.names import Kind, judge
from trainwright.job.parsers.numbers import fraction, is_decimal, to_float, unwrap
from trainwright.job.parsers.pairs import Pair
from trainwright.job.parsers.vocabulary import SPLITS

_DEEPEST = 8
_MOST_BRACKETS = 500
TRANSPARENT = frozenset({"metrics", "data", "logs", "log", "results", "scores", "stats", "values"})
"""Keys of nested mappings that add nothing to the names inside."""

_SETTINGS = re.compile(
    r"\b(?:config|args|arg|params|param|hyper\w*|arguments|settings|parameters)\W*$", re.IGNORECASE
)
_WHICH = frozenset({"name", "phase", "split", "mode", "stage", "set", "subset", "type", "kind"})
"""Keys whose value says on which data the others were measured."""
_BARE = re.compile(r"(?<=[:\[,\s])-?(?:nan|inf)(?=\s*[,}\]])")


def read(text: str, context: Context) -> Draft | None:
    """Read a mapping; `None` when the line holds none that can be read."""
    start, end = text.find("{"), text.rfind("}") + 1
    if start < 0 or end <= start:
        return None
    mapping = _load(unwrap(text[start:end]))
    if mapping is None:
        return None
    if introduces_settings(text[:start]):
        return Draft()
    frame, _ = read_frame(text[:start])
    return judge_mapping(dict(_flat(mapping)), frame, context)


def introduces_settings(head: str) -> bool:
    """The words before a mapping say that it holds settings."""
    return _SETTINGS.search(head[-80:]) is not None


def judge_mapping(values: Mapping[str, Any], frame: Frame, context: Context) -> Draft:
    """The metrics among flat values; nothing when they are settings."""
    draft = Draft(frame, at_bar=True)
    pairs = []
    settings = 0
    coco = {"AP", "AP50", "APs"} <= values.keys()  # of Detectron2, whose tasks are named outside
    for raw, given in values.items():
        name = judge(f"bbox/{raw}" if coco else raw)
        settings += name.config
        value = _number(given)
        if value is None:
            if raw.lower() in _WHICH and frame.split is None:
                frame.split = SPLITS.get(str(given).lower())
            continue
        if name.kind is Kind.PROGRESS:
            _place(frame, name.base, raw, value)
            continue
        decimal = name.namespaced or isinstance(given, float) or is_decimal(str(given))
        value = fraction(value) if name.percent else value
        pairs.append(Pair(name, raw, value, decimal, signed=True, single=True, split=None))
    if settings < 2:
        split = frame.split or context.section or ("val" if are_of_held_out(pairs) else None)
        for pair in accepted(pairs, anchored=bool(frame)):
            draft.add(pair.name, pair.raw, pair.value, split)
    return draft


def _load(text: str) -> dict[Any, Any] | None:
    if sum(map(text.count, "{[(")) > _MOST_BRACKETS:
        return None
    loaded: Any = None
    try:
        loaded = json.loads(text)
    except (ValueError, RecursionError):
        if "\\" not in text:
            loaded = _literal(_BARE.sub(r"'\g<0>'", text))
    return loaded if isinstance(loaded, dict) else None


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def _flat(mapping: Mapping[Any, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in mapping.items():
        name = f"{path}/{key}" if path else str(key)
        if not isinstance(value, Mapping):
            yield name, value
        elif depth < _DEEPEST:
            yield from _flat(value, path if key in TRANSPARENT else name, depth + 1)


def _number(given: Any) -> float | None:
    if isinstance(given, str):
        return to_float(given)
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    try:
        return float(given)
    except OverflowError:
        return inf if given > 0 else -inf


def _place(frame: Frame, field: str, raw: str, value: float) -> None:
    if field == "epoch" and frame.epoch is None and 0 <= value < inf:
        frame.epoch = value
    elif field == "step":
        place_step(frame, raw, value)
