"""Column types and the declarative base of every table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, Integer, MetaData, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from trainwright.spec.status import RunStatus


def _json() -> JSON:
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


Json = _json()
Document = MutableDict.as_mutable(_json())
"""A JSON object whose changed keys are noticed at flush."""
Listing = MutableList.as_mutable(_json())

BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a plain INTEGER primary key."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite, which keeps no zone, stores it naive."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _values(enum: type[Any]) -> list[str]:
    return [member.value for member in enum]


def text_enum(enum: type[Any]) -> Enum:
    """A string enum kept as its value, so that a new member needs no migration."""
    return Enum(enum, native_enum=False, length=32, values_callable=_values)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it from the class)
        str: Text(),
        datetime: UtcDateTime(),
        dict[str, Any]: Document,
        list[Any]: Listing,
        RunStatus: text_enum(RunStatus),
    }


Name = String(200)
Key = String(32)
"""An id made by `spec.new_id`, with its prefix."""
Digest = String(64)
"""A SHA-256 in hexadecimal."""
