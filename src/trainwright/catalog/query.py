"""Looking things up in the catalogue."""

from __future__ import annotations

from trainwright.catalog.search import dataset_by_name, find_ids, find_model, nearest_datasets
from trainwright.catalog.shelf import dataset_shelf, shelf
from trainwright.spec import DatasetInfo, ModelInfo, NotFoundError, Task

_MANY = 10_000


def models(
    task: Task | str | None = None, framework: str | None = None, q: str | None = None
) -> list[ModelInfo]:
    """Models the catalogue knows, installed or not.

    Args:
        task: Only models that can do it.
        framework: Only this framework's models.
        q: Forgiving search text; the best match is first.
    """
    wanted = None if task is None else Task(task)
    found = shelf().find(wanted, framework)
    if q and q.strip():
        allowed = set(found)
        found = (i for i in find_ids(q, limit=_MANY) if i in allowed)
    return [info for i in found if (info := shelf().get(i))]


def model(model_id: str) -> ModelInfo:
    """One model by its id.

    Raises:
        NotFoundError: There is no such model; the nearest ids are in `expected`.
    """
    info = shelf().get(model_id.strip())
    if info is None:
        close = ", ".join(m.id for m in find_model(model_id, limit=3))
        raise NotFoundError(
            f"the catalogue has no model {model_id!r}",
            field="model",
            expected=close or None,
            mend="trainwright models list",
        )
    return info


def datasets() -> list[DatasetInfo]:
    """Sample datasets the catalogue knows."""
    return list(dataset_shelf().values())


def dataset(dataset_id: str) -> DatasetInfo:
    """One dataset by id or by another of its names.

    Raises:
        NotFoundError: There is no such dataset; the nearest ids are in `expected`.
    """
    info = dataset_shelf().get(dataset_id) or dataset_by_name(dataset_id)
    if info is None:
        raise NotFoundError(
            f"the catalogue has no dataset {dataset_id!r}",
            field="dataset",
            expected=", ".join(nearest_datasets(dataset_id) or dataset_shelf()),
        )
    return info
