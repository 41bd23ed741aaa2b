"""What the object store has of runs, and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from trainwright.spec.errors import NotFoundError
from trainwright.spec.status import TERMINAL
from trainwright.store.models import Run
from trainwright.store.models.runs import MirroredFile
from trainwright.store.objects import Stored
from trainwright.store.repositories.base import Repository


class Mirrored(Repository):
    """The outbox of the mirror (`due`), and its book."""

    def mark_due(self, run_id: str, *, due: bool = True) -> None:
        """Note that the run has left something new; or that the object store has all of it."""
        # without its `onupdate`: for whoever looks at the run, nothing has changed
        self.session.execute(
            update(Run)
            .where(Run.id == run_id)
            .values(mirror_due=due, updated_at=Run.updated_at)
            .execution_options(synchronize_session=False)
        )

    def due(self, limit: int) -> Sequence[str]:
        """Ended runs of which something is to be mirrored, the last ones first."""
        query = select(Run.id).where(
            Run.mirror_due, Run.deleted_at.is_(None), Run.status.in_(TERMINAL)
        )
        return self.session.scalars(query.order_by(Run.updated_at.desc()).limit(limit)).all()

    def files(self, run_id: str) -> dict[str, MirroredFile]:
        """What the object store has of a run, by path."""
        query = select(MirroredFile).where(MirroredFile.run_id == run_id)
        return {row.path: row for row in self.session.scalars(query)}

    def note(self, run_id: str, path: str, stored: Stored) -> None:
        """Note that a file has been mirrored.

        Raises:
            NotFoundError: The run is gone meanwhile.
        """
        run = self.session.get(Run, run_id)
        if run is None or run.purging_at is not None:
            raise NotFoundError(f"run {run_id} has been deleted")
        row = self.session.get(MirroredFile, (run_id, path)) or MirroredFile(
            run_id=run_id, path=path
        )
        row.bytes, row.sha256 = stored.size, stored.sha256
        self.session.add(row)

    def forget(self, run_id: str, path: str) -> None:
        """Note that the object store has a file no more."""
        if row := self.session.get(MirroredFile, (run_id, path)):
            self.session.delete(row)
