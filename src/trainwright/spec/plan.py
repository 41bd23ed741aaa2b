"""What a run will need: memory and time, as intervals, before any compute is taken."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class Interval(BaseModel):
    """An estimate that admits what it does not know."""

    low: float
    expected: float
    high: float

    @classmethod
    def exactly(cls, value: float) -> Interval:
        return cls(low=value, expected=value, high=value)

    @classmethod
    def around(cls, low: float, expected: float, high: float) -> Interval:
        return cls(low=low, expected=expected, high=high)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            low=self.low + other.low,
            expected=self.expected + other.expected,
            high=self.high + other.high,
        )

    def __mul__(self, factor: float | Interval) -> Interval:
        by = factor if isinstance(factor, Interval) else Interval.exactly(factor)
        return Interval(
            low=self.low * by.low, expected=self.expected * by.expected, high=self.high * by.high
        )

    def over(self, rate: Interval) -> Interval:
        """What takes this much at a rate: the least at the highest, the most at the lowest."""
        return Interval(
            low=self.low / rate.high,
            expected=self.expected / rate.expected,
            high=self.high / rate.low,
        )

    def at_least(self, other: Interval) -> Interval:
        """The larger of two, end by end."""
        return Interval(
            low=max(self.low, other.low),
            expected=max(self.expected, other.expected),
            high=max(self.high, other.high),
        )


class MemoryEstimate(Interval):
    """Bytes on each device at the peak of training, and what they hold."""

    parts: dict[str, Interval] = Field(default_factory=dict, description="Bytes, by part.")

    @classmethod
    def of(cls, parts: dict[str, Interval]) -> MemoryEstimate:
        whole = sum(parts.values(), start=Interval.exactly(0))
        return cls(**whole.model_dump(), parts=parts)


class Price(BaseModel):
    """What an hour of one device costs whoever runs the platform."""

    per_hour: float = Field(ge=0, allow_inf_nan=False)
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, such as `USD`.")


class Cost(Interval):
    """Money, as far apart as the time it is reckoned from."""

    currency: str

    @classmethod
    def of(cls, seconds: Interval, devices: int, price: Price) -> Cost:
        money = seconds * (devices * price.per_hour / 3600)
        return cls(**money.model_dump(), currency=price.currency)


class Suggestion(BaseModel):
    """A change that makes the run fit, or faster."""

    changes: dict[str, Any] = Field(description="Spec fields, flat.")
    why: str
    memory_bytes: float | None = Field(default=None, description="Expected, with these changes.")


class Plan(BaseModel):
    """The plan of a spec on a device."""

    fits: bool | None = Field(description="`null` when the device's memory is not known.")
    device: str
    cores: int | None = Field(
        default=None, description="Of the CPU, where it is what computes; `device` says it too."
    )
    device_bytes: int | None = Field(default=None, description="Memory of one device.")
    memory_bytes: MemoryEstimate | None = Field(
        default=None, description="`null` for programs whose needs nobody knows."
    )
    duration_seconds: Interval | None = Field(
        default=None, description="From the first step to the last; `null` when it cannot be told."
    )
    cost: Cost | None = Field(
        default=None, description="`null` where the time or the price of an hour is not known."
    )
    suggestions: list[Suggestion] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list, description="Where the figures come from.")
