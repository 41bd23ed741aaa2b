"""The words of a diagnosis, in both languages."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from trainwright.spec.labels import shown_lines

Language = Literal["en", "ko"]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files(__package__) / "wording.toml").read_text("utf-8"))


def find(section: str, key: str, language: Language, **facts: object) -> str | None:
    """The words for `key`, its facts filled in; `None` where there are none in this language.

    Facts may come from strangers, and are made harmless.
    """
    words = _table()[section].get(key, {}).get(language)
    if words is None:
        return None
    return str(words).format(**{name: shown_lines(str(fact)) for name, fact in facts.items()})


def say(section: str, key: str, language: Language, **facts: object) -> str:
    """As `find`, of words that are there in both languages."""
    words = find(section, key, language, **facts)
    if words is None:
        raise KeyError(f"{section}.{key} has no words in {language}")
    return words


def worded(section: str, code: str, message: str, language: Language) -> tuple[str, list[str]]:
    """The words for a code, and the words that came with it where they differ."""
    words = find(section, code, language)
    if words is None or words == message:
        return message, []
    return words, [say("say", "original", language, message=message)]
