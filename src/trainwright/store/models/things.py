"""Datasets, conversations, places to run, settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, text, true
from sqlalchemy.orm import Mapped, mapped_column

from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.store.models.base import Base, Json, Key, Name


class Dataset(Base):
    __tablename__ = "datasets"
    __table_args__ = (
        Index(
            "uq_datasets_name_in_use",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("d"))
    name: Mapped[str] = mapped_column(Name)
    """One's own, but for those in the trash."""
    uri: Mapped[str]
    """Where it lies: a path, `s3://…` or `hf://org/name`."""
    format: Mapped[str | None] = mapped_column(String(64))
    task: Mapped[str | None] = mapped_column(String(64))
    owner_id: Mapped[str | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    project_id: Mapped[str | None] = mapped_column(
        ForeignKey("projects.id", ondelete="SET NULL"), index=True
    )
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    samples: Mapped[int | None] = mapped_column(BigInteger)
    fingerprint: Mapped[str | None] = mapped_column(String(128))
    """A hash of the contents, to notice that they changed."""
    info: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Classes, splits, and what else is known of it."""
    report: Mapped[dict[str, Any] | None]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
    deleted_at: Mapped[datetime | None]
    """When it went into the trash."""
    purging_at: Mapped[datetime | None]
    """When its removal for good began."""


class ChatSession(Base):
    __tablename__ = "chat_sessions"

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("s"))
    user_id: Mapped[str | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    title: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(8))
    context: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The spec under discussion and what was asked last."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class ChatMessage(Base):
    __tablename__ = "chat_messages"
    __table_args__ = (Index("uq_chat_messages_place", "session_id", "number", unique=True),)

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("m"))
    session_id: Mapped[str] = mapped_column(ForeignKey("chat_sessions.id", ondelete="CASCADE"))
    number: Mapped[int]
    role: Mapped[str] = mapped_column(String(16))
    """`user` or `assistant`."""
    text: Mapped[str]
    result: Mapped[dict[str, Any] | None]
    """The `ParseResult` behind a reply."""
    run_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Target(Base):
    """A registered place to run."""

    __tablename__ = "targets"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    """`local`, `ssh`, `ray` or `kubernetes`."""
    config: Mapped[dict[str, Any]] = mapped_column(default=dict)
    secret: Mapped[str | None]
    """Encrypted; never shown."""
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    status: Mapped[dict[str, Any] | None]
    """What the last test of it found."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Setting(Base):
    """A platform setting, or one user's when `user_id` names one."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    user_id: Mapped[str] = mapped_column(Key, primary_key=True, default="")
    value: Mapped[Any] = mapped_column(Json, nullable=True)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
