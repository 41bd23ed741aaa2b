"""A change to a completed spec: what depended on it is chosen anew, what was said stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from trainwright.catalog.complete import Completed, complete, flatten
from trainwright.catalog.reasons import Language
from trainwright.catalog.search import dataset_by_name
from trainwright.catalog.shelf import shelf
from trainwright.spec import Chosen, RunSpec
from trainwright.spec.validate import NameCheck

_IDENTITY = ("model", "task", "dataset")
_FOLLOW_IDENTITY = frozenset(RunSpec.model_fields) - {
    *_IDENTITY,
    "seed",
    "resources",
    "supervision",
    "overrides",
}
_FOLLOW = {
    "optimizer": {"learning_rate"},
    "peft": {"learning_rate"},
    "epochs": {"max_steps"},
    "max_steps": {"epochs"},
    "class_names": {"num_classes"},
    "num_classes": {"class_names"},
    "batch_size": {"gradient_accumulation"},
}
"""Which defaults follow which field, besides model, task and data, which nearly all follow."""


def edit(
    fields: Mapping[str, Any],
    chosen: Mapping[str, Chosen],
    changes: Mapping[str, Any],
    *,
    language: Language = "en",
    now: datetime | None = None,
    checks: Sequence[NameCheck] = (),
) -> Completed:
    """Change some fields of a spec, and choose anew what depended on them.

    Args:
        fields: Spec fields that are known, flat or nested.
        chosen: Who chose each of them; only defaults and what was inferred are chosen anew.
        changes: Fields with their new values, flat or nested; `None` takes a field back.
        language: Language of the reasons.
        now: The time a new name is made of (UTC); the present when absent.
        checks: Further checks, run even where the fields are wrong.

    Raises:
        SpecError: The changed fields are wrong.
    """
    known = {name: value for name, value in flatten(fields).items() if value is not None}
    new = {name: _merged(known.get(name), value) for name, value in flatten(changes).items()}
    changed = {name for name, value in new.items() if known.get(name) != value}
    stale = _stale(known, changed)
    kept = {
        name: value
        for name, value in known.items()
        if name not in new and not (name in stale and chosen.get(name) == Chosen.DEFAULT)
    }
    whole = kept | {name: value for name, value in new.items() if value is not None}
    for name in _unfit(whole, changed):
        if chosen.get(name, Chosen.USER) != Chosen.USER:
            del whole[name]
    who = {name: Chosen.USER if name in new else chosen.get(name, Chosen.USER) for name in whole}
    return complete(whole, who, language=language, now=now, checks=checks)


def _merged(known: Any, change: Any) -> Any:
    """Of groups such as `overrides`, only the keys that are named change."""
    if not isinstance(change, Mapping):
        return change
    if isinstance(known, str):  # `peft: lora`
        known = {"method": known}
    if not isinstance(known, Mapping):
        return change
    return {key: value for key, value in {**known, **change}.items() if value is not None}


def _stale(known: Mapping[str, Any], changed: set[str]) -> set[str]:
    """Fields whose defaults were chosen with what is changed in view."""
    stale = set[str]().union(*(_FOLLOW.get(name, ()) for name in changed))
    if changed & set(_IDENTITY):
        stale |= _FOLLOW_IDENTITY
    if changed and known.get("name"):
        stale.add("name")  # made of model, data and time
    return stale


def _unfit(fields: Mapping[str, Any], changed: set[str]) -> list[str]:
    """Of model and task, those that the changed ones of task, model and data rule out."""
    record = shelf().records.get(str(fields.get("model")))
    data = dataset_by_name(str(fields.get("dataset") or ""))
    task = fields.get("task")
    by_model = record is not None and task is not None and task not in record["tasks"]
    by_data = data is not None and task is not None and task not in data.tasks
    no_common = record is not None and data is not None and not {*record["tasks"]} & {*data.tasks}
    unfit = []
    if "task" not in changed and (by_data or (by_model and "model" in changed)):
        unfit.append("task")
    if "model" not in changed and (no_common or (by_model and "task" in changed)):
        unfit.append("model")
    return unfit
