"""Datasets: registered, put into the trash, taken out of it, and removed for good."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import datetime
from shlex import quote
from typing import Any

from sqlalchemy import ColumnElement, func, select

from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.spec.status import ACTIVE
from trainwright.store.models import Dataset, Run
from trainwright.store.repositories.base import Page, Repository, decode_cursor, encode_cursor


class Datasets(Repository):
    """One in the trash is found in the trash alone; one that is being purged, nowhere."""

    def add(self, name: str, uri: str, **fields: Any) -> Dataset:
        """Register a dataset.

        Args:
            name: What people call it; no other has it, but for those in the trash.
            uri: Where it lies.
            **fields: Other columns of `Dataset`.

        Raises:
            ConflictError: The name is taken.
        """
        dataset = Dataset(name=name, uri=uri, **fields)
        self.insert_new(dataset, name_taken(name))
        return dataset

    def find(self, id_or_name: str) -> Dataset | None:
        """The dataset of this id or name, unless it is in the trash."""
        return self._first(id_or_name, Dataset.deleted_at.is_(None))

    def find_trashed(self, id_or_name: str, owner_id: str | None = None) -> Dataset | None:
        """The one in the trash of this id or name; of several, what was put there last.

        Args:
            id_or_name: Which.
            owner_id: Whose only; default: anybody's.
        """
        return self._first(id_or_name, *_in_trash(owner_id))

    def get(self, id_or_name: str) -> Dataset:
        """Like `find`.

        Raises:
            NotFoundError: There is none.
        """
        dataset = self.find(id_or_name)
        if dataset is not None:
            return dataset
        trashed = self.find_trashed(id_or_name)
        raise NotFoundError(
            f"there is no dataset {id_or_name!r}" + (", but in the trash" if trashed else ""),
            field="dataset",
            mend=f"trainwright datasets restore {trashed.id}"
            if trashed
            else "trainwright datasets list",
        )

    def list(
        self,
        *,
        q: str | None = None,
        trashed: bool = False,
        owner_id: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[Dataset]:
        """A page of datasets, by name.

        Args:
            q: What their names or places contain.
            trashed: Those in the trash instead.
            owner_id: Of the trash, whose only; default: everybody's.
            limit: How many.
            cursor: `next_cursor` of the page before.

        Raises:
            InvalidRequestError: The cursor is not valid.
        """
        wanted: builtins.list[ColumnElement[bool]] = [Dataset.deleted_at.is_(None)]
        if trashed:
            wanted = _in_trash(owner_id)
        if q:
            wanted.append(
                Dataset.name.icontains(q, autoescape=True)
                | Dataset.uri.icontains(q, autoescape=True)
            )
        total = self.session.scalar(select(func.count()).select_from(Dataset).where(*wanted)) or 0
        if cursor:
            name, last = decode_cursor(cursor, str, str)
            wanted.append((Dataset.name > name) | ((Dataset.name == name) & (Dataset.id > last)))
        order = (Dataset.name, Dataset.id)
        query = select(Dataset).where(*wanted).order_by(*order).limit(limit + 1)
        rows = self.session.scalars(query).all()
        more = None
        if len(rows) > limit:
            more = encode_cursor(rows[limit - 1].name, rows[limit - 1].id)
        return Page([*rows[:limit]], more, total)

    def all(self) -> Sequence[Dataset]:
        """Every dataset that is not in the trash, by name."""
        query = select(Dataset).where(Dataset.deleted_at.is_(None)).order_by(Dataset.name)
        return self.session.scalars(query).all()

    def trained_on_by(self, uri: str) -> Run | None:
        """A run that has not ended and trains on what lies at `uri`, or below it."""
        below = Run.dataset.startswith(f"{uri}/", autoescape=True)
        query = select(Run).where((Run.dataset == uri) | below, Run.status.in_(ACTIVE))
        return self.session.scalars(query.limit(1)).first()

    def trash(self, dataset_id: str) -> Dataset:
        """Put a dataset into the trash; its name is free again.

        Raises:
            NotFoundError: There is no such dataset, or it is in the trash already.
        """
        dataset = self._locked(dataset_id)
        if dataset is None or dataset.deleted_at is not None:
            raise _not_there(dataset_id)
        dataset.deleted_at = utc_now()
        return dataset

    def restore(self, dataset_id: str, name: str) -> Dataset:
        """Take a dataset out of the trash.

        Args:
            dataset_id: Which.
            name: What it is called from now on: its own name, or one that is free.

        Raises:
            NotFoundError: It is not there, or is being removed for good.
        """
        dataset = self._locked(dataset_id)
        if dataset is None or dataset.deleted_at is None or dataset.purging_at is not None:
            raise _not_there(dataset_id)
        dataset.name, dataset.deleted_at = name, None
        self.session.flush()
        return dataset

    def expired(self, before: datetime) -> Sequence[str]:
        """Datasets that went into the trash before a moment."""
        query = select(Dataset.id).where(Dataset.deleted_at < before, Dataset.purging_at.is_(None))
        return self.session.scalars(query).all()

    def mark(self, dataset_id: str, *, trashed: bool) -> Dataset:
        """Begin to remove a dataset for good.

        Args:
            dataset_id: Which.
            trashed: Whether it is to be found in the trash; one that was restored since stays.

        Raises:
            NotFoundError: It is not there, or is being removed.
        """
        dataset = self._locked(dataset_id)
        if dataset is None or dataset.purging_at or (dataset.deleted_at is not None) != trashed:
            raise _not_there(dataset_id)
        dataset.purging_at = utc_now()
        dataset.deleted_at = dataset.deleted_at or dataset.purging_at
        return dataset

    def marked(self) -> builtins.list[Dataset]:
        """Datasets whose removal for good has begun."""
        return [*self.session.scalars(select(Dataset).where(Dataset.purging_at.is_not(None)))]

    def remove(self, dataset_id: str) -> None:
        """Remove a marked dataset."""
        dataset = self._locked(dataset_id)
        if dataset is not None and dataset.purging_at is not None:
            self.session.delete(dataset)
            self.session.flush()

    def _first(self, id_or_name: str, *wanted: ColumnElement[bool]) -> Dataset | None:
        named = (Dataset.id == id_or_name) | (Dataset.name == id_or_name)
        best = (Dataset.id != id_or_name, Dataset.deleted_at.desc(), Dataset.id)
        return self.session.scalars(select(Dataset).where(named, *wanted).order_by(*best)).first()

    def _locked(self, dataset_id: str) -> Dataset | None:
        return self.session.get(Dataset, dataset_id, with_for_update=True, populate_existing=True)


def name_taken(name: str) -> ConflictError:
    """What is said of a name that another dataset has."""
    return ConflictError(
        f"there is a dataset {name!r} already",
        field="name",
        expected="another name",
        mend=f"trainwright datasets show {quote(name)}",
    )


def _in_trash(owner_id: str | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        Dataset.deleted_at.is_not(None),
        Dataset.purging_at.is_(None),
    ]
    return wanted if owner_id is None else [*wanted, Dataset.owner_id == owner_id]


def _not_there(dataset_id: str) -> NotFoundError:
    return NotFoundError(
        f"there is no dataset {dataset_id!r}", field="dataset", mend="trainwright datasets list"
    )
