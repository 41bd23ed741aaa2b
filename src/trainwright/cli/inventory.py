"""Models that can be trained here: the catalogue's, and those of installed frameworks."""

from __future__ import annotations

from trainwright import catalog
from trainwright.spec import ModelInfo, TrainwrightError


def find_models(task: str | None, framework: str | None, q: str | None) -> list[ModelInfo]:
    """Models that match, installed ones first.

    Raises:
        InvalidRequestError: There is no such task.
    """
    _bring_frameworks()
    found = catalog.models(_task(task), framework, q)
    return sorted(found, key=lambda m: not m.installed)


def find_model(model_id: str) -> ModelInfo:
    _bring_frameworks()
    return catalog.model(model_id)


def _task(text: str | None) -> str | None:
    from trainwright.spec import InvalidRequestError, Task

    if text is not None and text not in set(Task):
        raise InvalidRequestError(
            f"there is no task {text!r}", field="task", expected=", ".join(Task)
        )
    return text


def _bring_frameworks() -> None:
    """Add what the frameworks on this machine list, plug-ins included, to the catalogue."""
    from trainwright.frameworks import registry

    for name in registry.names():
        try:
            catalog.register_models(registry.get(name).list_models())
        except (ImportError, RuntimeError, TrainwrightError):
            continue  # a broken framework hides its own models only; `doctor` says what is wrong
