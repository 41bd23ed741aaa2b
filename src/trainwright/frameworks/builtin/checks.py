"""What the built-in framework cannot do with a spec. Light; adapter and trainer both ask."""

from __future__ import annotations

from collections.abc import Iterable

from trainwright.frameworks.builtin.options import OPTIMIZERS
from trainwright.frameworks.overrides import check_overrides
from trainwright.spec import (
    DatasetInfo,
    DatasetKind,
    DatasetRef,
    Fault,
    Option,
    RunSpec,
    Task,
    nearest,
)
from trainwright.spec.tasks import LANGUAGE_FIELDS

WATCHABLE = tuple(
    f"{split}/{name}" for split in ("val", "train") for name in ("accuracy", "f1_macro", "loss")
)
"""Metrics of every epoch, which early stopping may watch."""


def unsupported(spec: RunSpec) -> list[Fault]:
    """Faults of the spec's own fields."""
    return _task(spec) + _optimizer(spec) + _pretrained(spec) + _dataset(spec) + _metric(spec)


def override_faults(spec: RunSpec, options: Iterable[Option]) -> list[Fault]:
    """Faults of `overrides`, of which these options are known."""
    faults = check_overrides(spec.overrides, options)
    if spec.overrides.get("nesterov") is True and spec.overrides.get("momentum") == 0:
        faults.append(
            Fault(
                field="overrides.nesterov",
                code="contradiction",
                message="Nesterov momentum needs momentum",
                expected="a momentum above 0",
            )
        )
    return faults


def dataset_options(name: str | None, known: Iterable[DatasetInfo]) -> list[Option]:
    """Options that a spec with this dataset may set.

    Where the name itself is wrong or missing, that is the fault to tell; not its options too.
    """
    infos = {info.id: info for info in known}
    if name in infos:
        return infos[name].options
    if name is not None and DatasetRef.parse(name).kind is not DatasetKind.NAME:
        return []
    return list({o.name: o for info in infos.values() for o in info.options}.values())


def _task(spec: RunSpec) -> list[Fault]:
    if spec.task not in (None, Task.IMAGE_CLASSIFICATION):
        return [
            Fault(
                field="task",
                code="unsupported_task",
                message=f"the built-in framework does not do {spec.task}",
                expected="image_classification",
            )
        ]
    return [
        Fault(
            field=name,
            code="foreign_field",
            message=f"{name} is for language models",
            expected=f"no {name}",
        )
        for name in sorted(LANGUAGE_FIELDS)
        if spec.task is None and getattr(spec, name) is not None
    ]


def _optimizer(spec: RunSpec) -> list[Fault]:
    if spec.optimizer is None or spec.optimizer in OPTIMIZERS:
        return []
    return [
        Fault(
            field="optimizer",
            code="unsupported_optimizer",
            message=f"the built-in framework has no {spec.optimizer}",
            expected="one of " + ", ".join(OPTIMIZERS),
            suggestions=nearest(spec.optimizer, list(OPTIMIZERS)),
        )
    ]


def _pretrained(spec: RunSpec) -> list[Fault]:
    if not spec.pretrained:
        return []
    return [
        Fault(
            field="pretrained",
            code="unsupported_field",
            message="the built-in models have no pretrained weights",
            expected="pretrained: false, or a model that has them, such as timm/resnet18",
        )
    ]


def _dataset(spec: RunSpec) -> list[Fault]:
    kind = DatasetRef.parse(spec.dataset).kind if spec.dataset else None
    if kind not in (DatasetKind.S3, DatasetKind.HF):
        return []
    return [
        Fault(
            field="dataset",
            code="unsupported_dataset",
            message=f"the built-in framework does not read {kind}://",
            expected="the name of a dataset, or a folder of images",
        )
    ]


def _metric(spec: RunSpec) -> list[Fault]:
    metric = spec.early_stopping.metric if spec.early_stopping else None
    if metric is None or metric in WATCHABLE:
        return []
    return [
        Fault(
            field="early_stopping.metric",
            code="unknown_metric",
            message=f"{metric!r} is not measured",
            expected="one of " + ", ".join(WATCHABLE),
            suggestions=nearest(metric, list(WATCHABLE)),
        )
    ]
