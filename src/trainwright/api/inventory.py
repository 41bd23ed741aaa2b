"""What can be trained here: what the catalogue knows, and what installed frameworks bring along."""

from __future__ import annotations

from trainwright import catalog
from trainwright.frameworks import registry
from trainwright.spec import InvalidRequestError, ModelInfo, Task, TrainwrightError


def bring_frameworks() -> None:
    """Add what the frameworks on this machine offer, plug-ins included, to the catalogue.

    What the catalogue knows already stays as it is, for its recommended settings are the better
    ones; it only learns what is installed, and which options there are.
    """
    datasets = {info.id for info in catalog.datasets()}
    for name in registry.names():
        try:
            adapter = registry.get(name)
            known = {info.id: info for info in catalog.models(framework=name)}
            offered = adapter.list_models()
            catalog.register_models(_joined(known.get(info.id), info) for info in offered)
            # only frameworks with datasets of their own have the method
            if list_datasets := getattr(adapter, "list_datasets", None):
                catalog.register_datasets(d for d in list_datasets() if d.id not in datasets)
        except (ImportError, RuntimeError, TrainwrightError):
            continue  # a broken framework hides its own models only; `doctor` says what is wrong


def _joined(known: ModelInfo | None, offered: ModelInfo) -> ModelInfo:
    if known is None:
        return offered
    news = {"installed": offered.installed, "options": known.options or offered.options}
    return known.model_copy(update=news)


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
    bring_frameworks()
    return sorted(catalog.models(task, framework, q), key=lambda m: not m.installed)


def find_model(model_id: str) -> ModelInfo:
    """One model by its id.

    Raises:
        NotFoundError: There is no such model; the nearest ids are in `expected`.
    """
    bring_frameworks()
    return catalog.model(model_id)
