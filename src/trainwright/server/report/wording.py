"""The words of a report, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from trainwright.server.diagnosis.wording import Language

Say = Callable[..., str]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "wording.toml").read_text("utf-8"))


def words(language: Language) -> Say:
    """What says `section`, `key` in a language, with facts filled in.

    A key without words, such as the name of a framework's own setting, stands for itself.
    """

    def say(section: str, key: str, **facts: object) -> str:
        found = _table()[section].get(key)
        return str(found[language]).format(**facts) if found else key

    return say
