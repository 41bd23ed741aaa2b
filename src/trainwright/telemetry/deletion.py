"""Deletes runs for good: rows, files, log, objects. What a crash interrupts is finished later."""

from __future__ import annotations

import logging
import os
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trainwright.files import storage_error
from trainwright.settings import Home
from trainwright.spec.errors import (
    DiskFullError,
    StorageError,
    TrainwrightError,
    UnavailableError,
)
from trainwright.store.database import Database
from trainwright.store.objects import LocalObjects, ObjectStore, prefix_of
from trainwright.store.repositories import Deletions, Runs
from trainwright.store.repositories.deletions import check_ended
from trainwright.telemetry.logs import LogStore

_log = logging.getLogger(__name__)


class Deletion:
    """Deletes runs that have ended.

    A run is marked, its files are removed, then its rows in portions. Each step may be repeated
    by any process, so a marked run is what a crash left: `finish` takes it from there.

    Args:
        database: Where the rows are.
        home: Where the files are.
        objects: Where what runs leave is mirrored; default: in the home.
    """

    def __init__(self, database: Database, home: Home, objects: ObjectStore | None = None) -> None:
        self._database = database
        self._home = home
        self._logs = LogStore(home.run_logs)
        self._objects = objects or LocalObjects(home.objects)

    def delete(self, run_id: str) -> None:
        """Delete a run for good, from the trash too.

        Raises:
            NotFoundError: There is no such run, or it is being deleted.
            ConflictError: It has not ended.
            StorageError: A file cannot be removed; the run is still there, to be deleted again.
            UnavailableError: The same, of objects that are out of reach.
        """
        trashed = self._mark(run_id)
        try:
            self._remove_files(run_id)
        except (StorageError, UnavailableError):
            with self._database.session() as session:
                Deletions(session).unmark(run_id, trashed=trashed)
            raise
        self._remove_rows(run_id)

    def finish(self) -> None:
        """Finish every deletion that a crash interrupted; what fails is tried at the next start."""
        with self._database.session(write=False) as session:
            marked = Deletions(session).marked()
        for run_id in marked:
            try:
                self._remove_files(run_id)
                self._remove_rows(run_id)
            except TrainwrightError as error:
                _log.warning("the deletion of run %s could not be finished: %s", run_id, error)

    def _mark(self, run_id: str) -> bool:
        try:
            with self._database.session() as session:
                return Deletions(session).mark(run_id)
        except DiskFullError:
            # a full disk takes no mark before something is gone from it
            with self._database.session(write=False) as session:
                check_ended(Runs(session).get(run_id))
            self._remove_files(run_id)
            with self._database.session() as session:
                return Deletions(session).mark(run_id)

    def _remove_files(self, run_id: str) -> None:
        directory = self._home.runs / run_id
        self._objects.delete_prefix(prefix_of(run_id))
        try:
            remove_tree(directory)
            self._logs.delete(run_id)
        except OSError as error:
            raise storage_error(directory, error) from error

    def _remove_rows(self, run_id: str) -> None:
        while True:
            began = time.monotonic()
            with self._database.session() as session:
                if not Deletions(session).remove_some(run_id):
                    return
            # as long as others wait for the one write lock of SQLite, half of the time is theirs
            time.sleep(time.monotonic() - began)


def remove_tree(path: Path) -> None:
    """Remove a folder with all that is in it; of a link, the link. One that is gone is no error.

    Raises:
        OSError: Something in it cannot be removed.
    """
    if path.is_symlink():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, onerror=_retry_opened)


def _retry_opened(remove: Callable[..., Any], name: str, info: tuple[Any, Any, Any]) -> None:
    """Trainers may leave folders that nobody may enter or change; others may delete beside us."""
    error = info[1]
    if isinstance(error, FileNotFoundError):
        return
    if not isinstance(error, PermissionError):
        raise error
    os.chmod(Path(name).parent, stat.S_IRWXU)  # noqa: PTH101
    if remove in (os.unlink, os.rmdir):
        remove(name)
    else:
        os.chmod(name, stat.S_IRWXU)  # noqa: PTH101
        shutil.rmtree(name)
