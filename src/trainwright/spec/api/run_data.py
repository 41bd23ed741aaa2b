"""What a run has produced, and what is said about it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Scalar, Shape
from trainwright.spec.status import RunStatus


class SeriesPoint(Shape):
    """One measured value, or a bucket of several when the series was folded."""

    step: int | None = Field(default=None, description="Of a bucket, its greatest.")
    epoch: float | None = None
    value: Scalar = Field(
        description="The value; of a bucket, the mean of its finite ones, NaN if it has none."
    )
    timestamp: AwareDatetime | None = Field(default=None, description="Of a bucket, its last.")
    attempt: int = Field(default=1, description="Of a bucket, its last point's.")
    count: int = Field(default=1, description="Points it stands for; more than 1 is a bucket.")
    min_step: int | None = Field(default=None, description="Of a bucket, its least step.")
    min: Scalar | None = Field(default=None, description="Of a bucket, its least finite value.")
    max: Scalar | None = Field(default=None, description="Of a bucket, its greatest finite value.")
    first: Scalar | None = Field(default=None, description="Of a bucket, its first value.")
    last: Scalar | None = Field(default=None, description="Of a bucket, its last value.")
    nan: int | None = Field(default=None, description="Of a bucket, how many are NaN.")
    infinite: int | None = Field(default=None, description="Of a bucket, how many are infinite.")


class MetricSeries(Shape):
    name: str
    points: list[SeriesPoint]
    total: int = Field(default=0, description="Points these stand for.")


class MetricsView(Shape):
    run_id: str
    series: list[MetricSeries]
    next_cursor: str | None = Field(
        default=None, description="More to come, perhaps of the last series first."
    )
    after: str | None = Field(
        default=None,
        description="Ask on with `after` for what has come since; null when this is only a part.",
    )
    reset: bool = Field(
        default=False,
        description="A later attempt did again what was read before `after`: this is all of it.",
    )


class LogChunk(Shape):
    text: str
    offset: int = Field(description="Byte offset of `text`.")
    line: int = Field(default=1, description="Number of the line that `text` begins in, from 1.")
    next_offset: int = Field(description="Where to read on.")
    size: int = Field(description="Bytes logged so far.")
    ended: bool = Field(description="The run has ended and `text` reaches the end.")


class LogLine(Shape):
    line: int = Field(description="Its number, from 1.")
    offset: int = Field(description="The byte where it begins.")
    text: str = Field(
        description="Without escape sequences; of a very long line the part that was found."
    )


class LogMatches(Shape):
    """Lines of a log that were searched for."""

    matches: list[LogLine]
    next_line: int = Field(description="The line at which the search ended; it may still grow.")
    next_offset: int = Field(description="Search on at this `offset`, until it is `size`.")
    size: int = Field(description="Bytes logged so far.")
    ended: bool = Field(description="The run has ended and all of its log was searched.")


class CheckpointView(Shape):
    id: str
    path: str
    step: int | None = None
    epoch: float | None = None
    attempt: int = 1
    size: int
    sha256: str
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    is_best: bool = False
    kept: bool = Field(default=False, description="A person said so: retention leaves it alone.")
    present: bool = Field(default=True, description="Its file is there, or can be brought back.")
    given_up: bool = Field(default=False, description="A later attempt went back behind its step.")
    resumable: bool = Field(
        default=False, description="It is there, and training can go on from what is in it."
    )
    uri: str | None = Field(default=None, description="Where the object store has it too.")
    created_at: AwareDatetime | None = None


class AttemptView(Shape):
    """One start of a run's trainer."""

    number: int
    status: RunStatus
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    exit_code: int | None = None
    resumed_from: str | None = Field(default=None, description="The checkpoint it went on from.")
    start_step: int | None = Field(default=None, description="It went on after this step.")
    counts_until: int | None = Field(
        default=None,
        description="The last of its steps that counts: a later attempt went back to it. What was "
        "measured beyond is read with `attempt`.",
    )


class Finding(Shape):
    code: str
    severity: Literal["info", "warning", "error"]
    message: str
    evidence: list[str] = Field(default_factory=list)
    mend: str | None = Field(default=None, description="What to do about it.")
    edits: dict[str, Any] = Field(
        default_factory=dict, description="Changes of the spec that may help, as for a clone."
    )
    command: str | None = Field(default=None, description="What brings them about.")


class Diagnosis(Shape):
    run_id: str
    status: RunStatus
    summary: str
    findings: list[Finding]


class Script(Shape):
    """The command a run's trainer was started with."""

    run_id: str
    attempt: int
    argv: list[str]
    cwd: str | None = None
    env_names: list[str] = Field(default_factory=list)
    command: str = Field(description="`argv`, quoted for a shell.")
    files: dict[str, str] = Field(default_factory=dict)


class ArtifactView(Shape):
    name: str
    path: str
    bytes: int = Field(ge=0)
    sha256: str | None = None
    uri: str | None = Field(default=None, description="Where the object store has it too.")
    kind: str | None = None
    created_at: AwareDatetime | None = None


class Cursor(Shape):
    last_seq: int
