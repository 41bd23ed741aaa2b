"""What every framework adapter promises. Light: importing this loads no training library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import BaseModel, Field

from trainwright.spec import DatasetInfo, Fault, ModelInfo, Option, RunDir, RunSpec
from trainwright.spec.rundir import Launch, TrainerResult


class Availability(BaseModel):
    """Whether a framework can train here, and what to do when it cannot."""

    installed: bool
    version: str | None = None
    install: str | None = Field(default=None, description="Command that installs it.")
    reason: str | None = Field(default=None, description="Why it cannot be used.")
    problems: list[str] = Field(
        default_factory=list, description="Parts left out, such as broken plug-ins, and why."
    )


@runtime_checkable
class Adapter(Protocol):
    """The light half of a framework: describes, checks and launches, never trains."""

    name: str

    def availability(self) -> Availability:
        """Whether the framework is installed, without importing it."""
        ...

    def list_models(self) -> list[ModelInfo]: ...

    def load_model(self, name: str) -> ModelInfo:
        """Metadata of one model, by its name after the slash.

        Raises:
            NotFoundError: Nobody knows the name; the message holds the nearest ones.
        """
        ...

    def get_config_options(self) -> dict[str, list[Option]]:
        """Settings for forms, keyed `spec`, `framework`, `models.<m>` and `datasets.<d>`.

        Those under `spec` are fields of the spec; all others go into `overrides`.
        """
        ...

    def check(self, spec: RunSpec) -> list[Fault]:
        """Every fault this framework finds in the spec; an empty list when it can train it."""
        ...

    def prepare_training_script(
        self, spec: RunSpec, run: RunDir, *, resume_from: str | None
    ) -> Launch:
        """How to start the trainer.

        Args:
            spec: What to train, complete or not; the trainer fills what is missing.
            run: Where.
            resume_from: Checkpoint to go on from, relative to the run directory.
        """
        ...

    def normalize_output(self, spec: RunSpec, run: RunDir) -> TrainerResult:
        """What the trainer measured, in the one shape; empty when it measured nothing."""
        ...


@runtime_checkable
class HasDatasets(Protocol):
    def list_datasets(self) -> list[DatasetInfo]:
        """Datasets that the framework knows by name, plug-ins' included."""
        ...


@runtime_checkable
class CanResume(Protocol):
    def find_resume_point(self, run: RunDir) -> str | None:
        """The newest checkpoint that can be read, relative to the run directory."""
        ...


@runtime_checkable
class CanResumeFrom(Protocol):
    def resumes_from(self, checkpoint: str) -> bool:
        """Whether training can go on from a checkpoint of this name, or it is weights alone.

        Args:
            checkpoint: Its path, relative to the run directory.
        """
        ...


@runtime_checkable
class CanPredict(Protocol):
    def worker_argv(self, run: RunDir) -> list[str]:
        """Command of a serving worker, which speaks JSON lines on stdin and stdout."""
        ...


@runtime_checkable
class CanEvaluate(Protocol):
    def evaluate_argv(self, run: RunDir, dataset: str | None, out: Path) -> list[str]:
        """Command that measures the trained model.

        Args:
            run: A run that has ended with a model.
            dataset: What to measure on; `None` is the held-out part of the run's own data.
            out: JSON file to write: `metrics`, `per_class`, `confusion`, `notes`.
        """
        ...


@runtime_checkable
class CanExport(Protocol):
    formats: tuple[str, ...]

    def export_argv(self, run: RunDir, format: str, out: Path) -> list[str]:  # noqa: A002
        """Command that writes the trained model to `out` in another format.

        What else it writes into the same folder, such as `<out>.json`, is kept beside it.
        """
        ...


@runtime_checkable
class HasOpset(Protocol):
    def opset_argv(self, opset: int) -> list[str]:
        """What to add to `export_argv` for an opset of ONNX."""
        ...


@runtime_checkable
class CanMapClasses(Protocol):
    def classes_argv(self, classes: Mapping[str, str]) -> list[str]:
        """What to add to `evaluate_argv` where a dataset calls classes otherwise.

        Args:
            classes: Name in the dataset → name in the model, or an empty one to leave it out.
        """
        ...
