"""What every body of the API shares: pages, errors, health."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
Scalar = Annotated[float, Field(allow_inf_nan=True)]


class Shape(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings", protected_namespaces=())

    @classmethod
    def of(cls, row: object) -> Self:
        """What `row` holds under the same names."""
        return cls.model_validate(row, from_attributes=True)


class Request(Shape):
    model_config = ConfigDict(extra="forbid")


class Page(Shape, Generic[T]):
    """One page of a list; `next_cursor` asks for the one after it."""

    items: list[T]
    next_cursor: str | None = Field(default=None, description="None on the last page.")
    total: int | None = Field(default=None, description="On all pages, where it is counted.")


class ErrorBody(Shape):
    code: str = Field(description="Stable snake_case code.")
    message: str = Field(description="What happened, and why.")
    details: dict[str, Any] = Field(
        default_factory=dict, description="`field`, `expected`, `mend`, `faults` where known."
    )
    request_id: str


class ErrorResponse(Shape):
    error: ErrorBody


class Health(Shape):
    status: Literal["ok", "starting", "degraded"]
    version: str


class Readiness(Health):
    checks: dict[str, str] = Field(description="Part → `ok`, or what is wrong with it.")
