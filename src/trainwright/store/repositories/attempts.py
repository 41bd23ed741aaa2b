"""Attempts of a run, and which of their steps still count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainwright.store.models import Attempt


def attempt_horizons(session: Session, run_id: str) -> dict[int, int]:
    """Attempt → the last of its steps that still counts, for those a later one cut short."""
    query = select(Attempt.number, Attempt.start_step).where(Attempt.run_id == run_id)
    return horizons_of([(n, s) for n, s in session.execute(query.order_by(Attempt.number))])


def horizons_of(starts: Sequence[tuple[int, int | None]]) -> dict[int, int]:
    """The same of attempts' numbers, rising, and the steps after which they went on."""
    horizons: dict[int, int] = {}
    horizon: int | None = None
    for number, start in reversed(starts):
        if horizon is not None:
            horizons[number] = horizon
        if start is not None:
            horizon = start if horizon is None else min(horizon, start)
    return horizons


def is_given_up(horizons: Mapping[int, int], attempt: int, step: int | None) -> bool:
    """Whether what an attempt did at a step was given up by a later one that went back."""
    horizon = horizons.get(attempt)
    return horizon is not None and (horizon <= 0 or (step or 0) > horizon)
