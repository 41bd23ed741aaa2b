"""Deleting runs: into the trash, back out of it, and for good in steps that can be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import EventRow, MetricPoint, MetricSeries, Run
from trainwright.store.repositories.base import Repository
from trainwright.store.repositories.events import lock_run, no_run
from trainwright.store.repositories.rollups import Rollups

PORTION = 20_000
"""Rows removed in one transaction, so that other writers get their turn."""


class Deletions(Repository):
    """A run in the trash is found in the trash alone; one that is being purged, nowhere."""

    def trash(self, run_id: str) -> Run:
        """Put a run into the trash. Its agent, if one still lives, is not let in from there.

        Raises:
            NotFoundError: There is no such run, or it is in the trash already.
            ConflictError: It has not ended.
        """
        run = lock_run(self.session, run_id)
        check_ended(run)
        run.deleted_at = utc_now()
        return run

    def restore(self, run_id: str) -> Run:
        """Take a run out of the trash.

        Raises:
            NotFoundError: It is not there, or is being removed for good.
        """
        run = self._locked(run_id)
        if run is None or run.deleted_at is None or run.purging_at is not None:
            raise NotFoundError(
                f"there is no run {run_id!r} in the trash",
                field="run",
                mend="trainwright runs list --trashed",
            )
        run.deleted_at = None
        return run

    def expired(self, before: datetime) -> Sequence[str]:
        """Runs that went into the trash before a moment."""
        query = select(Run.id).where(Run.deleted_at < before, Run.purging_at.is_(None))
        return self.session.scalars(query).all()

    def mark(self, run_id: str) -> bool:
        """Begin to remove a run for good, from the trash or from where it was.

        Returns:
            Whether it was in the trash.

        Raises:
            NotFoundError: There is no such run, or it is being removed.
            ConflictError: It has not ended.
        """
        run = self._locked(run_id)
        if run is None or run.purging_at is not None:
            raise no_run(run_id)
        check_ended(run)
        trashed = run.deleted_at is not None
        run.purging_at = utc_now()
        run.deleted_at = run.deleted_at or run.purging_at
        run.agent_token_hash = None
        return trashed

    def unmark(self, run_id: str, *, trashed: bool) -> None:
        """Show the run again, in the trash or not, as it could not be removed."""
        if run := self._marked(run_id):
            run.purging_at = None
            run.deleted_at = run.deleted_at if trashed else None

    def marked(self) -> Sequence[str]:
        """Runs whose removal for good has begun."""
        return self.session.scalars(select(Run.id).where(Run.purging_at.is_not(None))).all()

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

    def _locked(self, run_id: str) -> Run | None:
        return self.session.get(Run, run_id, with_for_update=True, populate_existing=True)

    def _marked(self, run_id: str) -> Run | None:
        run = self._locked(run_id)
        return run if run is not None and run.purging_at is not None else None

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
