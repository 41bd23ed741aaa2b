"""What a message is about, if it asks for no training: read by rules, from a data file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from trainwright.server.chat.phrases import table

Action = Literal["stop", "pause", "resume", "delete", "clone"]

_LEAD = (
    r"(?:^|[,.;:!]|\b(?:and|then|please|now|just|you|to|let.?s|ok|okay|yes|no|it|instead))"
    r"\s*(?:please\s+|now\s+|just\s+)?"
)
"""What an English order stands behind; elsewhere the verb only tells of something."""
_DONE_KO = r"(?!\s?(?:됐|됬|된|되|했|한\s|하면|하는|할까))"


@dataclass(frozen=True)
class Rules:
    """The data file, compiled."""

    actions: tuple[tuple[Action, re.Pattern[str]], ...]
    topics: tuple[tuple[str, re.Pattern[str]], ...]
    words: dict[str, dict[str, re.Pattern[str]]]
    fields: dict[str, re.Pattern[str]]
    asks: re.Pattern[str]
    foreign: re.Pattern[str]
    runs: re.Pattern[str]
    common: frozenset[str]


@cache
def rules() -> Rules:
    data = table("topics")
    names = data["fields"]
    named = f"(?:{'|'.join(one for words in names.values() for one in words)})"
    return Rules(
        actions=tuple((entry["name"], _order(entry)) for entry in data["action"]),
        topics=tuple(
            (e["name"], _any(p.replace("{field}", named) for p in (*e["en"], *e["ko"])))
            for e in data["topic"]
        ),
        fields={
            name: re.compile(rf"(?<![a-z])(?:{'|'.join(w)})(?![a-z])") for name, w in names.items()
        },
        words={
            group: {name: _any(patterns) for name, patterns in data[group].items()}
            for group in ("status", "when", "refer")
        },
        asks=_any([*data["ask"]["en"], *data["ask"]["ko"]]),
        foreign=_any(data["foreign"]["words"]),
        runs=_any(data["foreign"]["runs"]),
        common=frozenset(data["common"]["words"].split()),
    )


def _order(entry: dict[str, Any]) -> re.Pattern[str]:
    english = "|".join(entry["en"])
    korean = "|".join(entry["ko"])
    return re.compile(rf"{_LEAD}(?:{english})\b|(?:{korean}){_DONE_KO}")


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


def action(text: str) -> Action | None:
    """What the message orders to be done to runs."""
    known = rules()
    if known.asks.search(text):
        return None
    ordered = next((name for name, pattern in known.actions if pattern.search(text)), None)
    strange = known.foreign.search(text) and not known.runs.search(text)
    return ordered if ordered == "clone" or not strange else None


def topic(text: str, but: str | None = None) -> str | None:
    """What the message asks about, if not of one topic."""
    found = (name for name, pattern in rules().topics if pattern.search(text))
    return next((name for name in found if name != but), None)


def is_best(text: str) -> bool:
    """Whether the best or the worst run is spoken of, whatever is asked of it."""
    return next(p for name, p in rules().topics if name == "best").search(text) is not None


def fields(text: str) -> list[str]:
    """The settings that are named in a message."""
    return [name for name, pattern in rules().fields.items() if pattern.search(text)]


def orders(text: str) -> list[Action]:
    """Everything that a message orders to be done to runs, in the order said."""
    found = []
    for name, pattern in rules().actions:
        if order := pattern.search(text):
            found.append((order.start(), name))
            text = f"{text[: order.start()]}{' ' * len(order[0])}{text[order.end() :]}"
    return [name for _, name in sorted(found)]


def said(group: str, text: str) -> list[str]:
    """Which words of a group (`status`, `when`, `refer`) are in the message."""
    return [name for name, pattern in rules().words[group].items() if pattern.search(text)]
