"""What can be trained here: what the catalogue knows, and what installed frameworks bring along."""

from __future__ import annotations

from trainwright import catalog
from trainwright.frameworks import registry
from trainwright.frameworks.base import HasDatasets
from trainwright.spec import InvalidRequestError, ModelInfo, Task, TrainwrightError


def bring_frameworks() -> dict[str, ModelInfo]:
    """Add what the frameworks on this machine offer beyond the catalogue, plug-ins included.

    What the catalogue knows stays as it is: it also holds settings tuned for single datasets.

    Returns:
        All that the frameworks offer, by id.
    """
    models = {info.id for info in catalog.models()}
    datasets = {info.id for info in catalog.datasets()}
    offered: dict[str, ModelInfo] = {}
    for name in registry.names():
        try:
            adapter = registry.get(name)
            offered |= {info.id: info for info in adapter.list_models()}
            if isinstance(adapter, HasDatasets):
                brought = adapter.list_datasets()
                catalog.register_datasets(d for d in brought if d.id not in datasets)
        except (ImportError, RuntimeError, TrainwrightError):
            continue  # a broken framework hides its own models only; `doctor` says what is wrong
    catalog.register_models(info for info in offered.values() if info.id not in models)
    return offered


def find_models(
    task: str | None = None, framework: str | None = None, q: str | None = None
) -> list[ModelInfo]:
    """Models that match, installed ones first.

    Raises:
        InvalidRequestError: There is no such task.
    """
    if task is not None and task not in set(Task):
        raise InvalidRequestError(
            f"there is no task {task!r}", field="task", expected=", ".join(Task)
        )
    offered = bring_frameworks()
    found = [_joined(info, offered) for info in catalog.models(task, framework, q)]
    return sorted(found, key=lambda m: not m.installed)


def find_model(model_id: str) -> ModelInfo:
    """One model by its id.

    Raises:
        NotFoundError: There is no such model; the nearest ids are in `expected`.
    """
    offered = bring_frameworks()
    return _joined(catalog.model(model_id), offered)


def _joined(known: ModelInfo, offered: dict[str, ModelInfo]) -> ModelInfo:
    """What the catalogue says of a model, and its framework of its options and presence."""
    here = offered.get(known.id)
    if here is None:
        return known
    news = {"installed": here.installed, "options": known.options or here.options}
    return known.model_copy(update=news)
