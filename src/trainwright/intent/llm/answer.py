"""The form a language model fills in: flat, every field optional, types checked."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from trainwright.intent.llm.failures import UnusableError
from trainwright.spec import Task
from trainwright.spec.runspec import Optimizer, Precision, Resources, Scheduler

LONGEST_REPLY = 64 * 1024
"""Characters a reply may have; a filled form takes a fiftieth of it."""

_LONGEST_VALUE = 500
_MOST_VALUES = 1000
_LARGEST = 1e15
_MOST_STARTS = 50  # places in a reply's text where the form may begin
_NOTHING = frozenset({"", "null", "unknown", "n/a", "not specified", "unspecified"})
_WRAPPERS = ("arguments", "parameters", "input", "intent", "fields")
_TALK = {"kind", "quotes", "questions"}


class Words(BaseModel):
    """A field, and the person's words about it."""

    field: str
    words: str = Field(description="Copied from the message, letter by letter.")

    @field_validator("words")
    @classmethod
    def _shorten(cls, value: str) -> str:
        return value[:_LONGEST_VALUE]


class Answer(BaseModel):
    """What the message asks to train."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    kind: Literal["training", "answer", "question", "greeting", "other"] | None = Field(
        default=None,
        description="training: asks to train or fine-tune a model. answer: answers what was ASKED.",
    )
    name: str | None = Field(default=None, description="Name given to the run.")
    task: Task | None = None
    model: str | None = Field(default=None, description="As written in the message.")
    dataset: str | None = Field(default=None, description="Name, path or URI as written.")
    epochs: int | None = None
    max_steps: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    optimizer: Optimizer | None = None
    weight_decay: float | None = None
    scheduler: Scheduler | None = None
    warmup: float | None = Field(default=None, description="Below 1 a share, else steps.")
    precision: Precision | None = Field(default=None, description="auto: mixed precision.")
    gradient_accumulation: int | None = None
    early_stopping: bool | int | None = Field(default=None, description="A number is patience.")
    seed: int | None = None
    image_size: int | list[int] | None = Field(
        default=None, description="Pixels, or [height, width]."
    )
    pretrained: bool | None = None
    num_classes: int | None = None
    class_names: list[str] | None = None
    augment: Literal["none", "light", "medium", "strong"] | None = None
    max_length: int | None = Field(default=None, description="Tokens.")
    peft: Literal["none", "lora", "qlora"] | None = None
    r: int | None = Field(default=None, description="LoRA rank.")
    alpha: float | None = None
    dropout: float | None = None
    beta: float | None = None
    kl_coef: float | None = None
    num_generations: int | None = None
    reward: str | None = None
    target: str | None = Field(
        default=None, description="Where it runs: local, ssh:<name>, ray, kubernetes or a name."
    )
    gpus: int | None = Field(default=None, description="0: CPU only.")
    cpus: int | None = None
    memory_gb: float | None = None
    max_hours: float | None = None
    priority: Literal["low", "normal", "high", "urgent"] | int | None = None
    quotes: list[Words] = Field(
        default_factory=list, description="For each field filled in: the words that say it."
    )
    questions: list[Words] = Field(
        default_factory=list,
        description="Fields the message speaks of without a clear value, with those words.",
    )

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, data: Any) -> Any:
        """Small models wrap the form, nest what is flat, and write `null` as a word."""
        if not isinstance(data, dict):
            return data
        for wrapper in _WRAPPERS:
            if isinstance(inner := data.get(wrapper), dict):
                data = inner | {k: v for k, v in data.items() if k in _TALK}
                break
        if isinstance(adapter := data.get("peft"), dict):
            data = data | adapter | {"peft": adapter.get("method")}
        if isinstance(stopping := data.get("early_stopping"), dict):
            data = data | {"early_stopping": stopping.get("patience", True)}
        empty = {k for k, v in data.items() if isinstance(v, str) and v.strip().lower() in _NOTHING}
        return {
            k: [] if v is None and k in _TALK - {"kind"} else v
            for k, v in data.items()
            if k not in empty
        }

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_truth_as_number(cls, value: Any, info: Any) -> Any:
        if isinstance(value, bool) and info.field_name not in ("pretrained", "early_stopping"):
            raise ValueError("a truth value does not belong here")
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _refuse_too_much(cls, value: Any) -> Any:
        """Nothing a person writes is as long or as large."""
        parts = value if isinstance(value, list) else [value]
        long = any(isinstance(part, str) and len(part) > _LONGEST_VALUE for part in parts)
        large = any(isinstance(part, (int, float)) and abs(part) > _LARGEST for part in parts)
        if long or large or len(parts) > _MOST_VALUES:
            raise ValueError("too long or too large")
        return value

    @field_validator(
        "optimizer", "scheduler", "precision", "augment", "peft", "task", mode="before"
    )
    @classmethod
    def _lower(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    def fields(self) -> dict[str, Any]:
        """The spec fields that were filled in, as the rules would claim them."""
        filled = self.model_dump(mode="json", exclude_none=True, exclude=_TALK)
        patience = filled.get("early_stopping")
        if isinstance(patience, int) and not isinstance(patience, bool):
            filled["early_stopping"] = {"patience": patience}
        if isinstance(filled.get("priority"), str):
            filled["priority"] = Resources(priority=filled["priority"]).priority
        return filled

    def words_for(self, name: str) -> str | None:
        return next((quote.words for quote in self.quotes if quote.field == name), None)


FIELDS = frozenset(Answer.model_fields) - _TALK
"""Spec fields the form has, adapter settings and resources flat."""


def schema(*, strict: bool) -> dict[str, Any]:
    """The form as JSON Schema.

    Args:
        strict: As OpenAI's strict mode wants it: every field required, `null` when not said.
    """
    form = Answer.model_json_schema()
    for part in (form, *form["$defs"].values()):
        for prop in part.get("properties", {}).values():
            prop.pop("default", None)
            prop.pop("title", None)
        if part.get("type") == "object":
            part["additionalProperties"] = False
            part["required"] = list(part["properties"])
    if not strict:
        form["required"] = ["kind"]
    return form | {"title": "reading"}


def understand(data: Any) -> Answer:
    """A filled form, checked.

    Raises:
        UnusableError: With what is wrong with each field.
    """
    try:
        return Answer.model_validate(data)
    except ValidationError as error:
        raise UnusableError(*dict.fromkeys(map(_fault, error.errors()))) from None


def _fault(error: Any) -> str:
    place = str(error["loc"][0]) if error["loc"] else "reading"
    return f"{place if place in Answer.model_fields else 'reading'}: {error['msg']}"


def find_json(text: str) -> dict[str, Any]:
    """The first JSON object in a reply that also holds prose.

    Raises:
        UnusableError: There is none, or it breaks off.
    """
    decoder, at = json.JSONDecoder(), -1
    for _ in range(_MOST_STARTS):
        at = text.find("{", at + 1)
        if at < 0:
            break
        try:
            found, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and found:
            return found
    raise UnusableError("reading: no whole JSON object in the reply")
