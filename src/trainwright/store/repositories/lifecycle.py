"""What else changes when a run's status does."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from trainwright.spec.events import StatusChanged, utc_now
from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus, check_move
from trainwright.store.models import Attempt, Run

_ENDED = (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.STOPPED)


@dataclass(frozen=True)
class Ending:
    """What is known of how an attempt ended."""

    error: RunError | None = None
    exit_code: int | None = None
    signal: int | None = None


def move(
    session: Session, run: Run, status: RunStatus, reason: str | None, ending: Ending
) -> StatusChanged:
    """Move a locked run and its attempt; the event that says so is returned, not written.

    Raises:
        IllegalTransitionError: It may not go there from where it is.
    """
    check_move(run.status, status)
    previous, now = run.status, utc_now()
    attempt = session.get_one(Attempt, (run.id, run.attempt))
    run.status, run.status_reason, attempt.status = status, reason, status
    _queue(run, attempt)
    if previous.is_terminal:
        run.ended_at, run.error = None, None
    if status == RunStatus.RUNNING:
        run.started_at = run.started_at or now
        attempt.started_at = attempt.started_at or now
    if status.is_terminal:
        attempt.ended_at = now
        # what the agent reported stands unless the caller knows better
        attempt.exit_code = attempt.exit_code if ending.exit_code is None else ending.exit_code
        attempt.signal = attempt.signal if ending.signal is None else ending.signal
    if status in _ENDED:
        run.ended_at = now
    if ending.error is not None:
        run.error = ending.error.model_dump(mode="json", exclude_none=True)
    return StatusChanged(status=status, previous=previous, reason=reason)


def _queue(run: Run, attempt: Attempt) -> None:
    if run.status != RunStatus.QUEUED:
        run.queue_position = None
        return
    run.allocation = None
    # the place in the queue is that of the request, however long checks and preparation took,
    # and a run whose granted slot was gone keeps it
    run.queued_at = attempt.created_at
