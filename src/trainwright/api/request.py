"""What a person asked to train — a sentence, a file or fields — made into one checked spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml

from trainwright.client import Client
from trainwright.platform import find_platform
from trainwright.settings import load
from trainwright.spec import (
    Chosen,
    DatasetKind,
    DatasetRef,
    Fault,
    InvalidRequestError,
    NotFoundError,
    Question,
    RunSpec,
    SpecError,
    parse_yaml,
)
from trainwright.spec.runspec import unnest

if TYPE_CHECKING:
    from trainwright.spec.api import RunDetail

_SPEC_SUFFIXES = {".yaml", ".yml", ".json"}
_SCRIPT = "script/"
_ADAPTER = ("r", "alpha", "dropout")
_GROUPS = {"resources", "supervision", "overrides", "early_stopping", "peft"}


Ask = Callable[[Question], str]
"""Puts a question to a person and returns the answer in their words."""


class ClarificationNeededError(InvalidRequestError):
    """The sentence leaves questions open; `questions` holds them."""

    code = "needs_clarification"

    def __init__(self, questions: list[Question]) -> None:
        self.questions = questions
        lines = "\n".join(f"  - {_line(q)}" for q in questions)
        super().__init__(
            f"the sentence leaves {len(questions)} question(s) open:\n{lines}",
            expected="the answers in the sentence, or as fields",
            mend=f"--set {questions[0].field}=…" if questions else None,
            details={"questions": [q.model_dump() for q in questions]},
        )


class NotATrainingRequestError(InvalidRequestError):
    code = "not_a_training_request"


@dataclass(frozen=True)
class Request:
    """A whole spec, with who chose each field and why."""

    spec: RunSpec
    provenance: dict[str, Chosen] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    sentence: str | None = None

    def submit(self, client: Client) -> RunDetail:
        return client.create_run(self.spec, provenance=self.provenance, reasons=self.reasons)


def read_request(
    what: str | Path | RunSpec | Mapping[str, Any] | None,
    changes: Mapping[str, Any] | None = None,
    *,
    ask: Ask | None = None,
) -> Request:
    """Make one checked, completed spec of what was asked.

    Args:
        what: A sentence, the path of a spec file, a spec, fields, or nothing.
        changes: Fields that win over those of `what`; nested, flat or both.
        ask: Asks a person what a sentence leaves open; without it open questions are an error.

    Raises:
        ClarificationNeededError: The sentence leaves a question open.
        NotATrainingRequestError: The sentence asks for something else.
        NotFoundError: The spec file is not there.
        SpecError: With every fault of the spec.
    """
    from trainwright.api.inventory import bring_frameworks  # noqa: PLC0415 (kept out of `import trainwright`)

    bring_frameworks()  # their models and datasets have names too
    changes = dict(changes or {})
    if isinstance(what, str) and not is_spec_path(what):
        return read_sentence(what, changes, ask=ask)
    if isinstance(what, (str, Path)):
        fields: Mapping[str, Any] = read_spec_file(Path(what))
    elif isinstance(what, RunSpec):
        fields = what.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    else:
        fields = what or {}
    return complete(merge_fields(fields, changes))


def read_sentence(sentence: str, changes: Mapping[str, Any], *, ask: Ask | None = None) -> Request:
    from trainwright import intent  # noqa: PLC0415 (kept out of `import trainwright`)

    result = intent.parse(sentence)
    if result.status == "not_a_training_request":
        raise NotATrainingRequestError(
            result.reply or "this does not ask for a training run",
            expected='a sentence such as "Classify handwritten digits with LeNet-5, 5 epochs"',
        )
    while questions := [q for q in result.questions if q.field not in _names(changes)]:
        if ask is None:
            raise ClarificationNeededError(questions)
        answer, name = ask(questions[0]), questions[0].field
        longer = intent.parse(f"{sentence}, {answer}")
        if name in longer.intent and name not in {q.field for q in longer.questions}:
            sentence, result = f"{sentence}, {answer}", longer
        else:
            # not understood as words: taken as the value itself, and checked with the whole spec
            changes = {**changes, name: parse_value(answer)}
    said = _nested(result.intent)
    if result.spec is not None and not changes and seen_from_here(said) == said:
        return Request(result.spec, result.provenance, result.reasons, sentence)
    request = complete(
        merge_fields(said, changes),
        result.provenance | dict.fromkeys(_names(changes), Chosen.USER),
        result.reasons,
        language=result.language,
    )
    return replace(request, sentence=sentence)


def complete(
    fields: Mapping[str, Any],
    chosen: Mapping[str, Chosen] | None = None,
    reasons: Mapping[str, str] | None = None,
    *,
    language: Literal["en", "ko"] = "en",
) -> Request:
    """Fill what was not said. Raises `SpecError` with every fault."""
    from trainwright import catalog  # noqa: PLC0415 (kept out of `import trainwright`)

    known = resolve_registered(seen_from_here(fields))
    done = catalog.complete(known, chosen, language=language)
    said = {n: why for n, why in (reasons or {}).items() if done.provenance.get(n) == "inferred"}
    return Request(done.spec, done.provenance, done.reasons | said)


def seen_from_here(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with relative paths made absolute: the platform works in a folder of its own."""
    known = dict(fields)
    data, model = known.get("dataset"), known.get("model")
    if isinstance(data, str) and data.strip() and "://" not in data:
        ref = DatasetRef.parse(data)
        if ref.kind is DatasetKind.PATH:
            known["dataset"] = str(Path(ref.value).expanduser().absolute())
    if isinstance(model, str) and model.startswith(_SCRIPT) and model != _SCRIPT:
        known["model"] = _SCRIPT + str(Path(model[len(_SCRIPT) :]).expanduser().absolute())
    return known


def resolve_registered(fields: dict[str, Any]) -> dict[str, Any]:
    """`fields` with the place of a registered dataset where its id or name stands.

    Only a running platform is asked: a misspelt name is no reason to start one.
    """
    from trainwright import catalog  # noqa: PLC0415 (kept out of `import trainwright`)

    text = fields.get("dataset")
    if not isinstance(text, str) or not text.strip() or "://" in text:
        return fields
    if DatasetRef.parse(text).kind is not DatasetKind.NAME:
        return fields
    with suppress(NotFoundError):
        catalog.dataset(text)
        return fields
    settings = load()
    if platform := find_platform(settings):
        with suppress(NotFoundError), Client(platform.url, home=settings.home) as client:
            return fields | {"dataset": client.dataset(text).location}
    return fields


def is_spec_path(text: str) -> bool:
    """Whether `text` names a spec file; anything else is a sentence."""
    one_word = len(text.split()) == 1
    return Path(text).suffix.lower() in _SPEC_SUFFIXES and (one_word or Path(text).is_file())


def read_spec_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path}", expected="a YAML spec") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRequestError(f"cannot read {path}: {error}", expected="a YAML spec") from None
    return parse_yaml(text)


def merge_fields(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with `changes` over it; groups such as `resources` are merged, not replaced."""
    try:
        merged, over = unnest(base), unnest(changes)
    except ValueError as error:
        raise SpecError([Fault(field="", code="contradiction", message=str(error))]) from None
    for name, value in over.items():
        old = merged.get(name)
        if name == "peft" and isinstance(old, str):
            old = {"method": old}
        both = name in _GROUPS and isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[name] = {**(old or {}), **value} if both else value
    return merged


def parse_value(text: str) -> Any:
    """A value as YAML reads it; `1e-3`, which YAML takes for text, is a number."""
    try:
        return float(text) if "e" in text.lower() else yaml.safe_load(text)
    except ValueError:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _nested(intent: Mapping[str, Any]) -> dict[str, Any]:
    """The flat fields of a sentence with the adapter's settings where a spec has them."""
    fields = dict(intent)
    adapter = {name: fields.pop(name) for name in _ADAPTER if name in fields}
    if adapter:
        fields["peft"] = {"method": fields.get("peft", "lora"), **adapter}
    return fields


def _names(changes: Mapping[str, Any]) -> set[str]:
    names = set(changes)
    for group in ("resources", "hyperparameters"):
        if isinstance(changes.get(group), Mapping):
            names |= set(changes[group])
    return names


def _line(question: Question) -> str:
    hints = f" ({', '.join(question.suggestions)})" if question.suggestions else ""
    return f"{question.field}: {question.question}{hints}"
