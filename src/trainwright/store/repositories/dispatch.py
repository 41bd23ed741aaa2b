"""The outbox between the API and the worker: attempts to start, stops and pauses to deliver."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from trainwright.spec.status import ACTIVE
from trainwright.store.models import Run
from trainwright.store.repositories.base import Repository
from trainwright.store.repositories.events import lock_run


class Dispatch(Repository):
    """What people asked for and the worker has not carried out yet."""

    def undispatched(self) -> list[Run]:
        """Runs whose present attempt has no workflow yet, oldest first."""
        # by their statuses, of which there is an index: this is asked several times a second
        query = select(Run).where(Run.status.in_(ACTIVE), Run.deleted_at.is_(None))
        query = query.where(Run.dispatched_attempt < Run.attempt)
        return [*self.session.scalars(query.order_by(Run.id))]

    def mark_dispatched(self, run_id: str, attempt: int) -> None:
        run = lock_run(self.session, run_id)
        run.dispatched_attempt = max(run.dispatched_attempt, attempt)

    def ask(self, run_id: str, request: dict[str, Any], *, pending: bool) -> Run:
        """Keep what is asked of a run: `kind` (stop, pause), `now`, `by`, `at`.

        Args:
            run_id: The run.
            request: It replaces an earlier one.
            pending: Whether the worker still has to carry it to the workflow.
        """
        run = lock_run(self.session, run_id)
        run.request, run.request_pending = request, pending
        return run

    def asked(self) -> list[Run]:
        """Runs with a request that has not been carried to their workflow."""
        query = select(Run).where(Run.request_pending, Run.deleted_at.is_(None))
        return [*self.session.scalars(query.order_by(Run.id))]

    def mark_delivered(self, run_id: str, request: dict[str, Any] | None) -> None:
        """The request was carried; one that replaced it meanwhile still has to be."""
        run = lock_run(self.session, run_id)
        if run.request == request:
            run.request_pending = False

    def clear(self, run_id: str) -> None:
        """What was asked has come true, or has no object any more."""
        run = lock_run(self.session, run_id)
        run.request, run.request_pending = None, False
