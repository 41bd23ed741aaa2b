"""Recommended settings for a model, a task and data, best source first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trainwright.catalog.shelf import shelf, task_recipes, tuned_defaults
from trainwright.spec import DatasetInfo, ModelRef, Task
from trainwright.spec.tasks import LANGUAGE_FIELDS, VISION_FIELDS

UNLISTED_DATA = "folder"
"""Key of `tuned` settings for data the catalogue does not know."""

_OWN_RULES = {"script", "container"}


@dataclass(frozen=True)
class Layer:
    """Settings from one source; a field is taken from the first layer that has it."""

    values: Mapping[str, Any]
    why: str
    words: Mapping[str, object] = field(default_factory=dict)


def recommended(model: str, known: Mapping[str, Any], data: DatasetInfo | None) -> Iterator[Layer]:
    """Layers of recommended settings, the one that knows most first.

    Args:
        model: Canonical model id.
        known: What the spec holds already (flat); `optimizer` and `peft` change the learning rate.
        data: The catalogue's dataset, if it is one.
    """
    if ModelRef.parse(model).framework in _OWN_RULES or known.get("task") is None:
        return
    task = Task(known["task"])
    foreign = VISION_FIELDS if task.is_language else LANGUAGE_FIELDS
    for layer in _layers(model, known, data, task):
        yield Layer(
            {k: v for k, v in layer.values.items() if k not in foreign}, layer.why, layer.words
        )


def _layers(
    model: str, known: Mapping[str, Any], data: DatasetInfo | None, task: Task
) -> Iterator[Layer]:
    recipe = task_recipes()[task]
    info = shelf().get(model)
    own = info.defaults if info else {}
    title = info.title if info else ModelRef.parse(model).name
    usual = recipe["defaults"] | own
    if data is not None and "class_names" not in known:
        yield Layer(
            {"num_classes": data.num_classes}, "classes_of_dataset", {"dataset": data.title}
        )
    yield from _rate_layers(known, usual, recipe)
    if data is not None:
        words = {"model": title, "dataset": data.title}
        yield Layer(tuned_defaults(model, data.id), "tuned", words)
    else:
        yield Layer(tuned_defaults(model, UNLISTED_DATA), "own_data", {"model": title})
    yield Layer(own, "model", {"model": title})
    if info is not None:
        yield Layer({"image_size": info.input_size}, "size_of_model", {"model": title})
    yield Layer(recipe["defaults"], "task", {"task": task.replace("_", " ")})


def _rate_layers(
    known: Mapping[str, Any], usual: Mapping[str, Any], recipe: Mapping[str, Any]
) -> Iterator[Layer]:
    optimizer = known.get("optimizer")
    if optimizer is not None and optimizer != usual.get("optimizer"):
        rate = recipe.get("learning_rate_by_optimizer", {}).get(optimizer)
        yield Layer({"learning_rate": rate}, "rate_of_optimizer", {"optimizer": optimizer})
    peft = known.get("peft", usual.get("peft"))
    method = peft.get("method", "none") if isinstance(peft, Mapping) else peft
    if method in ("lora", "qlora"):
        rate = recipe.get("adapter_learning_rate")
        yield Layer({"learning_rate": rate}, "rate_of_adapter", {"method": method})
