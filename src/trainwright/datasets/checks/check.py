"""`check`: the one entry; each kind of dataset has its own reader of facts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from trainwright.datasets.checks.catalogue import check_name
from trainwright.datasets.checks.images import check_image_folder, no_folder
from trainwright.datasets.checks.report import Finding, Report
from trainwright.datasets.formats.layout import FolderError, open_folder
from trainwright.files import expanded
from trainwright.settings import Home
from trainwright.spec import DatasetKind, DatasetRef, RunSpec, Task

PathCheck = Callable[[Path, RunSpec, Home], Report]

_BY_TASK: dict[Task, PathCheck] = {Task.IMAGE_CLASSIFICATION: check_image_folder}
"""How files on disk are looked at; a task that is not here is left to its framework."""


def check(ref: DatasetRef | str, spec: RunSpec, *, home: Home) -> Report:
    """Look at a dataset as the run of `spec` would use it; nothing is changed or downloaded.

    Args:
        ref: What to look at. Ids of registered datasets are resolved by the caller.
        spec: What the dataset is to be used for.
        home: Where downloads and the decoding cache are kept.

    Returns:
        A report; problems are findings in it, never exceptions.
    """
    ref = DatasetRef.parse(ref) if isinstance(ref, str) else ref
    if ref.kind is DatasetKind.NAME:
        return check_name(ref.value, spec, home)
    if ref.kind is not DatasetKind.PATH:
        return _unchecked(ref.value, "it is read from where it is only when training begins")
    return _check_path(Path(ref.value), spec, home)


def _check_path(path: Path, spec: RunSpec, home: Home) -> Report:
    task = spec.task or Task.IMAGE_CLASSIFICATION
    if task in _BY_TASK:
        return _BY_TASK[task](path, spec, home)
    if not expanded(path).exists():
        try:
            open_folder(path)
        except FolderError as error:
            return no_folder(path, error)
    return _unchecked(str(path), f"data for {task} is checked by its framework")


def _unchecked(dataset: str, why: str) -> Report:
    finding = Finding(
        code="not_checked", severity="warning", message=f"the data was not looked at: {why}"
    )
    return Report(dataset=dataset, kind="unchecked", findings=[finding])
