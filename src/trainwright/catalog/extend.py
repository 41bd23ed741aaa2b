"""The door for models and datasets that frameworks and plug-ins bring along."""

from __future__ import annotations

from collections.abc import Iterable

from trainwright.catalog.search import (
    dataset_index,
    dataset_names,
    family_index,
    model_index,
    model_names,
)
from trainwright.catalog.shelf import dataset_shelf, shelf
from trainwright.spec import DatasetInfo, ModelInfo


def register_models(infos: Iterable[ModelInfo]) -> None:
    """Add models for this process; one whose id is known is replaced."""
    new = list(infos)
    if not new:
        return  # what is kept of the names stays right, and costs time to make again
    for info in new:
        shelf().put(info)
    model_index.cache_clear()
    family_index.cache_clear()
    model_names.cache_clear()


def register_datasets(infos: Iterable[DatasetInfo]) -> None:
    """Add datasets for this process; one whose id is known is replaced."""
    new = {info.id: info for info in infos}
    if not new:
        return
    dataset_shelf().update(new)
    dataset_index.cache_clear()
    dataset_names.cache_clear()
