"""`check`: the one entry; each kind of dataset has its own reader of facts."""

from __future__ import annotations

from pathlib import Path

from trainwright.datasets.checks.catalogue import check_name
from trainwright.datasets.checks.images import check_image_folder
from trainwright.datasets.checks.report import Finding, Report
from trainwright.settings import Home
from trainwright.spec import DatasetKind, DatasetRef, RunSpec, Task


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
    if spec.task not in (None, Task.IMAGE_CLASSIFICATION):
        return _unchecked(ref.value, f"data for {spec.task} is checked by its framework")
    return check_image_folder(Path(ref.value), spec, home)


def _unchecked(dataset: str, why: str) -> Report:
    finding = Finding(
        code="not_checked", severity="warning", message=f"the data was not looked at: {why}"
    )
    return Report(dataset=dataset, kind="unchecked", findings=[finding])
