"""A run, its result and its events as a link shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel

from trainwright.server.run_views import run_result, run_view
from trainwright.server.sharing.access import Guest
from trainwright.server.sharing.discretion import Discretion
from trainwright.settings import Home
from trainwright.spec.api.sharing import SharedCheckpoint, SharedRun
from trainwright.spec.events import Event, StatusChangedEvent, TrainingErrorEvent
from trainwright.spec.result import Result
from trainwright.store.models import Checkpoint, Run

T = TypeVar("T", bound=BaseModel)

_PUBLIC = frozenset(SharedRun.model_fields)
_SHOWN_EVENTS = (
    "status_changed",
    "training_progress",
    "metrics",
    "checkpoint_saved",
    "training_complete",
    "training_error",
)


class GuestView:
    """What one guest is shown.

    Args:
        guest: Whose link leads to which run.
        home: The platform's, whose place is not told.
    """

    def __init__(self, guest: Guest, home: Home) -> None:
        self._run, self._share = guest.run, guest.share
        self._discretion = Discretion(guest.run, home.path)

    @property
    def event_types(self) -> tuple[str, ...]:
        """Events that are told: nothing of the machine, and of the log what may be seen."""
        return (*_SHOWN_EVENTS, "log") if self._share.with_log else _SHOWN_EVENTS

    def run(self) -> SharedRun:
        run, clean = self._run, self._discretion
        fields = run_view(run).model_dump(include=set(_PUBLIC))
        return SharedRun.model_validate(
            fields
            | {
                "reason": self._text(run.status_reason),
                "model": clean.value(run.model),
                "dataset": clean.value(run.dataset),
                "spec": clean.value(_settings(run)),
                "provenance": run.provenance,
                "reasons": clean.value(run.reasons),
                "error": clean.error(run.error, with_log=self._share.with_log),
                "last_seq": run.event_seq,
                "with_log": self._share.with_log,
                "expires_at": self._share.expires_at,
            }
        )

    def result(self) -> Result:
        """How it ended; its files cannot be had by a link, and are not told."""
        found, clean = run_result(self._run, []), self._discretion
        return found.model_copy(
            update={
                "model": clean.value(found.model),
                "dataset": clean.value(found.dataset),
                "best_checkpoint": None,
                "artifacts": [],
                "error": clean.error(self._run.error, with_log=self._share.with_log),
            }
        )

    def event(self, event: Event) -> Event | None:
        """The event as it may be told; None if it may not."""
        if event.type not in self.event_types:
            return None
        if isinstance(event, StatusChangedEvent):
            reason = self._text(event.data.reason)
            return event.model_copy(update={"data": _with(event.data, reason=reason)})
        if isinstance(event, TrainingErrorEvent):
            log_tail = event.data.log_tail if self._share.with_log else []
            message, hint = self._discretion.text(event.data.message), self._text(event.data.hint)
            said = _with(event.data, message=message, hint=hint, log_tail=log_tail)
            return event.model_copy(update={"data": said})
        return event

    def _text(self, words: str | None) -> str | None:
        return self._discretion.text(words) if words else None


def shared_checkpoints(rows: Iterable[Checkpoint]) -> list[SharedCheckpoint]:
    """Where the model was saved, oldest first; several files of one step are one."""
    found: dict[tuple[int, int | str], SharedCheckpoint] = {}
    for row in rows:
        view = SharedCheckpoint.of(row)
        key = (row.attempt, row.id if row.step is None else row.step)
        known = found.setdefault(key, view)
        known.is_best = known.is_best or view.is_best
        known.metrics |= view.metrics
    return list(found.values())


def _settings(run: Run) -> dict[str, Any]:
    """What was asked of the training; where it runs is its owner's business."""
    resources = dict(run.spec.get("resources") or {})
    resources.pop("target", None)
    return run.spec | {"resources": resources}


def _with(data: T, **changes: Any) -> T:
    return data.model_copy(update=changes)
