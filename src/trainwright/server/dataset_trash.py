"""The trash for datasets: what was deleted can be restored, until it is removed for good."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from trainwright.datasets.s3 import S3Dataset, is_in_s3
from trainwright.server import kept_archives
from trainwright.server.auth import Principal
from trainwright.server.datasets import free_name, may_change
from trainwright.server.uploads import Uploads
from trainwright.settings import Settings
from trainwright.spec.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    TrainwrightError,
)
from trainwright.spec.events import utc_now
from trainwright.store import Database
from trainwright.store.models import Dataset
from trainwright.store.repositories import Datasets
from trainwright.telemetry.trash import trash_days

_log = logging.getLogger(__name__)


class DatasetTrash:
    """Puts datasets into the trash, takes them out again, and empties it.

    Files that are the platform's own, as they were uploaded or fetched, stay as long as their
    dataset is in the trash. A folder that was registered is nobody's but its owner's.

    Args:
        database: Where the rows are.
        settings: Of the platform.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def put(self, ref: str, user: Principal, *, now: bool = False) -> None:
        """Delete a dataset: into the trash, or for good where nothing is kept or `now` is said.

        Raises:
            NotFoundError: There is no such dataset, or it is in the trash and `now` is not said.
            ForbiddenError: Another user registered it.
            ConflictError: A run that has not ended trains on it.
            UnavailableError: Its archive is in an object store that is out of reach.
            StorageError: Its files cannot be removed yet; upkeep goes on with it.
        """
        for_good = now or trash_days(self._database) == 0
        with self._database.session(write=not for_good) as session:
            datasets = Datasets(session)
            row = datasets.find(ref)
            if row is None and now:
                row = datasets.find_trashed(ref, user.scope)
            row = row or datasets.get(ref)
            if not may_change(row, user):
                raise ForbiddenError(f"{row.name} was registered by another user")
            _check_unused(session, row)
            if not for_good:
                datasets.trash(row.id)
        if for_good:
            self._remove(row)

    def restore(self, ref: str, user: Principal) -> Dataset:
        """Undo a deletion; where its name is another's by now, it gets the next one that is free.

        Raises:
            NotFoundError: The dataset is not in the trash, or another user's.
        """
        with self._database.session() as session:
            datasets = Datasets(session)
            row = datasets.find_trashed(ref, user.scope)
            if row is None:
                raise NotFoundError(
                    f"there is no dataset {ref!r} in the trash",
                    field="dataset",
                    mend="trainwright datasets list --trashed",
                )
            taken = datasets.find(row.name) is not None
            return datasets.restore(row.id, free_name(datasets, row.name) if taken else row.name)

    def finish(self) -> None:
        """Finish the removals that were interrupted."""
        with self._database.session(write=False) as session:
            marked = Datasets(session).marked()
        for row in marked:
            try:
                self._remove_marked(row)
            except TrainwrightError as error:
                _log.warning("the deletion of dataset %s is not finished: %s", row.id, error)

    def empty(self, at: datetime | None = None) -> None:
        """Remove for good what has been in the trash for longer than the setting says.

        What cannot be removed, or is trained on, stays for the next time.

        Args:
            at: The moment to reckon from. Default: now.
        """
        before = (at or utc_now()) - timedelta(days=trash_days(self._database))
        with self._database.session(write=False) as session:
            expired = Datasets(session).expired(before)
        for dataset_id in expired:
            try:
                self._remove_expired(dataset_id)
            except TrainwrightError as error:
                _log.warning("dataset %s stays in the trash: %s", dataset_id, error)

    def _remove_expired(self, dataset_id: str) -> None:
        with self._database.session(write=False) as session:
            row = Datasets(session).find_trashed(dataset_id)
            if row is None:
                return
            _check_unused(session, row)
        self._remove(row)

    def _remove(self, row: Dataset) -> None:
        # first, while there is a row to try it again by; and in no transaction, as it may take long
        kept_archives.forget(self._settings, row)
        with self._database.session() as session:
            Datasets(session).mark(row.id, trashed=row.deleted_at is not None)
        self._remove_marked(row)

    def _remove_marked(self, row: Dataset) -> None:
        Uploads(self._settings.home.uploads).remove(row.id)
        if is_in_s3(row.uri):
            S3Dataset(row.uri, self._settings).forget()
        with self._database.session() as session:
            Datasets(session).remove(row.id)


def _check_unused(session: Session, row: Dataset) -> None:
    if run := Datasets(session).trained_on_by(row.uri):
        raise ConflictError(
            f"run {run.name} trains on {row.name}, and is {run.status}",
            field="dataset",
            mend=f"trainwright runs stop {run.id}",
        )
