"""What a database must be told before a platform goes on with it in another place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from trainwright.spec.result import RunError
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Dataset, Run
from trainwright.store.models.runs import MirroredFile
from trainwright.store.repositories import Runs
from trainwright.store.repositories.dispatch import Dispatch
from trainwright.store.repositories.mirror import Mirrored
from trainwright.store.sqlite import check_sound, stand_alone

_WHY = "it was under way when the backup was made"


def settle(rows: Path, old_home: Path, home: Path) -> list[str]:
    """Give a restored database the newest schema, its new place, and no run that nobody runs.

    Args:
        rows: A SQLite file that nobody uses.
        old_home: Where the home was when the backup was made.
        home: Where it is to be.

    Returns:
        The runs that were under way: they have failed, and can be resumed. Those that waited for
        a slot wait on.

    Raises:
        StorageError: It is damaged, or cannot be written.
        UnavailableError: A newer version made it.
    """
    check_sound(rows)
    database = Database(f"sqlite:///{rows}")
    try:
        database.upgrade()
        with database.session() as session:
            ended = _end_open_runs(session)
            _mirror_again(session)
            if old_home != home:
                _rewrite_paths(session, f"{old_home}/", f"{home}/")
    finally:
        database.dispose()
    stand_alone(rows)
    return ended


def _end_open_runs(session: Session) -> list[str]:
    """Their processes are another home's, or nobody's: they were lost, and what is lost failed."""
    runs, ended = Runs(session), []
    for run in runs.holding():
        if run.status in (RunStatus.RUNNING, RunStatus.PAUSING):
            runs.set_status(run.id, RunStatus.LOST, reason=_WHY)
        Dispatch(session).clear(run.id)
        runs.update_fields(run.id, allocation=None)
        error = RunError(
            code="restored", message=_WHY, hint=f"trainwright runs resume {run.id}", stage="train"
        )
        runs.set_status(run.id, RunStatus.FAILED, reason=_WHY, error=error)
        ended.append(run.id)
    return ended


def _mirror_again(session: Session) -> None:
    """Have it looked at whether the object store, perhaps another one, has what the rows say."""
    with_files = select(MirroredFile.run_id).distinct()
    for run_id in session.scalars(with_files.order_by(MirroredFile.run_id)):
        Mirrored(session).mark_due(run_id)


def _rewrite_paths(session: Session, old: str, new: str) -> None:
    """Datasets that were uploaded, and runs on them, name folders of the home."""
    for dataset in session.scalars(select(Dataset).where(Dataset.uri.startswith(old))):
        dataset.uri = _moved(dataset.uri, old, new)
    for run in session.scalars(select(Run)):
        if (spec := _moved(run.spec, old, new)) != run.spec:
            run.spec, run.dataset = spec, _moved(run.dataset, old, new)


def _moved(value: Any, old: str, new: str) -> Any:
    match value:
        case str() if value.startswith(old):
            return new + value.removeprefix(old)
        case dict():
            return {key: _moved(item, old, new) for key, item in value.items()}
        case list():
            return [_moved(item, old, new) for item in value]
    return value
