"""Datasets and trained models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Scalar, Shape
from trainwright.spec.api.language import DEFAULT_TOKENS, MAX_TOKENS
from trainwright.spec.labels import Label
from trainwright.spec.result import ClassScores, Confusion, Prediction


class DatasetFields(Request):
    name: Label | None = None
    task: str | None = Field(default=None, max_length=64)


class DatasetCreate(DatasetFields):
    path: str = Field(
        min_length=1,
        max_length=4096,
        description="A folder on the platform's host, or `s3://bucket/prefix`.",
    )


class DatasetView(Shape):
    """A dataset: a sample one of the catalogue, or a registered folder."""

    id: str
    name: str
    source: Literal["catalogue", "registered"]
    tasks: list[str] = Field(default_factory=list)
    format: str | None = None
    location: str | None = None
    uploaded: bool = Field(default=False, description="The platform keeps its files.")
    num_classes: int | None = None
    class_names: list[str] | None = None
    samples: dict[str, int] = Field(default_factory=dict, description="By split.")
    bytes: int | None = None
    bundled: bool = False
    description: str = ""
    owner_id: str | None = None
    created_at: AwareDatetime | None = None
    trashed_at: AwareDatetime | None = Field(default=None, description="When it was deleted.")
    missing: bool = Field(default=False, description="Its files are not where they were.")
    report: dict[str, Any] | None = Field(default=None, description="The last validation.")


class DatasetReport(Shape):
    dataset_id: str
    ok: bool
    report: dict[str, Any]


MAX_INPUTS = 256
"""Inputs one request may have."""


class PredictRequest(Request):
    """Inputs that are not uploaded files."""

    inputs: list[str] = Field(
        min_length=1,
        max_length=MAX_INPUTS,
        description="Images as base64, as `data:` URLs, or as `http(s)://` URLs to fetch them by; "
        "of a language model, texts.",
    )
    top_k: int = Field(default=5, ge=1, le=1000, description="Of labels.")
    max_tokens: int = Field(
        default=DEFAULT_TOKENS, ge=1, le=MAX_TOKENS, description="Of a language model's answer."
    )
    temperature: float = Field(
        default=0, ge=0, le=2, description="Of a language model; 0: always the likeliest word."
    )


class PredictResponse(Prediction):
    """The first input's prediction at the top level; every input's, in order, in `results`."""

    run_id: str
    results: list[Prediction]


class EvaluateRequest(Request):
    dataset: str | None = Field(default=None, max_length=4096, description="Default: the run's.")
    classes: dict[str, str] = Field(
        default_factory=dict,
        max_length=10_000,
        description="Class of the dataset → class of the model, or empty to leave it out.",
    )


class Evaluation(Shape):
    """A trained model measured on one dataset."""

    run_id: str
    dataset: str | None = None
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    samples: int | None = None
    per_class: list[ClassScores] | None = None
    confusion: Confusion | None = None
    duration_seconds: float | None = None
    notes: list[str] = Field(default_factory=list)
    classes: dict[str, str] = Field(default_factory=dict, description="As they were mapped.")
    created_at: AwareDatetime | None = None
    artifact: str | None = Field(default=None, description="Where it is kept with the run.")


class ExportRequest(Request):
    format: str = Field(min_length=1, max_length=32)
    opset: int | None = Field(default=None, ge=7, le=100, description="Of ONNX.")
