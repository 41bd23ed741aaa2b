"""What belongs to one run: attempts, checkpoints, artifacts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from trainwright.spec import result
from trainwright.spec.errors import NotFoundError
from trainwright.spec.events import CheckpointSaved, utc_now
from trainwright.store.models import Artifact, Attempt, Checkpoint
from trainwright.store.repositories.attempts import attempt_horizons, is_given_up
from trainwright.store.repositories.base import Repository
from trainwright.store.repositories.metrics import Metrics


class Attempts(Repository):
    def get(self, run_id: str, number: int) -> Attempt:
        """One attempt.

        Raises:
            NotFoundError: The run has none of this number.
        """
        attempt = self.session.get(Attempt, (run_id, number))
        if attempt is None:
            raise NotFoundError(f"run {run_id} has no attempt {number}", field="attempt")
        return attempt

    def list(self, run_id: str) -> Sequence[Attempt]:
        query = select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.number)
        return self.session.scalars(query).all()

    def starts_after(self, run_id: str, number: int, step: int) -> None:
        """Note that an attempt goes on after `step`; what earlier ones did beyond it is void."""
        attempt = self.get(run_id, number)
        if attempt.start_step != step:
            before = attempt.start_step
            attempt.start_step = step
            self.session.flush()
            beyond = step if before is None else min(step, before)
            Metrics(self.session).supersede(run_id, number, beyond)
            Checkpoints(self.session).give_up(run_id)

    def goes_on_from(self, run_id: str) -> str | None:
        """The checkpoint that a run stands on: it went on from there and has saved none since.

        Whatever else lies in its directory is of steps that were given up.
        """
        saved = select(Checkpoint.attempt).where(Checkpoint.run_id == run_id)
        last = max(self.session.scalars(saved), default=0)
        since = [a for a in self.list(run_id) if a.number > last and a.resumed_from]
        return since[-1].resumed_from if since else None


class Checkpoints(Repository):
    def save(
        self,
        run_id: str,
        attempt: int,
        saved: CheckpointSaved,
    ) -> Checkpoint:
        """Keep a checkpoint; the same file saved again is one row. A new best takes the mark."""
        query = select(Checkpoint).where(
            Checkpoint.run_id == run_id,
            Checkpoint.path == saved.path,
            Checkpoint.sha256 == saved.sha256,
        )
        row = self.session.scalar(query)
        if row is None:
            row = Checkpoint(run_id=run_id, path=saved.path, sha256=saved.sha256)
            self.session.add(row)
        data = saved.model_dump(mode="json", include={"metrics"})
        row.attempt, row.size, row.step, row.epoch = attempt, saved.size, saved.step, saved.epoch
        row.metrics, row.deleted_at = data["metrics"], None
        row.created_at = utc_now()  # of several files of one path, the last one is there
        self.session.flush()
        if saved.is_best:
            self.mark_best(run_id, row.id)
        return row

    def mark_best(self, run_id: str, checkpoint_id: str) -> None:
        """Make one checkpoint the run's best, and no other."""
        self.session.execute(
            update(Checkpoint)
            .where(Checkpoint.run_id == run_id)
            .values(is_best=Checkpoint.id == checkpoint_id)
        )

    def give_up(self, run_id: str) -> None:
        """No checkpoint of steps that were given up is the best one."""
        horizons = attempt_horizons(self.session, run_id)
        for row in self.list(run_id):
            if row.is_best and is_given_up(horizons, row.attempt, row.step):
                row.is_best = False
        self.session.flush()

    def list(self, run_id: str, *, include_deleted: bool = False) -> Sequence[Checkpoint]:
        """Oldest first."""
        query = select(Checkpoint).where(Checkpoint.run_id == run_id)
        if not include_deleted:
            query = query.where(Checkpoint.deleted_at.is_(None))
        return self.session.scalars(query.order_by(Checkpoint.created_at, Checkpoint.id)).all()

    def best(self, run_id: str) -> Checkpoint | None:
        """The one marked best, or the last."""
        rows = self.list(run_id)
        return next((c for c in rows if c.is_best), rows[-1] if rows else None)

    def forget(self, checkpoint_id: str) -> None:
        """Note that the file is gone."""
        self.session.get_one(Checkpoint, checkpoint_id).deleted_at = utc_now()


class Artifacts(Repository):
    def put(self, run_id: str, found: Sequence[result.Artifact]) -> Sequence[Artifact]:
        """Keep what the run left; a path kept before is brought up to date."""
        known = {a.path: a for a in self.list(run_id)}
        for item in found:
            row = known.get(item.path) or Artifact(run_id=run_id, path=item.path)
            row.name, row.bytes, row.sha256 = item.name, item.bytes, item.sha256
            self.session.add(row)
        self.session.flush()
        return self.list(run_id)

    def list(self, run_id: str) -> Sequence[Artifact]:
        query = select(Artifact).where(Artifact.run_id == run_id).order_by(Artifact.path)
        return self.session.scalars(query).all()
