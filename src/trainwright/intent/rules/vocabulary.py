"""The words the rules know, kept as data: one TOML file a kind."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The words of one kind, as written in `words/<name>.toml`."""
    return tomllib.loads((files(__package__) / "words" / f"{name}.toml").read_text("utf-8"))


def alternatives(patterns: list[str]) -> str:
    """One pattern that any of these fits."""
    return f"(?:{'|'.join(patterns)})"
