"""Completion: what was not said is filled in, each value with who chose it and why."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from pydantic import BaseModel

from trainwright.catalog.check import check_names
from trainwright.catalog.reasons import Language, reason
from trainwright.catalog.recommend import recommended
from trainwright.catalog.search import dataset_by_name
from trainwright.catalog.shelf import shelf, task_recipes
from trainwright.spec import (
    Chosen,
    DatasetInfo,
    DatasetKind,
    DatasetRef,
    Fault,
    Resources,
    RunSpec,
    SpecError,
    validate_spec,
)
from trainwright.spec.runspec import unnest
from trainwright.spec.validate import NameCheck

DEFAULT_SEED = 42
_SMALL_IMAGE = 64
_NAME_LENGTH = 80
_WORD = re.compile(r"[^\w.]+")


class Completed(BaseModel):
    """A whole spec, and for each of its (flat) fields who chose it and why."""

    spec: RunSpec
    provenance: dict[str, Chosen]
    reasons: dict[str, str]


@dataclass
class _Draft:
    """A spec while it is being filled; what is already there is never overwritten."""

    values: dict[str, Any]
    provenance: dict[str, Chosen]
    language: Language
    reasons: dict[str, str] = field(default_factory=dict)

    def fill(self, name: str, value: Any, why: str, **words: object) -> None:
        if value is None or self.values.get(name) is not None:
            return
        self.values[name] = value
        self.provenance[name] = Chosen.DEFAULT
        self.reasons[name] = reason(why, self.language, **words)


def complete(
    fields: Mapping[str, Any],
    chosen: Mapping[str, Chosen] | None = None,
    *,
    language: Language = "en",
    now: datetime | None = None,
    checks: Sequence[NameCheck] = (),
    names: NameCheck = check_names,
) -> Completed:
    """Fill what was not said from the catalogue. What was said is never changed.

    Args:
        fields: Spec fields that are known, flat or nested.
        chosen: Who chose each of them; a field that is not named here was the user's choice.
        language: Language of the reasons.
        now: The time the run's name is made of (UTC); the present when absent.
        checks: Asked too when the fields are wrong, so that every fault is told at once.
        names: Whether models and datasets are known. Default: what the catalogue knows.

    Raises:
        SpecError: The fields are wrong, or name neither a model nor a task.
    """
    try:
        return _complete(fields, chosen or {}, language, now or datetime.now(UTC), names)
    except SpecError as error:
        at_fault = {fault.field for fault in error.faults}
        more = [fault for check in checks for fault in check(fields)]
        more = [fault for fault in more if fault.field not in at_fault]
        raise SpecError([*error.faults, *more]) from None


def _complete(
    fields: Mapping[str, Any],
    chosen: Mapping[str, Chosen],
    language: Language,
    now: datetime,
    names: NameCheck,
) -> Completed:
    known = {name: value for name, value in flatten(fields).items() if value is not None}
    who = {name: chosen.get(name, Chosen.USER) for name in known}
    draft = _Draft(known, who, language)
    _choose_model(draft)
    spec = validate_spec(draft.values, names)
    _choose_task(draft, spec)
    _fill_settings(draft, spec)
    _fill_identity(draft, now)
    spec = validate_spec(draft.values)
    _note_resources(draft, spec.resources)
    order = [*RunSpec.model_fields, *Resources.model_fields]
    return Completed(
        spec=spec,
        provenance=dict(sorted(draft.provenance.items(), key=lambda item: order.index(item[0]))),
        reasons=draft.reasons,
    )


def flatten(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Spec fields with resources among them.

    Raises:
        SpecError: A group is no mapping, or a field is given twice with two values.
    """
    try:
        nested = unnest(fields)
    except ValueError as error:
        raise SpecError([Fault(field="", code="contradiction", message=str(error))]) from None
    resources = nested.pop("resources", None)
    if isinstance(resources, Resources):
        resources = resources.model_dump(exclude_unset=True)
    if resources is not None and not isinstance(resources, dict):
        fault = Fault(field="resources", code="invalid_value", message="it is not a mapping")
        raise SpecError([fault])
    return nested | (resources or {})


def _dataset(values: Mapping[str, Any]) -> DatasetInfo | None:
    text = values.get("dataset")
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        named = DatasetRef.parse(text).kind is DatasetKind.NAME
    except ValueError:
        return None
    return dataset_by_name(text) if named else None


def _choose_model(draft: _Draft) -> None:
    if draft.values.get("model") is not None:
        return
    data = _dataset(draft.values)
    task = draft.values.get("task")
    if task is None and data is not None:
        task = data.tasks[0]
        draft.fill("task", str(task), "task_of_dataset", dataset=data.title)
    recipe = task_recipes().get(str(task))
    if recipe is None:
        # an unknown task is reported along with everything else that is wrong
        faults = [Fault(field="model", code="missing", message="neither model nor task is given")]
        try:
            validate_spec(draft.values, check_names)
        except SpecError as error:
            faults += [fault for fault in error.faults if fault.field != "model"]
        raise SpecError(faults)
    by_size = recipe["model"]
    if data is not None and data.image_size and data.image_size <= _SMALL_IMAGE:
        kind = "small_gray" if data.channels == 1 else "small"
        model = by_size.get(kind, by_size["any"])
    else:
        model = by_size["any"]
    draft.fill("model", model, "model_of_task", task=task)


def _choose_task(draft: _Draft, spec: RunSpec) -> None:
    if spec.task is not None:
        return
    info, data = shelf().get(spec.model), _dataset(draft.values)
    if info is not None:
        shared = [task for task in info.tasks if data is None or task in data.tasks]
        draft.fill("task", str((shared or info.tasks)[0]), "task_of_model", model=info.title)
    elif data is not None:
        draft.fill("task", str(data.tasks[0]), "task_of_dataset", dataset=data.title)


def _fill_settings(draft: _Draft, spec: RunSpec) -> None:
    values = draft.values
    skipped = {"epochs"} if values.get("max_steps") is not None else set()
    for layer in recommended(spec.model, values, _dataset(values)):
        for name, value in layer.values.items():
            if name not in skipped:
                draft.fill(name, value, layer.why, **layer.words)


def _fill_identity(draft: _Draft, now: datetime) -> None:
    values = draft.values
    draft.fill("seed", DEFAULT_SEED, "seed")
    what = values["model"].rsplit("/", 1)[-1].removesuffix(".py")
    data = PurePosixPath(str(values.get("dataset") or values.get("task") or "run")).name
    words = [_WORD.sub("-", part).strip("-._") for part in (what, data)]
    stem = "-".join(word for word in words if word)[:_NAME_LENGTH]
    draft.fill("name", f"{stem}-{now:%Y%m%d-%H%M}", "name")


def _note_resources(draft: _Draft, resources: Resources) -> None:
    for name, value in resources.model_dump(exclude_none=True).items():
        if name not in draft.provenance:
            draft.provenance[name] = Chosen.DEFAULT
            draft.reasons[name] = reason(f"resource_{name}", draft.language, value=value)
