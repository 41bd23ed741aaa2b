"""Bringing a backup back: verified first, put together beside the home, then moved into place."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from trainwright.backup.manifest import DATABASE, HOME, Manifest
from trainwright.backup.settle import settle
from trainwright.backup.sinks import beside, discard, fresh, sync
from trainwright.backup.sources import unpack, verify
from trainwright.files import storage_error
from trainwright.job.lock import held
from trainwright.platform import find_platform, parts_left
from trainwright.settings import Home, Settings
from trainwright.spec.errors import ConflictError, InvalidRequestError, UnavailableError
from trainwright.spec.events import utc_now
from trainwright.spec.rundir import RunDir
from trainwright.store import Database
from trainwright.store.migrations import REVISIONS
from trainwright.store.sqlite import check_sound
from trainwright.store.transfer import check_empty, copy_database, write_portable

_LEFT_BY_A_LOOK = frozenset({"logs", "cache"})


@dataclass(frozen=True)
class Restored:
    """A platform that was brought back.

    Attributes:
        home: Where it is.
        manifest: What the backup said of itself.
        aside: Where what was there before is now.
        ended: Runs that were under way in the backup: they have failed, and can be resumed.
    """

    home: Path
    manifest: Manifest
    aside: Path | None
    ended: list[str]


def restore(settings: Settings, path: Path, *, force: bool = False) -> Restored:
    """Bring a backup back into a home, and into the database that its settings name.

    Args:
        settings: Where the home and the database are.
        path: The archive or folder.
        force: Set a home and rows that are there aside, instead of refusing.

    Raises:
        NotFoundError: There is no backup.
        BackupError: It is damaged.
        UnavailableError: A newer version made it, or the database cannot be reached.
        InvalidRequestError: The home is a mount point.
        ConflictError: The home is in use, or has something in it and `force` is not said.
        StorageError: The disk is full, or cannot be written.
    """
    home = Home(settings.home.path.resolve())
    if home.path.is_mount():
        raise InvalidRequestError(
            f"{home.path} is a disk of its own, which nothing can be moved into the place of",
            field="home",
            expected="a folder on it",
            mend=f"trainwright restore {quote(str(path))} --into {quote(str(home.path / 'home'))}",
        )
    other = _other_database(settings)
    try:
        home.path.parent.mkdir(parents=True, exist_ok=True)
        check_free(settings, home)
        if not force:
            again = f"{quote(str(path))} --into {quote(str(home.path))}"
            mend = f"trainwright restore {again} --force  (what is there now is kept aside)"
            check_empty_home(home, other, mend)
        manifest = verify(path, shutil.disk_usage(home.path.parent).free)
        _check_schema(manifest)
        staging = fresh(home.path)
        staging.mkdir(mode=0o700)
        unpack(path, manifest, staging)
        ended = settle(staging / DATABASE, Path(manifest.home), home.path)
        aside = _install(staging, home.path, other, force=force)
    except OSError as error:
        raise storage_error(home.path, error) from error
    finally:
        discard(beside(home.path))
        if other is not None:
            other.dispose()
    return Restored(home.path, manifest, aside, ended)


def check_free(settings: Settings, home: Home) -> None:
    """Refuse a home that somebody uses.

    Raises:
        ConflictError: A platform or a training runs on it.
    """
    if find_platform(settings) or parts_left(home):
        raise ConflictError(f"a platform runs on {home.path}", mend="trainwright down")
    for folder in home.runs.glob("*"):
        if held(RunDir(folder).path / "agent.lock"):
            raise ConflictError(
                f"run {folder.name} trains in {home.path}",
                expected="a home that nothing trains in",
                mend=f"trainwright runs stop {folder.name}",
            )


def check_empty_home(home: Home, other: Database | None, mend: str) -> None:
    """Refuse a home that would be lost.

    Raises:
        ConflictError: There is something in it, or in its database.
    """
    if _has_contents(home.path):
        raise ConflictError(
            f"there is something in {home.path}", expected="an empty home", mend=mend
        )
    if other is not None and other.current() is not None:
        with other.session(write=False) as session:
            check_empty(other, session.connection(), mend=mend)


def _other_database(settings: Settings) -> Database | None:
    """The database, where it is no file of the home."""
    database = Database(settings.database)
    if database.url.database == str(settings.home.database):
        database.dispose()
        return None
    return database


def _has_contents(home: Path) -> bool:
    if not home.is_dir():
        return home.exists()
    return any(p.suffix != ".lock" and p.name not in _LEFT_BY_A_LOOK for p in home.iterdir())


def _check_schema(manifest: Manifest) -> None:
    if manifest.schema_revision not in REVISIONS:
        raise UnavailableError(
            f"the backup has schema {manifest.schema_revision}, of trainwright {manifest.version}",
            expected=f"schema {REVISIONS[-1]} or older",
            mend="pip install --upgrade trainwright",
        )


def _install(staging: Path, home: Path, other: Database | None, *, force: bool) -> Path | None:
    """Move what was put together into place; where what was there before is now."""
    made, rows = staging / HOME.rstrip("/"), staging / DATABASE
    made.mkdir(mode=0o700, exist_ok=True)
    made.chmod(0o700)
    aside = home.with_name(f"{home.name}.before-{utc_now():%Y%m%dT%H%M%SZ}")
    check_sound(rows)
    if other is None:
        rows.rename(made / Home(home).database.name)
    else:
        _move_rows(rows, other, aside, force=force)
    sync(made)
    if _has_contents(home):
        if aside.exists():
            (aside / DATABASE).rename(home / DATABASE)
            aside.rmdir()
        home.rename(aside)
    else:
        discard(home)
    made.rename(home)
    sync(home.parent)
    return aside if aside.exists() else None


def _move_rows(rows: Path, other: Database, aside: Path, *, force: bool) -> None:
    if force and other.current() is not None:
        other.upgrade()
        aside.mkdir(mode=0o700)
        write_portable(other, aside / DATABASE)
    source = Database(f"sqlite:///{rows}")
    try:
        copy_database(source, other, replace=force)
    finally:
        source.dispose()
