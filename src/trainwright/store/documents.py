"""JSON as both databases accept it: PostgreSQL refuses NaN and the NUL character."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Raw(str):
    """JSON text that is ready to be kept in a JSON column as it is."""

    __slots__ = ()


def storable(text: str) -> str:
    """Text of strangers as a text column takes it: without NUL and half surrogate pairs."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def dumps(value: Any) -> str:
    """Serialize for a JSON column; NaN and infinities become the strings the spec gives them."""
    if isinstance(value, Raw):
        return _NUL.sub(r"\1�", value) if "\\u0000" in value else value
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except ValueError:
        text = json.dumps(_named(value), allow_nan=False, ensure_ascii=False)
    text = _NUL.sub(r"\1�", text) if "\\u0000" in text else text
    return text.encode("utf-8", "replace").decode()


def _named(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {key: _named(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(item) for item in value]
    return value
