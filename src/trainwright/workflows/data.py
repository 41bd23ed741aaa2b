"""The data of a run in S3, from where a run finds it to what its framework sees."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from trainwright.datasets.s3 import Beat, S3Dataset, is_in_s3
from trainwright.settings import Settings
from trainwright.spec import DataError, Fault, RunSpec
from trainwright.store.models import Run


def fetch_data(run: Run, settings: Settings, beat: Beat = lambda: None) -> None:
    """Have the data of a run in the home: what is in S3 now, or what it began with.

    Raises:
        DataError: What the run began with is gone, and S3 has something else by now.
        TrainwrightError: As `S3Dataset.fetch`.
    """
    if not is_in_s3(run.dataset):
        return
    began_with = _folder_of(run)
    if began_with is not None and began_with.is_dir():
        return
    folder = S3Dataset(str(run.dataset), settings).fetch(beat)
    if began_with not in (None, folder):
        raise DataError(
            f"{run.dataset} is not what run {run.name} began with any more",
            field="dataset",
            expected="the same objects",
            mend=f"trainwright runs clone {run.id}",
        )


def spec_with_data(run: Run) -> RunSpec:
    """The spec as a framework is to see it: with the folder in place of what was fetched."""
    folder = _folder_of(run)
    if folder is None or not is_in_s3(run.dataset):
        return run.run_spec
    return in_folder(run.run_spec, folder)


def in_folder(spec: RunSpec, folder: Path) -> RunSpec:
    """The spec with a folder as its dataset."""
    return spec.model_copy(update={"dataset": str(folder)})


def data_faults(spec: RunSpec) -> list[Fault]:
    """Why the data of a spec cannot be fetched by this installation."""
    if not is_in_s3(spec.dataset) or find_spec("obstore"):
        return []
    return [
        Fault(
            field="dataset",
            code="missing_dependency",
            message="datasets in S3 need obstore, which is not installed",
            mend="pip install 'trainwright[s3]'",
        )
    ]


def _folder_of(run: Run) -> Path | None:
    path = (run.report or {}).get("path") if run.data_checked else None
    return Path(path) if path else None
