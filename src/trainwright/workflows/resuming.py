"""Where a run goes on from: the checkpoint that somebody chose, or the last one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from trainwright.files import contained
from trainwright.frameworks import registry as frameworks
from trainwright.frameworks.base import CanResume, CanResumeFrom
from trainwright.job.checkpoint_files import digest, look_at
from trainwright.settings import Home
from trainwright.spec import ConflictError, InvalidRequestError, NotFoundError, TrainwrightError
from trainwright.spec.rundir import RunDir
from trainwright.store.database import Database
from trainwright.store.models import Checkpoint, Run
from trainwright.store.repositories import Attempts, Checkpoints, Runs
from trainwright.store.repositories.attempts import attempt_horizons, is_given_up
from trainwright.store.repositories.mirror import Mirrored

_SHOWN = 10


@dataclass(frozen=True)
class Standing:
    """A checkpoint that was saved, and what has become of it.

    Attributes:
        row: As it was saved.
        is_present: Its file is there, or the object store can bring it back.
        is_given_up: A later attempt went back behind its step.
        can_resume: It is there, and training can go on from what is in it.
    """

    row: Checkpoint
    is_present: bool
    is_given_up: bool
    can_resume: bool


def standings(session: Session, home: Home, run: Run) -> list[Standing]:
    """Every checkpoint of a run, oldest first; files are looked at, not read."""
    rows = Checkpoints(session).list(run.id)
    newest = {row.path: row.id for row in rows}
    horizons = attempt_horizons(session, run.id)
    mirrored = {(path, m.sha256) for path, m in Mirrored(session).files(run.id).items()}
    resumes_from = _judge(run)
    found = []
    for row in rows:
        there = newest[row.path] == row.id and (
            _is_there(home, run.id, row) or (row.path, row.sha256) in mirrored
        )
        given_up = is_given_up(horizons, row.attempt, row.step)
        found.append(Standing(row, there, given_up, there and resumes_from(row.path)))
    return found


def choose(
    database: Database, home: Home, run_id: str, wanted: str | int, *, as_clone: bool = False
) -> str | None:
    """The checkpoint that somebody means, found to be whole.

    Args:
        database: Where checkpoints are known.
        home: Where their files are.
        run_id: The run.
        wanted: A step, `best`, `last`, or a checkpoint's name or path.
        as_clone: Another run is to start from it, so that also steps that were given up will do.

    Returns:
        Its path in the run directory; `None` for `last`, which is found when it is needed.

    Raises:
        NotFoundError: The run has none like it, or it has been removed.
        ConflictError: It is damaged, holds too little, or is of steps that were given up.
    """
    if wanted == "last" and not as_clone:
        return None
    with database.session(write=False) as session:
        run = Runs(session).get(run_id)
        known = standings(session, home, run)
        removed = Checkpoints(session).list(run_id, include_deleted=True)
    asker = _Asker(run, known, as_clone=as_clone)
    fitting = [s for s in known if _fits(wanted, s.row, known)]
    if not fitting:
        raise asker.unknown(wanted, was_there=any(_fits(wanted, row, known) for row in removed))
    if not as_clone and all(s.is_given_up for s in fitting):
        raise asker.given_up(wanted, fitting[0].row)
    usable = [s.row for s in fitting if s.can_resume and (as_clone or not s.is_given_up)]
    if not usable:
        there = any(s.is_present for s in fitting)
        raise asker.too_little(fitting[0].row) if there else asker.gone(wanted)
    # a file of a step's own stays what it is; the last one is written over again and again
    chosen = min(usable, key=lambda row: sum(row.path == s.row.path for s in known))
    if _is_there(home, run_id, chosen) and not _is_whole(home, run_id, chosen):
        raise asker.damaged(chosen)
    return chosen.path


def starting_point(database: Database, run: Run, directory: RunDir) -> str | None:
    """The checkpoint that a run's present attempt goes on from, relative to its directory.

    Raises:
        ConflictError: The one that was chosen is not there any more.
    """
    adapter = frameworks.get(run.run_spec.framework)
    with database.session(write=False) as session:
        asked = Attempts(session).get(run.id, run.attempt).resumed_from
        standing = Attempts(session).goes_on_from(run.id)
    chosen = asked or standing
    if chosen and (directory.path / chosen).exists():
        return chosen
    if asked:
        raise ConflictError(
            f"the checkpoint {asked} that the run was to go on from is gone",
            expected="a checkpoint that is there",
            mend=f"trainwright runs show {run.id}",
        )
    if run.attempt > 1 and isinstance(adapter, CanResume):
        return adapter.find_resume_point(directory)
    return None


def bring_from_parent(database: Database, home: Home, run: Run) -> None:
    """Put the checkpoint that a clone starts from into its directory.

    Raises:
        ConflictError: The parent has it no more.
    """
    with database.session(write=False) as session:
        wanted = Attempts(session).get(run.id, run.attempt).resumed_from
    if run.attempt > 1 or wanted is None or run.parent_id is None:
        return
    source = contained(home.runs / run.parent_id, wanted)
    target = contained(home.runs / run.id, wanted)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    try:
        _copy(source, fresh)
        fresh.replace(target)
    except FileNotFoundError:
        raise ConflictError(
            f"run {run.parent_id} has the checkpoint {wanted} no more, which this run starts from",
            expected="a checkpoint that is there",
            mend=f"trainwright runs show {run.parent_id}",
        ) from None


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        return
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)  # checkpoints are replaced, never written into
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)


def _judge(run: Run) -> Callable[[str], bool]:
    try:
        adapter = frameworks.get(run.run_spec.framework)
    except TrainwrightError:  # the framework is not installed any more
        return lambda _path: False
    return adapter.resumes_from if isinstance(adapter, CanResumeFrom) else lambda _path: False


def _is_there(home: Home, run_id: str, row: Checkpoint) -> bool:
    try:
        found = look_at(contained(home.runs / run_id, row.path))
    except InvalidRequestError:
        return False  # a trainer's own folder is not the platform's
    return found is not None and (found.path.is_dir() or found.stamp[0] == row.size)


def _is_whole(home: Home, run_id: str, row: Checkpoint) -> bool:
    found = look_at(contained(home.runs / run_id, row.path))
    try:
        return found is not None and digest(found) == row.sha256
    except OSError:
        return False


def _fits(wanted: str | int, row: Checkpoint, known: Sequence[Standing]) -> bool:
    if wanted == "best":
        best = [s.row for s in known if s.row.is_best]
        return any(row is one or (one.step is not None and row.step == one.step) for one in best)
    if wanted == "last":
        steps = [s.row.step for s in known if s.row.step is not None and not s.is_given_up]
        return row.step == max(steps) if steps else row is known[-1].row
    if isinstance(wanted, int) or wanted.isdecimal():
        return row.step == int(wanted)
    name = Path(row.path)
    return wanted in (row.path, name.name, name.stem)


@dataclass(frozen=True)
class _Asker:
    """The answers to a choice that cannot be met: what there is instead, and the command for it."""

    run: Run
    known: Sequence[Standing]
    as_clone: bool

    def unknown(self, wanted: str | int, *, was_there: bool) -> NotFoundError:
        if was_there:
            return self.gone(wanted)
        return NotFoundError(
            f"run {self.run.name} has no checkpoint {wanted!r}",
            field="checkpoint",
            expected=self._choices(),
            mend=self._mend(),
        )

    def gone(self, wanted: str | int) -> NotFoundError:
        return NotFoundError(
            f"the checkpoint {wanted!r} of run {self.run.name} is gone: it was replaced by a later "
            "one, or removed",
            field="checkpoint",
            expected=self._choices(),
            mend=self._mend(),
        )

    def damaged(self, row: Checkpoint) -> ConflictError:
        return ConflictError(
            f"{row.path} of run {self.run.name} is damaged: it is not what was saved",
            field="checkpoint",
            expected=self._choices(but=row),
            mend=self._mend(but=row),
        )

    def too_little(self, row: Checkpoint) -> ConflictError:
        return ConflictError(
            f"training cannot go on from {row.path}: it does not hold all that it takes",
            field="checkpoint",
            expected=self._choices(),
            mend=self._mend(),
        )

    def given_up(self, wanted: str | int, row: Checkpoint) -> ConflictError:
        return ConflictError(
            f"the checkpoint {wanted!r} of run {self.run.name} is of attempt {row.attempt}, whose "
            "steps were given up when a later attempt went back behind them",
            field="checkpoint",
            expected="a clone that starts from it, or " + self._choices(),
            mend=f"trainwright runs clone {self.run.id} --from {wanted}",
        )

    def _usable(self, but: Checkpoint | None) -> list[Checkpoint]:
        return [
            s.row
            for s in self.known
            if s.can_resume and (self.as_clone or not s.is_given_up) and s.row is not but
        ]

    def _choices(self, but: Checkpoint | None = None) -> str:
        usable = self._usable(but)
        steps = sorted({row.step for row in usable if row.step is not None}, reverse=True)[:_SHOWN]
        names = [f"step {step}" for step in reversed(steps)] or [row.path for row in usable]
        return ", ".join(names[:_SHOWN]) or "a run with a checkpoint to go on from"

    def _mend(self, but: Checkpoint | None = None) -> str:
        usable = self._usable(but)
        if not usable:
            return f"trainwright runs clone {self.run.id}"
        last = usable[-1]
        place = Path(last.path).name if last.step is None else last.step
        if self.as_clone:
            return f"trainwright runs clone {self.run.id} --from {place}"
        return f"trainwright runs resume {self.run.id} --from {place}"
