"""Where the rules and a model read one message differently."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from trainwright.intent.gather import Signals
from trainwright.intent.llm.answer import FIELDS, Answer
from trainwright.intent.llm.ground import MEANT, NAMED, NUMBERS, Evidence, numbers_in
from trainwright.intent.reading import Claim
from trainwright.intent.rules import models
from trainwright.spec import Chosen, ParseResult


@dataclass(frozen=True)
class Difference:
    """Two readings of the same words.

    Attributes:
        ruled: The rules' value.
        answered: The model's, borne out by the message too.
        other: The field the model gave the rules' number to, if that is how they differ.
    """

    field: str
    ruled: Any
    answered: Any
    other: str | None = None

    def __str__(self) -> str:
        """As the model is told of it, without saying who is right."""
        ruled = json.dumps(self.ruled, ensure_ascii=False, default=str)
        return f"{self.field}: another reader has {ruled}. Look at the message again."


@dataclass(frozen=True)
class Readings:
    """Both readings of a message.

    Attributes:
        signals: What the rules heard, not yet decided on.
        ruled: What the rules made of it.
    """

    signals: Signals
    ruled: ParseResult
    answer: Answer
    evidence: Evidence
    context: ParseResult | None = None

    @property
    def rules_train(self) -> bool:
        return self.signals.kind == "training"

    @property
    def model_trains(self) -> bool:
        kind = self.answer.kind
        if kind is None or (kind == "answer" and self.context is None):
            return self.rules_train
        if self.context is not None and self.rules_train:
            return kind != "question"  # the rules understood it as an answer
        return kind in ("training", "answer")

    def said_now(self, name: str) -> list[Claim]:
        """What the rules read in this message itself, not in earlier ones."""
        claims = [c for c in self.signals.reading.claims if c.field == name]
        if self.context is None or name not in self.context.intent:
            return claims
        known = self.context.intent[name]
        return [c for c in claims if c.value != known or self.borne_out(name, c.value)]

    def borne_out(self, name: str, value: Any) -> bool:
        """Whether the message says this value of this field."""
        if name in NUMBERS:
            return self.evidence.has_number(name, value, self.signals.reading.claims)
        if name in NAMED:
            return self.evidence.has_name(value)
        quoted = self.evidence.quote_about(name, self.answer.words_for(name))
        return name in MEANT and (quoted is not None or self.evidence.has_name(value))


def differences(readings: Readings) -> list[Difference]:
    """Fields both read, or one number given to two fields."""
    found = []
    answered = readings.answer.fields()
    for name in dict.fromkeys(claim.field for claim in readings.signals.reading.claims):
        claims = [c for c in readings.said_now(name) if c.who is Chosen.USER]
        if not claims or name not in FIELDS:
            continue
        value = answered.get(name)
        if value is None:
            found += _moved(readings, claims[-1], answered)
        elif _unlike(readings, claims, value):
            found.append(Difference(name, claims[-1].value, value))
    return found + _task(readings)


def _unlike(readings: Readings, claims: list[Claim], value: Any) -> bool:
    """Whether the model's value is another one, and stands in the message as well."""
    agreed = any(_agree(claim.value, value) for claim in claims)
    return not agreed and readings.borne_out(claims[0].field, value)


def _moved(readings: Readings, claim: Claim, answered: dict[str, Any]) -> list[Difference]:
    """The model gave the number to a field of which the rules know nothing."""
    if claim.field not in NUMBERS or readings.evidence.times(claim.value) != 1:
        return []
    return [
        Difference(claim.field, claim.value, value, other=name)
        for name, value in answered.items()
        if numbers_in(value) == numbers_in(claim.value)
        and not any(numbers_in(other.value) for other in readings.said_now(name))
    ][:1]


def _task(readings: Readings) -> list[Difference]:
    task, ruled = readings.answer.task, readings.ruled
    said = ruled.intent.get("task") if ruled.provenance.get("task") is Chosen.USER else None
    if task is None or said in (None, task) or not within_reach(readings.signals, str(task)):
        return []
    return [Difference("task", said, str(task))]


def within_reach(signals: Signals, task: str) -> bool:
    """Whether what was named can do a task."""
    return all(task in models.within_reach(mention) for mention in signals.mentions)


def _agree(ruled: Any, answered: Any) -> bool:
    if isinstance(ruled, dict) or isinstance(answered, dict):
        return bool(ruled) == bool(answered)  # `early stopping` and its patience
    if isinstance(ruled, str) and isinstance(answered, str):
        return ruled.strip().lower() == answered.strip().lower()
    if isinstance(ruled, (list, tuple)) and isinstance(answered, (list, tuple)):
        return list(ruled) == list(answered)
    return bool(ruled == answered)
