"""Whether the person's own words bear out a value that a model read from them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from trainwright.intent.gather import Signals
from trainwright.intent.llm.topics import speaks_of
from trainwright.intent.reading import Claim
from trainwright.intent.rules import choices
from trainwright.intent.rules.numbers import NUMBER, to_digits
from trainwright.intent.rules.text import clean, lower, mask

NUMBERS = frozenset(
    {
        "epochs",
        "max_steps",
        "batch_size",
        "learning_rate",
        "weight_decay",
        "warmup",
        "gradient_accumulation",
        "seed",
        "image_size",
        "num_classes",
        "max_length",
        "r",
        "alpha",
        "dropout",
        "beta",
        "kl_coef",
        "num_generations",
        "gpus",
        "cpus",
        "memory_gb",
        "max_hours",
    }
)
"""Fields whose value must stand in the message as a number. One that does not is dropped: a
number that nobody wrote is invented, whatever it is called."""

MEANT = frozenset({"pretrained", "augment", "early_stopping", "precision", "peft", "priority"})
"""Choices people express in words that name no value ("skip the ImageNet head start"). Without
the value's name in the message they count as inferred, with the words shown as the reason."""

NAMED = frozenset({"name", "optimizer", "scheduler", "target", "reward", "class_names"})
"""Values that must stand in the message by name: knowing better is not reading."""

_IN_UNITS: dict[str, tuple[float, ...]] = {
    "max_hours": (60, 3600, 1 / 24, 1 / 168),  # said in minutes, seconds, days, weeks
    "memory_gb": (1024, 1000, 1 / 1024, 1 / 1000),
}
_PERCENT = re.compile(r"%|percent|퍼센트|프로")
_NUMBER = re.compile(rf"(?<![a-z])(?<![a-z][-_]){NUMBER}|(?<=bs){NUMBER}|(?<=lr){NUMBER}")
_SHORTEST_QUOTE = 2
_SHORTEST_NAME = 2  # an article is no class


class Evidence:
    """A message as far as it can bear out values."""

    def __init__(self, text: str, signals: Signals) -> None:
        self._spelt = clean(text)
        self.text = lower(self._spelt)
        self._unread = rest = signals.rest
        for choice in list(choices.read(rest)):
            if choice.field not in choices.SHARED:
                rest = mask(rest, choice.start, choice.end)
        self._numbers = Counter(_numbers_of(to_digits(rest)))
        self._percent = bool(_PERCENT.search(rest))

    def has_number(self, name: str, value: Any, spoken_for: Iterable[Claim] = ()) -> bool:
        """Whether the message speaks of a field, and has a number that no other field took.

        Args:
            name: The field it is meant for.
            value: A number, or height and width.
            spoken_for: What the rules read; a number they gave to another field is taken.
        """
        taken = Counter(
            n for claim in spoken_for if claim.field != name for n in numbers_in(claim.value)
        )
        free = [n for n, count in self._numbers.items() if count > taken[n]]
        wanted = numbers_in(value)
        return (
            speaks_of(name, self.text)
            and bool(wanted)
            and all(self._said(name, number, free) for number in wanted)
        )

    def times(self, value: Any) -> int:
        """How often a number stands in the message."""
        return min((self._numbers[part] for part in numbers_in(value)), default=0)

    def _said(self, name: str, value: float, numbers: list[float]) -> bool:
        factors = [1.0, *_IN_UNITS.get(name, ())]
        if self._percent:
            factors.append(100)
        return any(_same(value * factor, number) for factor in factors for number in numbers)

    def has_name(self, value: Any) -> bool:
        """Whether a value, or each of several, stands in the message as a word."""
        names = value if isinstance(value, list) else [value]
        return bool(names) and all(self._has_word(str(name)) for name in names)

    def _has_word(self, name: str) -> bool:
        return len(name) >= _SHORTEST_NAME and self.spelt(name.removeprefix("ssh:")) is not None

    def has_unread(self, name: str) -> bool:
        """Whether a name stands where the rules found none."""
        return _place(name, self._unread) is not None

    def spelt(self, name: str) -> str | None:
        """A name as the message spells it."""
        found = _place(name, self.text)
        return self._spelt[found.start() : found.end()] if found else None

    def quote(self, words: str | None) -> str | None:
        """The words, if the message has them."""
        said = " ".join(clean(words or "").split())
        if len(said) < _SHORTEST_QUOTE or lower(said) not in " ".join(self.text.split()):
            return None
        return said

    def quote_about(self, name: str, words: str | None) -> str | None:
        """The words, if the message has them and they speak of the field."""
        said = self.quote(words)
        return said if said and speaks_of(name, lower(said)) else None


def _place(name: str, text: str) -> re.Match[str] | None:
    name = lower(clean(name)).strip()
    if not name:
        return None
    return re.search(rf"(?<![a-z0-9_]){re.escape(name)}(?![a-z0-9_])", text)


def _numbers_of(text: str) -> list[float]:
    return [float(found[0]) for found in _NUMBER.finditer(text)]


def numbers_in(value: Any) -> list[float]:
    """The numbers in a value: `{"patience": 3}` and `[480, 640]` have some too."""
    if isinstance(value, dict):
        return [n for part in value.values() for n in numbers_in(part)]
    if isinstance(value, (list, tuple)):
        return [n for part in value for n in numbers_in(part)]
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return [float(value)] if is_number else []


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other))
