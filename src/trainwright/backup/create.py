"""Making a backup, also of a platform that is at work."""

from __future__ import annotations

import glob
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from trainwright import __version__
from trainwright.backup.manifest import DATABASE, FORMAT, HOME, Manifest, Part
from trainwright.backup.mirrored import add_mirrored
from trainwright.backup.selection import Selection
from trainwright.backup.sinks import Recorder, discard, fresh, opened
from trainwright.settings import Home, Settings
from trainwright.spec.errors import InvalidRequestError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.spec.status import RunStatus
from trainwright.store import Database
from trainwright.store.models import Run
from trainwright.store.models.runs import MirroredFile
from trainwright.store.sqlite import copy_online, stand_alone
from trainwright.store.transfer import write_portable


@dataclass(frozen=True)
class Created:
    """A backup that was made.

    Attributes:
        path: The archive or folder.
        manifest: What is in it.
    """

    path: Path
    manifest: Manifest

    @property
    def bytes(self) -> int:
        """What it holds, unpacked."""
        return sum(member.bytes for member in self.manifest.members.values())


def create(
    settings: Settings, path: Path, parts: Collection[Part] = (), *, objects: bool = True
) -> Created:
    """Back up a home and its database as they are at one moment, while both are in use.

    Rows are read first: what files have beyond them is not missed by anybody.

    Args:
        settings: Where both are.
        path: A new file NAME.tar.zst, or a new folder; outside of the home.
        parts: What to take along beyond what always is.
        objects: Fetch what the home has lost, and its mirror in an object store still has.

    Raises:
        NotFoundError: There is no home.
        InvalidRequestError: The backup would lie in the home.
        ConflictError: There is something at `path`.
        StorageError: It cannot be written, or the database is damaged.
        UnavailableError: The database cannot be reached, or has an older schema; or the object
            store cannot be reached.
    """
    home, path = settings.home, path.absolute()
    _check_places(home, path)
    with opened(path) as sink:
        recorder = Recorder(sink)
        created_at = utc_now()
        known = _add_rows(settings, recorder, path)
        selection = Selection(home, parts, known.unfinished, known.open)
        for found in selection.files():
            recorder.add(f"{HOME}{found.name}", found.path, growing=found.growing)
        add_mirrored(settings, known.mirrored, selection, recorder, path, objects=objects)
        manifest = Manifest(
            format=FORMAT,
            version=__version__,
            schema_revision=known.revision,
            created_at=created_at,
            home=str(home.path),
            parts=sorted(set(parts)),
            runs=known.count,
            open_runs=sorted(known.open),
            left_out=selection.left_out,
            members=recorder.members,
        )
        recorder.end(manifest)
    return Created(path, manifest)


def _add_rows(settings: Settings, recorder: Recorder, path: Path) -> _Runs:
    """Rows go through a file of their own, on the disk that is to take the backup."""
    rows = fresh(path.with_name(f"{path.name}.rows"))
    try:
        copy_rows(settings, rows)
        known = _Runs.of(rows)
        recorder.add(DATABASE, rows)
    finally:
        for file in rows.parent.glob(f"{glob.escape(rows.name)}*"):
            discard(file)
    return known


def copy_rows(settings: Settings, path: Path) -> None:
    """All rows as they are now, as one SQLite file, whatever engine they are in.

    Raises:
        NotFoundError: There is no database.
        StorageError: It is damaged, or the file cannot be written.
        UnavailableError: It cannot be reached, or has an older schema.
    """
    database = Database(settings.database)
    try:
        if database.dialect != "sqlite":
            write_portable(database, path)
            return
        source = Path(database.url.database or "")
        if not source.is_file():
            raise _nothing(settings.home)
        copy_online(source, path)
    finally:
        database.dispose()


@dataclass(frozen=True)
class _Runs:
    """What a backup's rows say of runs, and their schema."""

    revision: str
    count: int
    unfinished: frozenset[str]
    open: frozenset[str]
    mirrored: Sequence[MirroredFile]

    @classmethod
    def of(cls, rows: Path) -> _Runs:
        database = Database(f"sqlite:///{rows}")
        try:
            with database.session(write=False) as session:
                found = session.execute(select(Run.id, Run.status))
                status = {row.id: row.status for row in found}
                mirrored = _mirrored(session)
            revision = database.current() or ""
        finally:
            database.dispose()
        stand_alone(rows)
        under_way = frozenset(run for run, one in status.items() if not one.is_terminal)
        paused = frozenset(run for run, one in status.items() if one is RunStatus.PAUSED)
        return cls(revision, len(status), under_way | paused, under_way, mirrored)


def _mirrored(session: Session) -> Sequence[MirroredFile]:
    # a database that nobody has opened with this version yet is backed up as it is
    if not inspect(session.connection()).has_table(MirroredFile.__tablename__):
        return ()
    order = (MirroredFile.run_id, MirroredFile.path)
    return session.scalars(select(MirroredFile).order_by(*order)).all()


def _check_places(home: Home, path: Path) -> None:
    if not home.path.is_dir():
        raise _nothing(home)
    if path.resolve().is_relative_to(home.path.resolve()):
        raise InvalidRequestError(
            f"{path} lies in the home that it would be a backup of",
            field="path",
            expected="a place outside, best on another disk",
        )


def _nothing(home: Home) -> NotFoundError:
    return NotFoundError(
        f"there is nothing to back up in {home.path}", mend="trainwright doctor", field="home"
    )
