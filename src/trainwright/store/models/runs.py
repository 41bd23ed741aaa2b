"""Runs, their attempts, and what they leave behind."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.spec.runspec import RunSpec
from trainwright.spec.status import RunStatus
from trainwright.store.models.base import Base, Digest, Key, Name


class Run(Base):
    """One training run. `status` is written by `Runs.set_status` only.

    What lists filter and sort by comes first, documents last: SQLite then reads a row's first
    page alone for most queries.
    """

    __tablename__ = "runs"
    __table_args__ = (
        # lists leave out what is in the trash, so that every index of theirs tells
        Index("ix_runs_created", "deleted_at", "created_at", "id"),
        Index("ix_runs_updated", "deleted_at", "updated_at", "id"),
        Index("ix_runs_name", "deleted_at", "name", "id"),
        Index("ix_runs_owner", "owner_id", "deleted_at", "created_at", "id"),
        Index("ix_runs_project", "project_id", "deleted_at", "created_at", "id"),
        Index("ix_runs_status", "status", "deleted_at", "created_at", "id"),
        Index("ix_runs_pending", "request_pending"),
        Index("ix_runs_mirror", "mirror_due"),
    )

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(Name)
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.CREATED)
    status_reason: Mapped[str | None]
    attempt: Mapped[int] = mapped_column(default=1)
    task: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(300))
    dataset: Mapped[str | None]
    owner_id: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    project_id: Mapped[str | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    parent_id: Mapped[str | None] = mapped_column(
        ForeignKey("runs.id", ondelete="SET NULL"), index=True
    )
    """The run this one is a clone of."""
    target: Mapped[str] = mapped_column(String(100), default="local")
    priority: Mapped[int] = mapped_column(default=0)
    queue_position: Mapped[int | None]
    data_checked: Mapped[bool] = mapped_column(default=False, server_default=false())
    dispatched_attempt: Mapped[int] = mapped_column(default=0, server_default="0")
    """The last attempt whose workflow was started; behind `attempt`, one is owed."""
    request: Mapped[dict[str, Any] | None]
    """A stop or pause that was asked for and has not come true: `kind`, `now`, `at`."""
    request_pending: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The worker has not yet handed `request` to the workflow."""
    mirror_due: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The object store, where there is one elsewhere, lacks something that the run has left."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """When it was put into the trash."""
    purging_at: Mapped[datetime | None]
    """When its removal for good began; the row goes when all else of the run is gone."""
    last_seen_at: Mapped[datetime | None]
    """When the run's agent was last heard of."""

    event_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The last `seq` of the run's stream."""
    agent_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The last `seq` of the agent that was applied."""
    log_size: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Bytes of the run's log that events speak of."""
    agent_token_hash: Mapped[str | None] = mapped_column(Digest)

    sentence: Mapped[str | None]
    notes: Mapped[str | None]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    spec: Mapped[dict[str, Any]] = mapped_column(default=dict)
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Field → `user`, `inferred` or `default`."""
    reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    allocation: Mapped[dict[str, Any] | None]
    progress: Mapped[dict[str, Any] | None]
    """The latest `TrainingProgress`."""
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    report: Mapped[dict[str, Any] | None]
    """What was found in the dataset."""
    caller: Mapped[dict[str, Any] | None]
    """Command, folder and code of whoever asked, as far as they said."""

    @property
    def run_spec(self) -> RunSpec:
        return RunSpec.model_validate(self.spec)


class Attempt(Base):
    """One start of a run's trainer."""

    __tablename__ = "attempts"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[RunStatus] = mapped_column(default=RunStatus.CREATED)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    exit_code: Mapped[int | None]
    signal: Mapped[int | None]
    resumed_from: Mapped[str | None]
    """The checkpoint the attempt was asked to go on from, relative to the run directory."""
    start_step: Mapped[int | None] = mapped_column(BigInteger)
    """The attempt goes on after this step; later points of earlier attempts are superseded."""


class Checkpoint(Base):
    __tablename__ = "checkpoints"
    __table_args__ = (Index("uq_checkpoints_file", "run_id", "path", "sha256", unique=True),)

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("c"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    attempt: Mapped[int] = mapped_column(default=1)
    path: Mapped[str] = mapped_column(String(1000))
    """Relative to the run directory."""
    sha256: Mapped[str] = mapped_column(Digest)
    size: Mapped[int] = mapped_column(BigInteger)
    step: Mapped[int | None] = mapped_column(BigInteger)
    epoch: Mapped[float | None]
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    is_best: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]
    kept: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A person said so: retention leaves its file alone."""


class Artifact(Base):
    __tablename__ = "artifacts"
    __table_args__ = (Index("uq_artifacts_path", "run_id", "path", unique=True),)

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("a"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(300))
    path: Mapped[str] = mapped_column(String(1000))
    """Relative to the run directory."""
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Digest)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class MirroredFile(Base):
    """A file of a run directory that the object store has too; its key follows from its path."""

    __tablename__ = "mirrored_files"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(String(1000), primary_key=True)
    """Relative to the run directory."""
    bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Digest)
    mirrored_at: Mapped[datetime] = mapped_column(default=utc_now)
