"""The vocabulary of the house: pydantic models only, no I/O.

What reads YAML and run directories loads on first use: most programs need neither.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from trainwright.spec.catalog import DatasetInfo, ModelInfo, Option
from trainwright.spec.errors import (
    ConflictError,
    DataError,
    Fault,
    ForbiddenError,
    InvalidRequestError,
    MissingDependencyError,
    NotFoundError,
    RunFailedError,
    SpecError,
    StorageError,
    TrainwrightError,
    UnauthorizedError,
    UnavailableError,
)
from trainwright.spec.ids import new_id
from trainwright.spec.labels import shown, shown_lines
from trainwright.spec.refs import DatasetKind, DatasetRef, ModelRef
from trainwright.spec.result import (
    Artifact,
    Chosen,
    ClassScores,
    Confusion,
    LabelPrediction,
    MetricSummary,
    ParseResult,
    Prediction,
    Question,
    Result,
    RunError,
    TextPrediction,
)
from trainwright.spec.runspec import EarlyStopping, PeftConfig, Resources, RunSpec, Supervision
from trainwright.spec.status import RunStatus, can_move, check_move
from trainwright.spec.tasks import Task
from trainwright.spec.validate import did_you_mean, nearest, validate_spec

if TYPE_CHECKING:
    from trainwright.spec.document import dump_yaml, parse_yaml
    from trainwright.spec.rundir import RunDir

_LAZY = {
    "RunDir": "trainwright.spec.rundir",
    "dump_yaml": "trainwright.spec.document",
    "parse_yaml": "trainwright.spec.document",
}

__all__ = [
    "Artifact",
    "Chosen",
    "ClassScores",
    "ConflictError",
    "Confusion",
    "DataError",
    "DatasetInfo",
    "DatasetKind",
    "DatasetRef",
    "EarlyStopping",
    "Fault",
    "ForbiddenError",
    "InvalidRequestError",
    "LabelPrediction",
    "MetricSummary",
    "MissingDependencyError",
    "ModelInfo",
    "ModelRef",
    "NotFoundError",
    "Option",
    "ParseResult",
    "PeftConfig",
    "Prediction",
    "Question",
    "Resources",
    "Result",
    "RunDir",
    "RunError",
    "RunFailedError",
    "RunSpec",
    "RunStatus",
    "SpecError",
    "StorageError",
    "Supervision",
    "Task",
    "TextPrediction",
    "TrainwrightError",
    "UnauthorizedError",
    "UnavailableError",
    "can_move",
    "check_move",
    "did_you_mean",
    "dump_yaml",
    "nearest",
    "new_id",
    "parse_yaml",
    "shown",
    "shown_lines",
    "validate_spec",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'trainwright.spec' has no attribute {name!r}")
