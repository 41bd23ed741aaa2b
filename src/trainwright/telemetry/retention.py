"""Which checkpoints of a run are kept when it has ended, and the removal of the others."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from trainwright.files import contained, storage_error
from trainwright.frameworks import registry as frameworks
from trainwright.frameworks.base import CanResume
from trainwright.job.records import write_record
from trainwright.settings import Home
from trainwright.spec.errors import InvalidRequestError, NotFoundError, TrainwrightError
from trainwright.spec.rundir import Kept, RunDir
from trainwright.spec.status import TERMINAL
from trainwright.store.database import Database
from trainwright.store.models import Checkpoint, Run
from trainwright.store.repositories import Attempts, Checkpoints, Settings
from trainwright.store.repositories.attempts import attempt_horizons, is_given_up
from trainwright.store.repositories.events import lock_run
from trainwright.store.repositories.mirror import Mirrored
from trainwright.telemetry.deletion import remove_tree

KEEP_CHECKPOINTS = "keep_checkpoints"
"""The setting: how many of the last checkpoints stay, besides the best; 0 keeps all."""
DEFAULT_KEEP_CHECKPOINTS = 3

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Excess:
    """A checkpoint, a file or a folder, that retention does not keep.

    Attributes:
        path: Relative to the run directory.
        bytes: Its size.
        rows: The rows that speak of it.
    """

    path: str
    bytes: int
    rows: tuple[str, ...]


class Retention:
    """Keeps of a run that has ended what is still of use, and removes its other checkpoints.

    That is the best one, the last few, those a person wants kept, and the one it would be resumed
    from; of steps that were given up, only what a person wants kept. While a run is under way, its
    checkpoints are its trainer's.

    Args:
        database: Where the rows are.
        home: Where the files are.
    """

    def __init__(self, database: Database, home: Home) -> None:
        self._database = database
        self._home = home

    def candidates(self, owner_id: str | None = None) -> Sequence[str]:
        """Ended runs that have more checkpoints than retention keeps, of one owner or of all."""
        with self._database.session(write=False) as session:
            keep = _keep(session)
            query = (
                select(Run.id)
                .join(Checkpoint, Checkpoint.run_id == Run.id)
                .where(
                    Run.deleted_at.is_(None),
                    Run.status.in_(TERMINAL),
                    Checkpoint.deleted_at.is_(None),
                )
                .group_by(Run.id)
                .having(func.count(Checkpoint.path.distinct()) > keep)
            )
            if owner_id is not None:
                query = query.where(Run.owner_id == owner_id)
            return session.scalars(query).all() if keep else []

    def excess(self, run_id: str) -> list[Excess]:
        """What would be removed of a run."""
        with self._database.session(write=False) as session:
            run = session.get(Run, run_id)
            return [] if run is None else self._excess(session, run)

    def apply(self, run_id: str) -> list[Excess]:
        """Remove what retention does not keep of a run; its row is locked meanwhile.

        Raises:
            NotFoundError: There is no such run.
            StorageError: A file cannot be removed.
        """
        with self._database.session() as session:
            run = lock_run(session, run_id)
            found = self._excess(session, run)
            for one in found:
                self._remove(run_id, one.path)
                for row in one.rows:
                    Checkpoints(session).forget(row)
            if found:
                session.flush()
                Mirrored(session).mark_due(run_id)
        return found

    def apply_to_all(self) -> None:
        """Remove what is not kept of any ended run; what fails is tried the next time."""
        for run_id in self.candidates():
            try:
                self.apply(run_id)
            except TrainwrightError as error:
                _log.warning("checkpoints of run %s were left alone: %s", run_id, error)

    def pin(self, run_id: str, step: int, *, kept: bool) -> Sequence[Checkpoint]:
        """Keep the checkpoints of a step whatever retention says, or no longer.

        The trainer is told, too, so that it does not make room by removing them.

        Raises:
            NotFoundError: The run has none of that step (any more).
            StorageError: The trainer cannot be told; nothing is changed.
        """
        with self._database.session() as session:
            lock_run(session, run_id)
            all_rows = Checkpoints(session).list(run_id)
            rows = [row for row in all_rows if row.step == step]
            if not rows:
                raise NotFoundError(
                    f"run {run_id} has no checkpoint of step {step}",
                    field="step",
                    mend=f"trainwright runs show {run_id}",
                )
            for row in rows:
                row.kept = kept
            session.flush()
            Mirrored(session).mark_due(run_id)
            run = RunDir(self._home.runs / run_id)
            if run.path.is_dir():
                steps = {row.step for row in all_rows if row.kept and row.step is not None}
                write_record(run.kept, Kept(steps=sorted(steps)))
        return rows

    def _excess(self, session: Session, run: Run) -> list[Excess]:
        keep = _keep(session)
        if not keep or not run.status.is_terminal:
            return []
        by_path: dict[str, list[Checkpoint]] = {}
        for row in Checkpoints(session).list(run.id):
            by_path.setdefault(row.path, []).append(row)
        horizons = attempt_horizons(session, run.id)
        newest = sorted((rows[-1] for rows in by_path.values()), key=_place)
        current = [r for r in newest if not is_given_up(horizons, r.attempt, r.step)]
        last = list(dict.fromkeys(_step(row) for row in reversed(current)))[:keep]
        spared = {row.path for row in current if _step(row) in last}
        spared |= {path for path, rows in by_path.items() if any(r.is_best or r.kept for r in rows)}
        best = {r.step for rows in by_path.values() for r in rows if r.is_best} - {None}
        spared |= {row.path for row in current if row.step in best}
        try:
            points = [self._resume_point(run), Attempts(session).goes_on_from(run.id)]
            spared |= {point for point in points if point is not None}
        except TrainwrightError:
            return []  # nobody can say what the run would go on from
        return [
            Excess(row.path, self._bytes(run.id, row), tuple(one.id for one in by_path[row.path]))
            for row in newest
            if not any(_touch(row.path, path) for path in spared)
            and self._is_in_the_run(run.id, row.path)
        ]

    def _resume_point(self, run: Run) -> str | None:
        if not run.status.is_resumable:
            return None
        adapter = frameworks.get(run.run_spec.framework)
        if not isinstance(adapter, CanResume):
            return None
        return adapter.find_resume_point(RunDir(self._home.runs / run.id))

    def _is_in_the_run(self, run_id: str, path: str) -> bool:
        """A trainer's own folder, where it may name files too, is not the platform's."""
        try:
            found = contained(self._home.runs / run_id, path)
        except InvalidRequestError:
            return False
        return found != (self._home.runs / run_id).resolve()

    def _bytes(self, run_id: str, row: Checkpoint) -> int:
        """What its removal frees: nothing, where its trainer has removed it already."""
        return row.size if (self._home.runs / run_id / row.path).exists() else 0

    def _remove(self, run_id: str, path: str) -> None:
        found = self._home.runs / run_id / path
        try:
            if found.is_dir() and not found.is_symlink():
                remove_tree(found)
            else:
                found.unlink(missing_ok=True)
        except OSError as error:
            raise storage_error(found, error) from error


def _keep(session: Session) -> int:
    return int(Settings(session).get(KEEP_CHECKPOINTS, DEFAULT_KEEP_CHECKPOINTS))


def _step(row: Checkpoint) -> int | str:
    """What files of one step have in common; one without a step stands alone."""
    return row.path if row.step is None else row.step


def _place(row: Checkpoint) -> tuple[int, float, str]:
    return (-1 if row.step is None else row.step, row.created_at.timestamp(), row.path)


def _touch(one: str, other: str) -> bool:
    """Whether two paths are the same, or one lies in the other."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
