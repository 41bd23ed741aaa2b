"""The trash: where deleted runs wait, so that a deletion can be undone."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from trainwright.settings import Home
from trainwright.spec.errors import TrainwrightError
from trainwright.spec.events import utc_now
from trainwright.store.database import Database
from trainwright.store.models import Run
from trainwright.store.objects import ObjectStore
from trainwright.store.repositories import Deletions, Runs, Settings
from trainwright.telemetry.deletion import Deletion

TRASH_DAYS = "trash_days"
"""The setting: days that what was deleted can be restored; 0 deletes at once."""
DEFAULT_TRASH_DAYS = 7

_log = logging.getLogger(__name__)


def trash_days(database: Database) -> int:
    """Days that what was deleted can be restored."""
    with database.session(write=False) as session:
        return int(Settings(session).get(TRASH_DAYS, DEFAULT_TRASH_DAYS))


class Trash:
    """Puts runs into the trash, takes them out again, and empties it.

    Args:
        database: Where the rows are.
        home: Where the files are.
        objects: Where what they left is mirrored; default: in the home.
    """

    def __init__(self, database: Database, home: Home, objects: ObjectStore | None = None) -> None:
        self._database = database
        self._deletion = Deletion(database, home, objects)

    def put(self, run_id: str, *, now: bool = False) -> Run:
        """Delete a run: into the trash, or for good where nothing is kept or `now` is said.

        Returns:
            The run; one that can be restored has its `deleted_at`.

        Raises:
            NotFoundError: There is no such run, or it is in the trash and `now` is not said.
            ConflictError: It has not ended.
            StorageError: It cannot be written down, or a file cannot be removed.
        """
        if now or trash_days(self._database) == 0:
            with self._database.session(write=False) as session:
                run = Runs(session).get(run_id)
            self._deletion.delete(run_id)
            run.deleted_at = None
            return run
        with self._database.session() as session:
            return Deletions(session).trash(run_id)

    def restore(self, run_id: str) -> Run:
        """Undo a deletion.

        Raises:
            NotFoundError: The run is not in the trash.
        """
        with self._database.session() as session:
            return Deletions(session).restore(run_id)

    def finish(self) -> None:
        """Finish the removals that a crash interrupted."""
        self._deletion.finish()

    def empty(self, at: datetime | None = None) -> list[str]:
        """Remove for good what has been in the trash for longer than the setting says.

        Args:
            at: The moment to reckon from. Default: now.

        Returns:
            The runs that are gone; what cannot be removed stays for the next time.
        """
        before = (at or utc_now()) - timedelta(days=trash_days(self._database))
        with self._database.session(write=False) as session:
            expired = Deletions(session).expired(before)
        gone = []
        for run_id in expired:
            try:
                self._deletion.delete(run_id)
                gone.append(run_id)
            except TrainwrightError as error:
                _log.warning("run %s stays in the trash: %s", run_id, error)
        return gone
