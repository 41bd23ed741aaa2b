"""Links to runs for people without an account, and what they see by them."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field

from trainwright.spec.api.envelope import Request, Scalar, Shape
from trainwright.spec.events import TrainingProgress
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus

MINUTE = 60
DAY = 24 * 3600
SHARE_SECONDS = 7 * DAY
LONGEST_SHARE = 365 * DAY


class ShareCreate(Request):
    expires_in: int = Field(
        default=SHARE_SECONDS, ge=MINUTE, le=LONGEST_SHARE, strict=True, description="Seconds."
    )
    with_log: bool = Field(
        default=False,
        strict=True,
        description="Show the log, too: it holds whatever the trainer printed.",
    )


class ShareView(Shape):
    """A link that is good; whoever has it sees the run."""

    id: str
    run_id: str
    token: str = Field(description="Signed; good until `expires_at` or until it is revoked.")
    path: str = Field(description="Of the page, on the platform's address.")
    url: str = Field(description="The same, on the address that was asked.")
    with_log: bool
    created_at: AwareDatetime
    expires_at: AwareDatetime


class Revoked(Shape):
    revoked: int = Field(description="Links that were good until now.")


class SharedRun(Shape):
    """What a link shows of a run: no people, no paths of a disk, no secrets."""

    id: str
    name: str
    status: RunStatus
    reason: str | None = None
    attempt: int
    task: str | None = None
    model: str
    dataset: str | None = None
    spec: dict[str, Any]
    provenance: dict[str, str] = Field(description="Field → `user`, `inferred` or `default`.")
    reasons: dict[str, str] = Field(description="Field → why it was chosen.")
    progress: TrainingProgress | None = None
    metrics: dict[str, Scalar] = Field(default_factory=dict)
    error: RunError | None = None
    queue_position: int | None = None
    created_at: AwareDatetime
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    updated_at: AwareDatetime
    duration_seconds: float | None = None
    last_seq: int = Field(description="Place of the newest event in the stream.")
    with_log: bool = Field(description="The log may be read, too.")
    expires_at: AwareDatetime = Field(description="When the link ends.")


class SharedCheckpoint(Shape):
    """What was measured where the model was saved."""

    step: int | None = None
    epoch: float | None = None
    attempt: int
    metrics: dict[str, Scalar]
    is_best: bool
    created_at: AwareDatetime
