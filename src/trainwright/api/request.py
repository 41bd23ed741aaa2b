"""What a person asked to train — a sentence, a file or fields — made into one checked spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from trainwright.api.fields import (
    field_names,
    folders_in,
    is_spec_path,
    nested,
    parse_value,
    read_spec_file,
    resolve_registered,
    seen_from_here,
)
from trainwright.api.registered import known_names
from trainwright.spec import (
    Chosen,
    DatasetRef,
    Fault,
    InvalidRequestError,
    ParseResult,
    Question,
    RunSpec,
    SpecError,
)

if TYPE_CHECKING:
    from trainwright.client import Client
    from trainwright.spec.api import RunDetail


Ask = Callable[[Question], str]
"""Puts a question to a person and returns the answer in their words."""


class ClarificationNeededError(InvalidRequestError):
    """The sentence leaves questions open; `questions` holds them."""

    code = "needs_clarification"

    def __init__(self, questions: list[Question]) -> None:
        self.questions = questions
        lines = "\n".join(f"  - {_line(q)}" for q in questions)
        super().__init__(
            f"the sentence leaves {_counted(questions)} open:\n{lines}",
            expected="the answers in the sentence, or as fields",
            mend=" ".join(f"--set {q.field}=…" for q in questions),
            details={"questions": [q.model_dump() for q in questions]},
        )


class NotATrainingRequestError(InvalidRequestError):
    code = "not_a_training_request"


@dataclass(frozen=True)
class Request:
    """A whole spec, with who chose each field and why.

    Attributes:
        note: What there is to say about the reading of the sentence, if anything.
    """

    spec: RunSpec
    provenance: dict[str, Chosen] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    sentence: str | None = None
    note: str | None = None

    def submit(self, client: Client) -> RunDetail:
        return client.create_run(
            self.spec,
            sentence=self.sentence,
            provenance=self.provenance,
            reasons=self.reasons,
        )


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
        TypeError: `what` is something else.
    """
    from trainwright.frameworks.inventory import bring_frameworks  # noqa: PLC0415 (kept out of `import trainwright`)

    bring_frameworks()  # their models and datasets have names too
    changes = dict(changes or {})
    if isinstance(what, str) and not is_spec_path(what):
        return read_sentence(what, changes, ask=ask)
    if isinstance(what, (str, Path)):
        fields: Mapping[str, Any] = read_spec_file(Path(what))
    elif isinstance(what, RunSpec):
        fields = what.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    elif what is None or isinstance(what, Mapping):
        fields = what or {}
    else:
        kind = type(what).__name__
        raise TypeError(f"a sentence, the path of a spec, a spec or fields are needed, not {kind}")
    return complete(fields, changes=changes)


def read_recipe(recipe_id: str, changes: Mapping[str, Any]) -> Request:
    """A recipe as a request; `changes` win over what it says.

    Raises:
        NotFoundError: There is no such recipe.
        SpecError: With every fault of the spec.
    """
    from trainwright import catalog  # noqa: PLC0415 (kept out of `import trainwright`)

    applied = catalog.apply_recipe(recipe_id, changes)
    request = complete(applied.fields, applied.chosen)
    return replace(request, reasons=request.reasons | applied.reasons)


def read_sentence(sentence: str, changes: Mapping[str, Any], *, ask: Ask | None = None) -> Request:
    from trainwright import intent  # noqa: PLC0415 (kept out of `import trainwright`)

    known = known_names()
    result = intent.read(sentence, known=known)
    if result.status == "not_a_training_request":
        raise NotATrainingRequestError(
            result.reply or "this does not ask for a training run",
            expected='a sentence such as "Classify handwritten digits with LeNet-5, 5 epochs"',
        )
    while questions := _asked(result, sentence, field_names(changes)):
        if ask is None:
            raise ClarificationNeededError(questions)
        answer, name = ask(questions[0]), questions[0].field
        longer = intent.read(answer, result, known=known)
        if name in longer.intent and name not in {q.field for q in longer.questions}:
            sentence, result = f"{sentence}, {answer}", longer
        else:
            # not understood as words: taken as the value itself, and checked with the whole spec
            changes = {**changes, name: parse_value(answer)}
    said = nested(result.intent)
    if result.spec is not None and not changes and _as_it_lies(said) == said:
        reasons, note = result.reasons, result.reader_note
        return Request(result.spec, result.provenance, reasons, sentence, note)
    request = complete(
        said, result.provenance, result.reasons, changes=changes, language=result.language
    )
    return replace(request, sentence=sentence, note=result.reader_note)


def complete(
    fields: Mapping[str, Any],
    chosen: Mapping[str, Chosen] | None = None,
    reasons: Mapping[str, str] | None = None,
    *,
    changes: Mapping[str, Any] | None = None,
    language: Literal["en", "ko"] = "en",
) -> Request:
    """Fill what was not said; `changes` win. Raises `SpecError` with every fault."""
    from trainwright import catalog  # noqa: PLC0415 (kept out of `import trainwright`)
    from trainwright.datasets.place import check_place  # noqa: PLC0415 (kept out of it, too)

    known, new = _as_it_lies(fields), _as_it_lies(changes or {})
    try:
        done = catalog.edit(known, chosen or {}, new, language=language, checks=(check_place,))
    except SpecError as error:
        dataset = str(new.get("dataset") or known.get("dataset"))
        raise SpecError(_with_folders(fault, dataset) for fault in error.faults) from None
    said = {n: why for n, why in (reasons or {}).items() if done.provenance.get(n) == "inferred"}
    told = _registered_as({**fields, **(changes or {})}, done.spec)
    return Request(done.spec, done.provenance, done.reasons | said | told)


def _as_it_lies(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`fields` with the place of their data, as the platform finds it."""
    return seen_from_here(resolve_registered(dict(fields)))


def _registered_as(fields: Mapping[str, Any], spec: RunSpec) -> dict[str, str]:
    """The reason why a place stands where the name of a registered dataset was given."""
    said = fields.get("dataset")
    by_name = isinstance(said, str) and DatasetRef.parse(said).may_be_registered
    if not by_name or said == spec.dataset:
        return {}
    return {"dataset": f"the registered dataset {said}"}


def _with_folders(fault: Fault, dataset: str) -> Fault:
    """The fault of an unknown dataset, which may have been meant as a folder that is here."""
    if fault.code != "unknown_dataset":
        return fault
    suggestions = [*folders_in(dataset), *fault.suggestions]
    return fault.model_copy(update={"suggestions": suggestions})


def _asked(result: ParseResult, sentence: str, answered: set[str]) -> list[Question]:
    """The questions that are still open; folders that are here may be the data that is meant."""
    near = folders_in(sentence)
    return [
        q.model_copy(update={"suggestions": [*near, *q.suggestions]}) if q.field == "dataset" else q
        for q in result.questions
        if q.field not in answered
    ]


def _counted(questions: list[Question]) -> str:
    return "a question" if len(questions) == 1 else f"{len(questions)} questions"


def _line(question: Question) -> str:
    hints = f" ({', '.join(question.suggestions)})" if question.suggestions else ""
    return f"{question.field}: {question.question}{hints}"
