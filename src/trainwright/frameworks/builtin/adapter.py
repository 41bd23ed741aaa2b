"""Light half of the built-in framework: describes, checks and launches."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from trainwright import settings
from trainwright.frameworks.base import Availability
from trainwright.frameworks.builtin.checks import dataset_options, override_faults, unsupported
from trainwright.frameworks.builtin.metadata import DATASETS, MODELS, WEIGHTS
from trainwright.frameworks.builtin.options import (
    FRAMEWORK_OPTIONS,
    SPEC_OPTIONS,
)
from trainwright.frameworks.builtin.plugins import PluginReader, Plugins
from trainwright.frameworks.results import read_result
from trainwright.spec import (
    ConflictError,
    DatasetInfo,
    Fault,
    ModelInfo,
    NotFoundError,
    Option,
    RunDir,
    RunSpec,
    did_you_mean,
    dump_yaml,
    nearest,
)
from trainwright.spec.rundir import Launch, TrainerResult

INSTALL = "pip install 'trainwright[torch]'"
TRAINER_SPEC = "trainer.yaml"
CHECKPOINTS = ("checkpoints/last.pt", "checkpoints/.last.prev.pt")
KEPT = "checkpoints/step-{}.pt"
_PACKAGE = "trainwright.frameworks.builtin"
_NEEDED = ("torch", "numpy", "PIL", "safetensors", "sklearn")


class BuiltinAdapter:
    """Image classifiers in plain PyTorch, and the user's plug-ins."""

    name = "builtin"
    formats = ("safetensors", "pth", "torchscript", "pt2", "onnx")

    @cached_property
    def _reader(self) -> PluginReader:
        return PluginReader(settings.load().home)

    @property
    def _plugins(self) -> Plugins:
        return self._reader.read()

    def availability(self) -> Availability:
        problems = self._plugins.problems
        if missing := [name for name in _NEEDED if find_spec(name) is None]:
            return Availability(
                installed=False,
                install=INSTALL,
                reason=f"not installed: {', '.join(missing)}",
                problems=problems,
            )
        try:
            found: str | None = version("torch")
        except PackageNotFoundError:  # built from source, without metadata
            found = None
        return Availability(installed=True, version=found, install=INSTALL, problems=problems)

    def list_models(self) -> list[ModelInfo]:
        installed = all(find_spec(name) for name in _NEEDED)
        known = [*MODELS.values(), *self._plugins.models.values()]
        return [m.model_copy(update={"installed": installed}, deep=True) for m in known]

    def list_datasets(self) -> list[DatasetInfo]:
        """Datasets known by name: the built-in ones and those of plug-ins."""
        known = [*DATASETS.values(), *self._plugins.datasets.values()]
        return [d.model_copy(deep=True) for d in known]

    def load_model(self, name: str) -> ModelInfo:
        models = {m.name: m for m in self.list_models()}
        if name in models:
            return models[name]
        raise NotFoundError(
            f"there is no model builtin/{name}{did_you_mean(name, sorted(models))}",
            field="model",
            expected=", ".join(f"builtin/{m}" for m in models),
            details={"suggestions": [f"builtin/{m}" for m in nearest(name, sorted(models))]},
        )

    def get_config_options(self) -> dict[str, list[Option]]:
        options = {"spec": SPEC_OPTIONS, "framework": FRAMEWORK_OPTIONS}
        options |= {f"models.{m.name}": m.options for m in self.list_models()}
        options |= {f"datasets.{d.id}": d.options for d in self.list_datasets()}
        return {key: [o.model_copy(deep=True) for o in value] for key, value in options.items()}

    def check(self, spec: RunSpec) -> list[Fault]:
        faults = unsupported(spec)
        options = [*FRAMEWORK_OPTIONS]
        models = {m.name: m for m in self.list_models()}
        if spec.model_name in models:
            options += models[spec.model_name].options
        else:
            faults.append(self._unknown_model(spec.model_name, sorted(models)))
        options += dataset_options(spec.dataset, self.list_datasets())
        return faults + override_faults(spec, options)

    def _unknown_model(self, name: str, known: list[str]) -> Fault:
        # a broken plug-in may be the one that has it
        message = "; ".join([f"there is no model builtin/{name}", *self._plugins.problems])
        return Fault(
            field="model",
            code="unknown_model",
            message=message,
            expected=", ".join(f"builtin/{model}" for model in known),
            suggestions=[f"builtin/{model}" for model in nearest(name, known)],
        )

    def prepare_training_script(
        self, spec: RunSpec, run: RunDir, *, resume_from: str | None
    ) -> Launch:
        argv = [sys.executable, "-m", f"{_PACKAGE}.train", str(run.path), "--spec", TRAINER_SPEC]
        if resume_from:
            argv += ["--resume", resume_from]
        return Launch(
            argv=argv,
            env_names=["TRAINWRIGHT_HOME", "TRAINWRIGHT_DATASET_MIRROR"],
            files={TRAINER_SPEC: dump_yaml(spec)},
            saves_on_stop=True,
        )

    def normalize_output(self, spec: RunSpec, run: RunDir) -> TrainerResult:  # noqa: ARG002
        return read_result(run)

    def find_resume_point(self, run: RunDir) -> str | None:
        kept = [path.relative_to(run.path).as_posix() for path in reversed(kept_checkpoints(run))]
        return next((c for c in [*CHECKPOINTS, *kept] if is_whole(run.path / c)), None)

    def resumes_from(self, checkpoint: str) -> bool:
        return PurePosixPath(checkpoint).match("checkpoints/*.pt")

    def worker_argv(self, run: RunDir) -> list[str]:
        check_trained(run)
        return [sys.executable, "-m", f"{_PACKAGE}.predict", str(run.path)]

    def evaluate_argv(self, run: RunDir, dataset: str | None, out: Path) -> list[str]:
        check_trained(run)
        argv = [sys.executable, "-m", f"{_PACKAGE}.evaluate", str(run.path), "--out", str(out)]
        return [*argv, "--dataset", dataset] if dataset else argv

    def classes_argv(self, classes: Mapping[str, str]) -> list[str]:
        return [word for pair in classes.items() for word in ("--class", *pair)]

    def export_argv(self, run: RunDir, format: str, out: Path) -> list[str]:  # noqa: A002
        if format not in self.formats:
            hint = did_you_mean(format, list(self.formats))
            raise NotFoundError(
                f"there is no export format {format!r}{hint}",
                field="format",
                expected=", ".join(self.formats),
            )
        check_trained(run)
        argv = [sys.executable, "-m", f"{_PACKAGE}.export", str(run.path)]
        return [*argv, "--format", format, "--out", str(out)]

    def opset_argv(self, opset: int) -> list[str]:
        return ["--opset", str(opset)]


def check_trained(run: RunDir) -> None:
    """Raise `ConflictError` where a run has left no model, as one does that ended early."""
    if not (run.path / WEIGHTS).is_file():
        raise ConflictError(
            f"run {run.run_id} has no trained model",
            expected="a run that has completed",
            mend=f"trainwright runs resume {run.run_id}",
        )


def kept_checkpoints(run: RunDir) -> list[Path]:
    """Checkpoints kept under their steps' names, in the order in which they were saved."""
    found = run.path.glob(KEPT.format("*"))
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def is_whole(checkpoint: Path) -> bool:
    """Whether a checkpoint (a zip archive) is there and every part has its checksum."""
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            return archive.testzip() is None
    # of damaged bytes the reader raises whatever its parsing ran into
    except Exception:  # noqa: BLE001
        return False
