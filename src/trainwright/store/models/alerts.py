"""Alerts, what the rules remember of each run, and the webhooks that carry news out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from trainwright.spec.events import utc_now
from trainwright.spec.ids import new_id
from trainwright.store.models.base import Base, Key

_OPEN = text("resolved_at IS NULL")


class AlertRow(Base):
    """Something wrong with a run, from when it was noticed until it is over."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_open",
            "run_id",
            "rule",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_alerts_run", "run_id", "opened_at", "id"),
        Index("ix_alerts_opened", "opened_at", "id"),
    )

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("al"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    rule: Mapped[str] = mapped_column(String(64))
    severity: Mapped[str] = mapped_column(String(16))
    message: Mapped[str]
    hint: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    count: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))


class AlertMemory(Base):
    """What the alert rules remember of a run between two batches of its events."""

    __tablename__ = "alert_memories"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Webhook(Base):
    """Where news of runs is posted to."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("wh"))
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]
    events: Mapped[list[Any]] = mapped_column(default=list)
    everyone: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Of everyone's runs, not of the owner's alone."""
    secret: Mapped[str]
    """Encrypted; never shown."""
    enabled: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class Delivery(Base):
    """One piece of news for one webhook, written with what it tells of."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("ix_deliveries_due", "status", "next_at"),
        Index("ix_deliveries_webhook", "webhook_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Key, primary_key=True, default=lambda: new_id("dl"))
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    event: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(16), default="waiting")
    """`waiting`, `delivered` or `dead`."""
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None] = mapped_column(default=utc_now)
    """When it is due; while it is being sent, when somebody else may take it over."""
    last_code: Mapped[int | None]
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    delivered_at: Mapped[datetime | None]
