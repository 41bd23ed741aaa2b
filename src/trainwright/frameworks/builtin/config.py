"""A spec with every gap filled: what the trainer does, in plain values. Light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainwright.frameworks.builtin.metadata import DEFAULTS
from trainwright.frameworks.builtin.options import FRAMEWORK_OPTIONS
from trainwright.spec import DataError, DatasetInfo, ModelInfo, RunSpec
from trainwright.spec.runspec import EarlyStopping

MINIMUM_SIDE = 28
"""Pixels: smaller images are enlarged to it, so that the models have something to convolve."""


@dataclass(frozen=True)
class Config:
    """Everything that decides a training run. Names and units are those of `RunSpec`."""

    model: str
    model_options: dict[str, Any]
    dataset: str
    dataset_options: dict[str, Any]
    epochs: int | None
    max_steps: int | None
    batch_size: int
    learning_rate: float
    optimizer: str
    weight_decay: float
    scheduler: str
    warmup: float
    precision: str
    gradient_accumulation: int
    early_stopping: EarlyStopping | None
    seed: int
    image_size: tuple[int, int] | None
    augment: str
    class_names: list[str] | None
    num_classes: int | None
    extra: dict[str, Any]
    """Every option of the framework, by name."""

    @property
    def split_seed(self) -> int:
        chosen: int | None = self.extra["split_seed"]
        return self.seed if chosen is None else chosen


def resolve(spec: RunSpec, model: ModelInfo, dataset: DatasetInfo | None) -> Config:
    """Fill what the spec leaves open: from the model, then the dataset, then general defaults.

    Raises:
        DataError: The spec names no dataset.
    """
    if spec.dataset is None:
        raise DataError(
            "no dataset is given", field="dataset", expected="a name such as digits, or a folder"
        )
    said = spec.model_dump(exclude_none=True)
    chosen = DEFAULTS | (dataset.defaults if dataset else {}) | model.defaults | said
    overrides = {name: value for name, value in spec.overrides.items() if value is not None}
    extra = {o.name: o.default for o in FRAMEWORK_OPTIONS}
    extra |= {name: value for name, value in chosen.items() if name in extra}
    extra |= {name: value for name, value in overrides.items() if name in extra}
    return Config(
        model=model.name,
        model_options=_options(model, overrides),
        dataset=spec.dataset,
        dataset_options=_options(dataset, overrides) if dataset else {},
        epochs=None if spec.max_steps else chosen["epochs"],
        max_steps=spec.max_steps,
        batch_size=chosen["batch_size"],
        learning_rate=chosen["learning_rate"],
        optimizer=chosen["optimizer"],
        weight_decay=chosen["weight_decay"],
        scheduler=chosen["scheduler"],
        warmup=chosen["warmup"],
        precision=chosen["precision"],
        gradient_accumulation=chosen["gradient_accumulation"],
        early_stopping=spec.early_stopping,
        seed=chosen["seed"],
        image_size=_pair(chosen.get("image_size")),
        augment=chosen["augment"],
        class_names=spec.class_names,
        num_classes=spec.num_classes,
        extra=extra,
    )


def _options(info: ModelInfo | DatasetInfo, overrides: dict[str, Any]) -> dict[str, Any]:
    names = {o.name for o in info.options}
    return {name: value for name, value in overrides.items() if name in names}


def _pair(size: int | tuple[int, int] | None) -> tuple[int, int] | None:
    return (size, size) if isinstance(size, int) else size
