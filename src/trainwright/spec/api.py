"""Bodies of the HTTP API, shared by the server that writes them and the client that reads them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from trainwright.spec.events import TrainingProgress
from trainwright.spec.result import ClassScores, Confusion, ParseResult, Prediction, RunError
from trainwright.spec.status import RunStatus

T = TypeVar("T")
Scalar = Annotated[float, Field(allow_inf_nan=True)]
Role = Literal["admin", "user", "viewer"]
LOCAL_OWNER = "owner"
"""Name of the user whom the first start creates, and whose token is kept in the home."""


class _Shape(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings", protected_namespaces=())


class _Request(_Shape):
    model_config = ConfigDict(extra="forbid")


class Page(_Shape, Generic[T]):
    """One page of a list; `next_cursor` asks for the one after it."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="None on the last page.")
    total: int | None = Field(default=None, description="On all pages, where it is counted.")


class ErrorBody(_Shape):
    code: str = Field(description="Stable snake_case code.")
    message: str = Field(description="What happened, and why.")
    details: dict[str, Any] = Field(
        default_factory=dict, description="`field`, `expected`, `mend`, `faults` where known."
    )
    request_id: str


class ErrorResponse(_Shape):
    error: ErrorBody


class Health(_Shape):
    status: Literal["ok", "starting", "degraded"]
    version: str


class Readiness(Health):
    checks: dict[str, str] = Field(description="Part → `ok`, or what is wrong with it.")


class TokenPair(_Shape):
    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 (a scheme, not a secret)
    expires_in: int = Field(description="Seconds the access token is good for.")


class RefreshRequest(_Request):
    refresh_token: str = Field(max_length=4096)


class Ticket(_Shape):
    ticket: str = Field(description="Good for one WebSocket, as `?ticket=`.")
    expires_in: int = Field(description="Seconds.")


class UserView(_Shape):
    id: str
    name: str
    role: Role
    email: str | None = None


class UserCreate(_Request):
    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")
    role: Role = "user"
    email: str | None = Field(default=None, max_length=320)
    password: str | None = Field(default=None, min_length=8, max_length=1024)


class UserPatch(_Request):
    role: Role | None = None
    email: str | None = Field(default=None, max_length=320)
    password: str | None = Field(default=None, min_length=8, max_length=1024)
    disabled: bool | None = None


class TokenCreate(_Request):
    name: str = Field(min_length=1, max_length=200, description="What it is for.")
    days: int | None = Field(default=None, ge=1, le=3650, description="Default: no end.")


class TokenView(_Shape):
    id: str
    name: str
    created_at: AwareDatetime
    expires_at: AwareDatetime | None = None
    revoked_at: AwareDatetime | None = None


class NewToken(TokenView):
    token: str = Field(description="Shown this once; only its hash is kept.")


class ProjectCreate(_Request):
    name: str = Field(min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)


class ProjectView(_Shape):
    id: str
    name: str
    description: str | None = None
    owner_id: str | None = None
    created_at: AwareDatetime


class RunCreate(_Request):
    """What to train: a spec, a sentence, or the fields of a spec at the top level."""

    spec: dict[str, Any] | None = Field(default=None, description="RunSpec fields; may be partial.")
    sentence: str | None = Field(default=None, min_length=1, max_length=10_000)
    provenance: dict[str, Literal["user", "inferred", "default"]] = Field(
        default_factory=dict, description="Field → who chose it. Default for a given field: user."
    )
    reasons: dict[str, str] = Field(default_factory=dict)
    project_id: str | None = Field(default=None, max_length=64)
    tags: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        default_factory=list, max_length=50
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, data: Any) -> Any:
        if not isinstance(data, dict) or data.get("spec") is not None:
            return data
        loose = {k: v for k, v in data.items() if k not in cls.model_fields}
        if not loose:
            return data
        return {k: v for k, v in data.items() if k in cls.model_fields} | {"spec": loose}

    @model_validator(mode="after")
    def _check_one(self) -> RunCreate:
        if (self.spec is None) == (self.sentence is None):
            raise ValueError("give either a spec or a sentence")
        return self


class RunPatch(_Request):
    name: str | None = Field(default=None, min_length=1, max_length=200)
    notes: str | None = Field(default=None, max_length=100_000)
    tags: list[Annotated[str, Field(min_length=1, max_length=64)]] | None = Field(
        default=None, max_length=50
    )


class StopRequest(_Request):
    now: bool = Field(default=False, strict=True, description="Skip the save.")


class CloneRequest(_Request):
    changes: dict[str, Any] = Field(default_factory=dict, description="RunSpec fields to change.")


class RunView(_Shape):
    """A run as lists and pages show it."""

    id: str
    name: str
    status: RunStatus
    reason: str | None = Field(default=None, description="Why it has this status.")
    attempt: int = 1
    task: str | None = None
    model: str
    dataset: str | None = None
    target: str = "local"
    owner_id: str | None = None
    project_id: str | None = None
    tags: list[str] = Field(default_factory=list)
    notes: str | None = None
    sentence: str | None = None
    queue_position: int | None = None
    progress: TrainingProgress | None = None
    metrics: dict[str, Scalar] = Field(default_factory=dict, description="Latest, by name.")
    error: RunError | None = None
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    duration_seconds: float | None = None


class RunDetail(RunView):
    """A run with everything asked of it."""

    spec: dict[str, Any] = Field(description="RunSpec as JSON, without what was not said.")
    provenance: dict[str, str] = Field(default_factory=dict)
    reasons: dict[str, str] = Field(default_factory=dict)
    origin: dict[str, Any] = Field(
        default_factory=dict, description="Git, packages, seed, data and hardware of the run."
    )
    report: dict[str, Any] | None = Field(
        default=None, description="What checking its data found, and what is left out."
    )
    last_seq: int = Field(default=0, description="Place of the newest event in the stream.")
    url: str | None = None


class SeriesPoint(_Shape):
    """One measured value, or a bucket of several when the series was thinned."""

    step: int | None = None
    epoch: float | None = None
    value: Scalar = Field(description="The value; of a bucket, its mean.")
    min: Scalar | None = None
    max: Scalar | None = None
    timestamp: AwareDatetime | None = None


class MetricSeries(_Shape):
    name: str
    points: list[SeriesPoint]
    total: int = Field(default=0, description="Points measured, before thinning.")


class MetricsView(_Shape):
    run_id: str
    series: list[MetricSeries]


class LogChunk(_Shape):
    text: str
    offset: int = Field(description="Byte offset of `text`.")
    next_offset: int = Field(description="Where to read on.")
    size: int = Field(description="Bytes logged so far.")
    ended: bool = Field(description="The run has ended and `text` reaches the end.")


class CheckpointView(_Shape):
    id: str
    path: str
    step: int | None = None
    epoch: float | None = None
    attempt: int = 1
    size: int
    sha256: str
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    is_best: bool = False
    created_at: AwareDatetime | None = None


class Finding(_Shape):
    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    evidence: list[str] = Field(default_factory=list)
    mend: str | None = Field(default=None, description="What to do about it.")


class Diagnosis(_Shape):
    run_id: str
    status: RunStatus
    summary: str
    findings: list[Finding]


class Script(_Shape):
    """The command a run's trainer was started with."""

    run_id: str
    attempt: int
    argv: list[str]
    cwd: str | None = None
    env_names: list[str] = Field(default_factory=list)
    command: str = Field(description="`argv`, quoted for a shell.")
    files: dict[str, str] = Field(default_factory=dict)


class ParseRequest(_Request):
    sentence: str = Field(min_length=1, max_length=10_000)


class ChatRequest(_Request):
    message: str = Field(min_length=1, max_length=10_000)
    session_id: str | None = Field(default=None, max_length=64)


class ChatAction(_Shape):
    type: Literal["start_training", "edit"]
    label: str
    spec: dict[str, Any] | None = None


class ChatReply(ParseResult):
    session_id: str
    actions: list[ChatAction] = Field(default_factory=list)


class ChatMessageView(_Shape):
    role: Literal["user", "assistant"]
    text: str
    created_at: AwareDatetime
    result: ParseResult | None = None


class ChatSession(_Shape):
    id: str
    created_at: AwareDatetime
    messages: list[ChatMessageView] = Field(default_factory=list)


class DatasetCreate(_Request):
    path: str = Field(min_length=1, max_length=4096, description="A folder on the platform's host.")
    name: str | None = Field(default=None, min_length=1, max_length=200)
    task: str | None = Field(default=None, max_length=64)


class DatasetView(_Shape):
    """A dataset: a sample one of the catalogue, or a registered folder."""

    id: str
    name: str
    source: Literal["catalogue", "registered"]
    tasks: list[str] = Field(default_factory=list)
    format: str | None = None
    location: str | None = None
    num_classes: int | None = None
    class_names: list[str] | None = None
    samples: dict[str, int] = Field(default_factory=dict, description="By split.")
    bytes: int | None = None
    bundled: bool = False
    description: str = ""
    owner_id: str | None = None
    created_at: AwareDatetime | None = None
    report: dict[str, Any] | None = Field(default=None, description="The last validation.")


class DatasetReport(_Shape):
    dataset_id: str
    ok: bool
    report: dict[str, Any]


class PredictRequest(_Request):
    """Inputs that are not uploaded files."""

    inputs: list[str] = Field(
        min_length=1,
        max_length=256,
        description="Base64 images (data URLs too), or paths inside the run, or text.",
    )
    top_k: int = Field(default=5, ge=1, le=1000)


class PredictResponse(Prediction):
    """The first input's prediction at the top level; every input's, in order, in `results`."""

    run_id: str
    results: list[Prediction]


class EvaluateRequest(_Request):
    dataset: str | None = Field(default=None, max_length=4096, description="Default: the run's.")


class Evaluation(_Shape):
    """A trained model measured on one dataset."""

    run_id: str
    dataset: str | None = None
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    samples: int | None = None
    per_class: list[ClassScores] | None = None
    confusion: Confusion | None = None
    duration_seconds: float | None = None
    notes: list[str] = Field(default_factory=list)


class ExportRequest(_Request):
    format: str = Field(min_length=1, max_length=32)


class ArtifactView(_Shape):
    name: str
    path: str
    bytes: int = Field(ge=0)
    sha256: str | None = None
    kind: str | None = None
    created_at: AwareDatetime | None = None


class TargetView(_Shape):
    name: str
    kind: str
    default: bool = False
    gpus: int | None = None
    cpus: int | None = None
    memory_gb: float | None = None


class TargetTest(_Shape):
    name: str
    ok: bool
    message: str
    duration_ms: float
    gpus: int | None = None
    cpus: int | None = None
    memory_gb: float | None = None


class GpuView(_Shape):
    index: int
    name: str
    memory_gb: float
    driver: str | None = None


class Hardware(_Shape):
    cpus: int
    cpu_model: str | None = None
    memory_gb: float
    memory_free_gb: float
    disk_free_gb: float
    gpus: list[GpuView] = Field(default_factory=list)
    platform: str
    python: str
    note: str | None = None


class Dashboard(_Shape):
    runs_by_status: dict[str, int]
    active: list[RunView]
    recent: list[RunView]
    hardware: Hardware


class RunHealth(_Shape):
    run_id: str
    status: RunStatus
    ok: bool
    message: str
    last_event_at: AwareDatetime | None = None


class SettingsView(_Shape):
    default_target: str = Field(description="Where runs go that name no target.")


class SettingsPatch(_Request):
    default_target: str | None = Field(default=None, min_length=1, max_length=64)


class Cursor(_Shape):
    last_seq: int
