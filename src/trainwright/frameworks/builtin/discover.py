"""Registers what there is: the built-in models and datasets, then plug-ins. Heavy."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from trainwright.frameworks.builtin import data, models, registry
from trainwright.frameworks.builtin.discovery import Source
from trainwright.frameworks.builtin.plugins import PluginReader
from trainwright.job import report
from trainwright.settings import Home
from trainwright.spec import InvalidRequestError


def register_built_in() -> None:
    """Import every module of `models` and `data`; their decorators do the rest."""
    for package in (models, data):
        for module in pkgutil.iter_modules(package.__path__):
            import_module(f"{package.__name__}.{module.name}")


def register_all(home: Home, *, wanted: str | None, dataset: str | None = None) -> None:
    """Register the built-ins, and the plug-ins that offer what is not built in.

    No other plug-in is imported: it is a stranger's code, which may end or hold up the process.

    Args:
        home: Where the plug-in folder is.
        wanted: Name of the model that is needed.
        dataset: Name or path of the dataset that is needed.

    Raises:
        InvalidRequestError: A plug-in that offers what is needed cannot be imported.
    """
    register_built_in()
    model = None if wanted in registry.models else wanted
    data = None if dataset in registry.datasets else dataset
    if model is None and data is None:
        return
    plugins = PluginReader(home).read()
    for problem in plugins.problems:
        report.note(problem)
    for source in plugins.sources_of(model=model, dataset=data):
        _load(source)


def _load(source: Source) -> None:
    try:
        source.load()
    except (Exception, SystemExit) as error:
        raise InvalidRequestError(
            f"plug-in {source.name} cannot be imported: {type(error).__name__}: {error}",
            field="model",
            mend="trainwright doctor",
        ) from error
