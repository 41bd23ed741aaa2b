"""What comes out: results, artifacts, predictions; and the shape of a parsed sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from trainwright.spec.errors import Fault, TrainwrightError
from trainwright.spec.runspec import RunSpec
from trainwright.spec.status import RunStatus

Scalar = Annotated[float, Field(allow_inf_nan=True)]


class _Model(BaseModel):
    # field names such as model_version would otherwise collide with pydantic's own prefix
    model_config = ConfigDict(ser_json_inf_nan="strings", protected_namespaces=())


class Artifact(_Model):
    name: str
    path: str = Field(description="Relative to the run directory.")
    bytes: int = Field(ge=0)
    sha256: str


class MetricSummary(_Model):
    final: Scalar
    best: Scalar
    best_step: int | None = None


class ClassScores(_Model):
    name: str
    precision: float
    recall: float
    f1: float
    support: int = Field(description="Held-out samples of the class.")


class Confusion(_Model):
    labels: list[str]
    matrix: list[list[int]] = Field(description="Row: true class; column: predicted class.")


class RunError(_Model):
    code: str
    message: str
    hint: str | None = None
    stage: str | None = Field(
        default=None,
        description="`validate`, `prepare`, `enqueue` or `train`: where it went wrong.",
    )
    exit_code: int | None = None
    signal: int | None = Field(default=None, description="The signal that ended the trainer.")
    log_tail: list[str] = Field(default_factory=list)
    faults: list[Fault] = Field(
        default_factory=list, description="All that was wrong with the request."
    )

    @property
    def is_request_fault(self) -> bool:
        """The request was wrong; nothing was trained."""
        return self.stage == "validate" and self.code != "internal_error"


class Result(_Model):
    run_id: str
    name: str
    status: RunStatus
    task: str | None = None
    model: str
    dataset: str | None = None
    metrics: dict[str, MetricSummary] = Field(default_factory=dict)
    best_checkpoint: str | None = None
    artifacts: list[Artifact] = Field(default_factory=list)
    duration_seconds: float | None = None
    per_class: list[ClassScores] | None = None
    confusion: Confusion | None = None
    error: RunError | None = None


class LabelPrediction(_Model):
    class_name: str = Field(alias="class", serialization_alias="class")
    class_id: int
    confidence: float
    box: list[float] | None = Field(
        default=None, description="[x_min, y_min, x_max, y_max], pixels."
    )
    mask: dict[str, Any] | None = Field(default=None, description="COCO run-length encoding.")

    model_config = ConfigDict(populate_by_name=True)


class TextPrediction(_Model):
    text: str
    finish_reason: str


class Prediction(_Model):
    input: str | None = Field(default=None, description="File name or text the prediction is of.")
    predictions: list[LabelPrediction | TextPrediction]
    inference_time_ms: float
    model_version: str
    error: Fault | None = Field(
        default=None, description="Why there is no prediction of this one of several inputs."
    )

    @classmethod
    def none_of(cls, name: str, error: TrainwrightError) -> Prediction:
        """What stands for an input that cannot be read."""
        return cls(
            input=name,
            predictions=[],
            inference_time_ms=0,
            model_version="",
            error=error.fault("inputs"),
        )


class Chosen(StrEnum):
    """Who chose a value."""

    USER = "user"
    INFERRED = "inferred"
    DEFAULT = "default"


class Question(_Model):
    field: str
    question: str
    suggestions: list[str] = Field(default_factory=list)


class ParseResult(_Model):
    """A sentence, read."""

    status: Literal["complete", "needs_clarification", "not_a_training_request"]
    language: Literal["ko", "en"]
    intent: dict[str, Any] = Field(
        default_factory=dict, description="Flat spec fields that are known; only those."
    )
    provenance: dict[str, Chosen] = Field(default_factory=dict)
    reasons: dict[str, str] = Field(
        default_factory=dict, description="One line on why each inferred or default value."
    )
    questions: list[Question] = Field(default_factory=list)
    spec: RunSpec | None = None
    reply: str | None = Field(default=None, description="Words to the person, in their language.")
    reader: Literal["rules", "llm"] = Field(
        default="rules",
        description="Who read it: rules alone, or a language model checked by them.",
    )
    reader_note: str | None = Field(
        default=None, description="Why rules alone, where a language model is configured."
    )
