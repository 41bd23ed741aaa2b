"""The words the rules know, kept as data: one TOML file a kind."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The words of one kind, as written in `words/<name>.toml`."""
    return tomllib.loads((files(__package__) / "words" / f"{name}.toml").read_text("utf-8"))


_PART = re.compile(r"\{([a-z]+)\}")


def alternatives(patterns: list[str]) -> str:
    """One pattern that any of these fits; `{no}` in one stands for a part that many share."""
    whole = "|".join(patterns)
    while _PART.search(whole):
        whole = _PART.sub(lambda part: str(load("parts")[part[1]]), whole)
    return f"(?:{whole})"
