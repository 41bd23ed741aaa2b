"""What can be trained here: what the catalogue knows, and what installed frameworks bring along."""

from __future__ import annotations

from trainwright import catalog
from trainwright.frameworks import registry
from trainwright.spec import InvalidRequestError, ModelInfo, Task, TrainwrightError


def bring_frameworks() -> None:
    """Add what the frameworks on this machine offer, plug-ins included, to the catalogue."""
    for name in registry.names():
        try:
            adapter = registry.get(name)
            catalog.register_models(adapter.list_models())
            # only frameworks with datasets of their own have the method
            if list_datasets := getattr(adapter, "list_datasets", None):
                catalog.register_datasets(list_datasets())
        except (ImportError, RuntimeError, TrainwrightError):
            continue  # a broken framework hides its own models only; `doctor` says what is wrong


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
