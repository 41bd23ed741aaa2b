"""The stream of a run's events, and the metrics drawn from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from trainwright.spec.events import Origin
from trainwright.store.models.base import Base, BigId, Name, text_enum


class EventRow(Base):
    """One event at its place in the run's stream."""

    __tablename__ = "events"
    __table_args__ = (
        Index("uq_events_origin", "run_id", "attempt", "origin", "origin_seq", unique=True),
        Index("ix_events_type", "run_id", "type", "seq"),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    attempt: Mapped[int]
    type: Mapped[str] = mapped_column(String(32))
    origin: Mapped[Origin] = mapped_column(text_enum(Origin))
    origin_seq: Mapped[int] = mapped_column(BigInteger)
    timestamp: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    """The event's data; of a log only the place: `offset` and `size` in the run's stored log."""


class MetricSeries(Base):
    """One metric of one run, with its summary over the points that count."""

    __tablename__ = "metric_series"
    __table_args__ = (Index("uq_metric_series_name", "run_id", "name", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(Name)
    next_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    """Points ever stored; the next point's place."""
    rolled: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """Places that roll-ups stand for; points beyond are read one by one."""
    count: Mapped[int] = mapped_column(BigInteger, default=0)
    """Points that are not superseded, special ones included."""
    last: Mapped[float | None]
    last_special: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    last_epoch: Mapped[float | None]
    minimum: Mapped[float | None]
    minimum_step: Mapped[int | None] = mapped_column(BigInteger)
    maximum: Mapped[float | None]
    maximum_step: Mapped[int | None] = mapped_column(BigInteger)


class MetricPoint(Base):
    """One point. Kept in order of arrival, series by series, so that a curve is one range read."""

    __tablename__ = "metric_points"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("metric_series.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    attempt: Mapped[int]
    step: Mapped[int | None] = mapped_column(BigInteger)
    epoch: Mapped[float | None]
    value: Mapped[float | None]
    """NULL when `special` says what the value is."""
    special: Mapped[int] = mapped_column(SmallInteger)
    """0 a number, 1 NaN, 2 infinity, 3 minus infinity."""
    timestamp_us: Mapped[int] = mapped_column(BigInteger)


class MetricRollup(Base):
    """A span of 2^`level` places of a series, summed up over its points that count."""

    __tablename__ = "metric_rollups"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("metric_series.id", ondelete="CASCADE"), primary_key=True
    )
    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The span's own place among those of its level."""
    count: Mapped[int] = mapped_column(BigInteger)
    attempt: Mapped[int]
    least_step: Mapped[int | None] = mapped_column(BigInteger)
    greatest_step: Mapped[int | None] = mapped_column(BigInteger)
    stepless: Mapped[int] = mapped_column(BigInteger)
    """Points without a step."""
    epoch: Mapped[float | None]
    mean: Mapped[float | None]
    """Of the finite values, as are `minimum` and `maximum`."""
    minimum: Mapped[float | None]
    maximum: Mapped[float | None]
    nans: Mapped[int] = mapped_column(BigInteger)
    infinities: Mapped[int] = mapped_column(BigInteger)
    minus_infinities: Mapped[int] = mapped_column(BigInteger)
    first: Mapped[float | None]
    first_special: Mapped[int] = mapped_column(SmallInteger)
    last: Mapped[float | None]
    last_special: Mapped[int] = mapped_column(SmallInteger)
    timestamp_us: Mapped[int] = mapped_column(BigInteger)
