"""The life of a run: its statuses and the only moves between them."""

from __future__ import annotations

from enum import StrEnum

from trainwright.spec.errors import ConflictError


class RunStatus(StrEnum):
    CREATED = "created"
    VALIDATING = "validating"
    PREPARING = "preparing"
    QUEUED = "queued"
    ALLOCATING = "allocating"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    LOST = "lost"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def is_terminal(self) -> bool:
        """Nothing more happens unless a person resumes the run."""
        return self in TERMINAL

    @property
    def is_resumable(self) -> bool:
        return self in RESUMABLE

    @property
    def holds_slot(self) -> bool:
        """Compute is reserved for the run. A lost run keeps its slot: it may be training still."""
        return self in HOLDS_SLOT


_S = RunStatus
_ENDS = {_S.FAILED, _S.STOPPED}

TRANSITIONS: dict[RunStatus, frozenset[RunStatus]] = {
    _S.CREATED: frozenset({_S.VALIDATING} | _ENDS),
    _S.VALIDATING: frozenset({_S.PREPARING} | _ENDS),
    _S.PREPARING: frozenset({_S.QUEUED} | _ENDS),
    _S.QUEUED: frozenset({_S.ALLOCATING} | _ENDS),
    # back to the queue when the granted slot turns out to be gone
    _S.ALLOCATING: frozenset({_S.RUNNING, _S.QUEUED} | _ENDS),
    _S.RUNNING: frozenset({_S.PAUSING, _S.LOST, _S.COMPLETED} | _ENDS),
    # a trainer may finish, fail or vanish while it is being paused
    _S.PAUSING: frozenset({_S.PAUSED, _S.LOST, _S.COMPLETED} | _ENDS),
    _S.LOST: frozenset({_S.RUNNING} | _ENDS),
    # resume: the next attempt starts; data that was never found good is checked again
    _S.PAUSED: frozenset({_S.QUEUED} | _ENDS),
    _S.FAILED: frozenset({_S.VALIDATING, _S.QUEUED}),
    _S.STOPPED: frozenset({_S.VALIDATING, _S.QUEUED}),
    _S.COMPLETED: frozenset(),
}

TERMINAL = frozenset({_S.COMPLETED, _S.FAILED, _S.STOPPED, _S.PAUSED})
ACTIVE = frozenset(RunStatus) - TERMINAL
RESUMABLE = frozenset({_S.PAUSED, _S.FAILED, _S.STOPPED})
HOLDS_SLOT = frozenset({_S.ALLOCATING, _S.RUNNING, _S.PAUSING, _S.LOST})


class IllegalTransitionError(ConflictError):
    code = "illegal_transition"


def can_move(current: RunStatus, new: RunStatus) -> bool:
    return new in TRANSITIONS[current]


def check_move(current: RunStatus, new: RunStatus) -> None:
    """Raise `IllegalTransitionError` unless a run may go from `current` to `new`."""
    if not can_move(current, new):
        allowed = ", ".join(sorted(TRANSITIONS[current])) or "nothing: it is final"
        raise IllegalTransitionError(
            f"a run that is {current} cannot become {new}", field="status", expected=allowed
        )
