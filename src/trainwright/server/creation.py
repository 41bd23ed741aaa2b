"""From what a person asks for to a run: sentences are read, gaps filled, dataset names resolved."""

from __future__ import annotations

from typing import Any

from trainwright import catalog
from trainwright.datasets.place import check_place
from trainwright.frameworks.inventory import bring_frameworks
from trainwright.server import kept_archives
from trainwright.server.auth import Principal
from trainwright.server.known import known_names
from trainwright.server.services import Services
from trainwright.spec.api import RunCreate
from trainwright.spec.errors import Fault, InvalidRequestError, SpecError
from trainwright.spec.refs import DatasetRef
from trainwright.spec.result import Chosen, ParseResult
from trainwright.store.models import Dataset, Run
from trainwright.store.repositories import Datasets, Projects, Settings

DEFAULT_TARGET = "default_target"


class NeedsClarificationError(SpecError):
    """The sentence leaves something open; `details.parse` is the whole ParseResult."""

    code = "needs_clarification"


def create_run(services: Services, user: Principal, body: RunCreate) -> Run:
    """Create the run `body` asks for, owned by `user`.

    Raises:
        SpecError: With every fault of the spec.
        NeedsClarificationError: The sentence leaves questions open.
        InvalidRequestError: The sentence asks for something else.
        NotFoundError: There is no such project.
    """
    bring_frameworks()  # plug-ins may have come since the platform started
    if body.spec is None and body.sentence is not None:
        fields, chosen, reasons = _read(services, body.sentence)
    else:
        fields, chosen, reasons = dict(body.spec or {}), dict(body.provenance), {}
    reasons |= resolve_dataset(services, fields) | _choose_target(services, fields, chosen)
    completed = catalog.complete(
        fields, {k: Chosen(v) for k, v in chosen.items()}, checks=(check_place,)
    )
    return services.runs.create(
        completed.spec,
        owner_id=user.id,
        provenance=completed.provenance,
        reasons=completed.reasons | reasons | body.reasons,
        sentence=body.sentence,
        project_id=project_id(services, body.project_id),
        tags=list(body.tags),
        caller=body.caller.model_dump(mode="json") if body.caller else None,
    )


def _read(
    services: Services, sentence: str
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    from trainwright import intent  # noqa: PLC0415 (slow to load, and only sentences need it)

    parsed = intent.read(sentence, known=known_names(services.database))
    if parsed.status == "complete" and parsed.spec is not None:
        fields = parsed.spec.model_dump(mode="json", exclude_none=True)
        return fields, {k: str(v) for k, v in parsed.provenance.items()}, dict(parsed.reasons)
    raise _unfinished(parsed)


def _unfinished(parsed: ParseResult) -> InvalidRequestError:
    details = {"parse": parsed.model_dump(mode="json", exclude_none=True)}
    if parsed.status == "not_a_training_request":
        return InvalidRequestError(
            parsed.reply or "the sentence does not ask for a training",
            field="sentence",
            expected="such as: Classify handwritten digits with LeNet-5, 5 epochs",
            details=details,
        )
    error = NeedsClarificationError(
        Fault(
            field=question.field,
            code="question",
            message=question.question,
            suggestions=question.suggestions,
        )
        for question in parsed.questions
    )
    error.extra = details
    return error


def resolve_dataset(services: Services, fields: dict[str, Any]) -> dict[str, str]:
    """Put a registered dataset's place where its id or name stands; says so in `reasons`."""
    row = registered_dataset(services, fields.get("dataset"))
    if row is None:
        return {}
    kept_archives.bring_back(services.settings, row)
    fields["dataset"] = row.uri
    return {"dataset": f"the registered dataset {row.name}"}


def registered_dataset(services: Services, text: object) -> Dataset | None:
    """The registered dataset of this id or name; what the catalogue calls so goes before."""
    if not isinstance(text, str) or not _may_be_registered(text) or text in _catalogue_names():
        return None
    with services.database.session(write=False) as session:
        return Datasets(session).find(text.strip())


def _choose_target(
    services: Services, fields: dict[str, Any], chosen: dict[str, str]
) -> dict[str, str]:
    """Where the run goes if nobody said: the platform's default; says so in `reasons`."""
    resources = fields.get("resources") or {}
    if not isinstance(resources, dict):
        return {}
    said = fields.get("target") or resources.get("target")
    if said and chosen.get("target") != Chosen.DEFAULT:
        return {}
    with services.database.session(write=False) as session:
        default = Settings(session).get(DEFAULT_TARGET, "local")
    if default == (said or "local"):
        return {}
    fields.pop("target", None)
    fields["resources"] = resources | {"target": default}
    chosen["target"] = Chosen.DEFAULT
    return {"target": "the platform's default target"}


def _may_be_registered(text: str) -> bool:
    try:
        return DatasetRef.parse(text).may_be_registered
    except ValueError:
        return False


def _catalogue_names() -> set[str]:
    return {info.id for info in catalog.datasets()}


def project_id(services: Services, wanted: str | None) -> str | None:
    """The id of the project of this id or name; None where none is meant.

    Raises:
        NotFoundError: There is no such project.
    """
    if wanted is None:
        return None
    with services.database.session(write=False) as session:
        return Projects(session).named(wanted).id
