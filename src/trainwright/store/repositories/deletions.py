"""Deleting runs: marked first, so that what a crash interrupts can be finished later."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from trainwright.spec.errors import ConflictError
from trainwright.spec.events import utc_now
from trainwright.store.models import EventRow, MetricPoint, MetricSeries, Run
from trainwright.store.repositories.base import Repository
from trainwright.store.repositories.events import lock_run
from trainwright.store.repositories.rollups import Rollups

PORTION = 20_000
"""Rows removed in one transaction, so that other writers get their turn."""


class Deletions(Repository):
    """A marked run is gone for everybody else: it is not found, listed or written to any more."""

    def mark(self, run_id: str) -> None:
        """Begin to delete a run. Its agent, if one still lives, is let in no more.

        Raises:
            NotFoundError: There is no such run, or it is being deleted.
            ConflictError: It has not ended.
        """
        run = lock_run(self.session, run_id)
        check_ended(run)
        run.deleted_at, run.agent_token_hash = utc_now(), None

    def unmark(self, run_id: str) -> None:
        """Show the run again, as it could not be deleted."""
        if run := self._marked(run_id):
            run.deleted_at = None

    def marked(self) -> Sequence[str]:
        """Runs whose deletion has begun."""
        return self.session.scalars(select(Run.id).where(Run.deleted_at.is_not(None))).all()

    def remove_some(self, run_id: str, portion: int = PORTION) -> bool:
        """Remove some rows of a marked run, those it has many of first.

        Returns:
            Whether there is more: with False, nothing is left of the run.
        """
        run = self._marked(run_id)
        if run is None:
            return False
        if not self._remove_points(run_id, portion) and not self._remove_events(run_id, portion):
            self.session.expunge(run)
            self.session.execute(delete(Run).where(Run.id == run_id))
            return False
        return True

    def _marked(self, run_id: str) -> Run | None:
        run = self.session.get(Run, run_id, with_for_update=True, populate_existing=True)
        return run if run is not None and run.deleted_at is not None else None

    def _remove_points(self, run_id: str, portion: int) -> bool:
        """Whole series while they fit, and of a longer one its end."""
        of_run = select(MetricSeries).where(MetricSeries.run_id == run_id)
        series = self.session.scalars(of_run.order_by(MetricSeries.id).limit(portion)).all()
        left = portion
        whole: list[int] = []
        for one in series:
            if one.next_seq > left:
                if not whole:
                    self._remove_end(one, portion)
                break
            whole.append(one.id)
            left -= one.next_seq
        self.session.execute(delete(MetricSeries).where(MetricSeries.id.in_(whole)))
        return bool(series)

    def _remove_end(self, series: MetricSeries, portion: int) -> None:
        series.next_seq -= portion
        series.rolled = Rollups(self.session).cut(series.id, series.rolled, series.next_seq)
        self.session.execute(
            delete(MetricPoint).where(
                MetricPoint.series_id == series.id, MetricPoint.seq >= series.next_seq
            )
        )

    def _remove_events(self, run_id: str, portion: int) -> bool:
        of_run = EventRow.run_id == run_id
        first = self.session.scalar(select(func.min(EventRow.seq)).where(of_run))
        if first is None:
            return False
        self.session.execute(delete(EventRow).where(of_run, EventRow.seq < first + portion))
        return True


def check_ended(run: Run) -> None:
    """Raise `ConflictError` unless the run may be deleted."""
    if not run.status.is_terminal:
        raise ConflictError(
            f"run {run.name} is {run.status}; stop it before deleting it",
            field="status",
            expected="a run that has ended",
            mend=f"trainwright runs stop {run.id}",
        )
