"""The catalogue's part in checking a spec: names nobody knows, and tasks a model cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainwright.catalog.search import dataset_by_name, find_ids, key, model_index, nearest_datasets
from trainwright.catalog.shelf import dataset_shelf, shelf, task_recipes
from trainwright.spec import DatasetKind, DatasetRef, Fault, ModelRef, Task, nearest

FRAMEWORKS = (
    "builtin",
    "timm",
    "torchvision",
    "hf",
    "ultralytics",
    "mmdet",
    "mmseg",
    "detectron2",
    "container",
    "script",
    "trl",
    "verl",
)
"""Every framework a model id may begin with, installed or not."""

_FREE = {"container", "script"}
_OPEN = {"hf", "trl", "verl", "timm"}
"""Frameworks with hubs of their own: a name the catalogue lacks may still exist there."""


def check_names(raw: Mapping[str, Any]) -> list[Fault]:
    """Faults in the model's and dataset's names. Paths are not looked at, nothing is imported."""
    faults = []
    model, dataset = raw.get("model"), raw.get("dataset")
    if isinstance(model, str) and model.strip():
        faults += _check_model(model.strip(), raw.get("task"))
    if isinstance(dataset, str) and (fault := _check_dataset(dataset)):
        faults.append(fault)
    return faults


def _check_model(text: str, task: Any) -> list[Fault]:
    try:
        ref = ModelRef.parse(text)
    except ValueError:
        return [_bare(text)]
    if ref.framework in _FREE:
        return []
    if ref.framework not in FRAMEWORKS:
        return [_unknown_framework(text, ref)]
    info = shelf().get(str(ref))
    if info is None:
        return [] if _may_exist(ref) else [_unknown_model(ref)]
    if task in set(Task) and task not in info.tasks:
        able = task_recipes()[str(task)]["model"]["any"]
        return [
            Fault(
                field="task",
                code="unsupported_task",
                message=f"{info.id} does not do {task}",
                expected=f"what it does, or a model for {task} such as {able}",
                suggestions=[str(t) for t in info.tasks],
            )
        ]
    return []


def _bare(text: str) -> Fault:
    exact = model_index().get(key(text))
    return Fault(
        field="model",
        code="unknown_model",
        message=f"{text!r} does not say which framework",
        expected="<framework>/<model>, such as builtin/lenet5",
        suggestions=exact[:3] if exact else find_ids(text, limit=3),
    )


def _unknown_framework(text: str, ref: ModelRef) -> Fault:
    # `Qwen/Qwen2.5-0.5B` is a hub name that lacks its framework
    ids = model_index().get(key(text)) or [
        f"{f}/{ref.name}" for f in nearest(ref.framework, list(FRAMEWORKS))
    ]
    return Fault(
        field="model",
        code="unknown_framework",
        message=f"there is no framework {ref.framework!r}",
        expected=f"one of {', '.join(FRAMEWORKS)}",
        suggestions=ids[:3] or find_ids(ref.name, limit=3),
    )


def _may_exist(ref: ModelRef) -> bool:
    on_hub = ref.framework in _OPEN and "/" in ref.name
    return on_hub or not any(shelf().find(None, ref.framework))


def _unknown_model(ref: ModelRef) -> Fault:
    same = [i for i in find_ids(ref.name) if i.startswith(f"{ref.framework}/")]
    other = [i for i in model_index().get(key(ref.name), []) if i not in same]
    return Fault(
        field="model",
        code="unknown_model",
        message=f"{ref.framework} has no model {ref.name!r}",
        expected=f"a model of {ref.framework}: trainwright models list --framework {ref.framework}",
        suggestions=[*other, *same][:3],
    )


def _check_dataset(text: str) -> Fault | None:
    try:
        ref = DatasetRef.parse(text)
    except ValueError as error:
        return Fault(field="dataset", code="invalid_value", message=str(error))
    known = dataset_shelf()
    if ref.kind is not DatasetKind.NAME or ref.value in known or ref.value.startswith("ds_"):
        return None
    named = dataset_by_name(ref.value)
    return Fault(
        field="dataset",
        code="unknown_dataset",
        message=f"there is no dataset {ref.value!r}",
        expected="a catalogue dataset, the id of a registered one, or a folder such as ./photos",
        suggestions=[named.id] if named else nearest_datasets(ref.value),
    )
