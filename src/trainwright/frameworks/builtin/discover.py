"""Registers what there is: the built-in models and datasets, then plug-ins. Heavy."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from trainwright.frameworks.builtin import data, models, registry
from trainwright.frameworks.builtin.discovery import sources
from trainwright.job import report
from trainwright.settings import Home


def register_built_in() -> None:
    """Import every module of `models` and `data`; their decorators do the rest."""
    for package in (models, data):
        for module in pkgutil.iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")


def register_all(home: Home, *, wanted: str | None, dataset: str | None = None) -> None:
    """Register the built-ins, and the plug-ins where a name is not built in.

    Args:
        home: Where the plug-in folder is.
        wanted: Name of the model that is needed.
        dataset: Name or path of the dataset that is needed.
    """
    register_built_in()
    if wanted in registry.models and (dataset is None or dataset in registry.datasets):
        return
    for source in sources(home):
        try:
            source.load()
        # a plug-in is a stranger's code, and may not be the one that is needed
        except Exception as error:  # noqa: BLE001
            report.note(f"plug-in {source.name} is left out: {type(error).__name__}: {error}")
