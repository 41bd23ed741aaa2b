"""Datasets, targets, settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from trainwright.spec.errors import ConflictError, NotFoundError
from trainwright.spec.events import utc_now
from trainwright.store.models import Dataset, Setting, Target
from trainwright.store.repositories.base import Page, Repository, decode_cursor, encode_cursor


class Datasets(Repository):
    def add(self, name: str, uri: str, **fields: Any) -> Dataset:
        """Register a dataset.

        Args:
            name: What people call it; unique.
            uri: Where it lies.
            **fields: Other columns of `Dataset`.

        Raises:
            ConflictError: The name is taken.
        """
        dataset = Dataset(name=name, uri=uri, **fields)
        taken = ConflictError(
            f"there is a dataset {name!r} already",
            field="name",
            expected="another name",
            mend=f"trainwright datasets show {name}",
        )
        self.insert_new(dataset, taken)
        return dataset

    def find(self, id_or_name: str) -> Dataset | None:
        """The dataset of this id or name, unless it is in the trash."""
        query = select(Dataset).where(
            (Dataset.id == id_or_name) | (Dataset.name == id_or_name), Dataset.deleted_at.is_(None)
        )
        return self.session.scalars(query.order_by(Dataset.id != id_or_name)).first()

    def get(self, id_or_name: str) -> Dataset:
        """Like `find`.

        Raises:
            NotFoundError: There is none.
        """
        dataset = self.find(id_or_name)
        if dataset is None:
            raise NotFoundError(
                f"there is no dataset {id_or_name!r}",
                field="dataset",
                mend="trainwright datasets list",
            )
        return dataset

    def list(
        self, *, q: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Page[Dataset]:
        """A page of datasets, by name."""
        wanted: list[ColumnElement[bool]] = [Dataset.deleted_at.is_(None)]
        if q:
            wanted.append(
                Dataset.name.icontains(q, autoescape=True)
                | Dataset.uri.icontains(q, autoescape=True)
            )
        total = self.session.scalar(select(func.count()).select_from(Dataset).where(*wanted)) or 0
        if cursor:
            wanted.append(Dataset.name > decode_cursor(cursor, str)[0])
        query = select(Dataset).where(*wanted).order_by(Dataset.name).limit(limit + 1)
        rows = self.session.scalars(query).all()
        more = encode_cursor(rows[limit - 1].name) if len(rows) > limit else None
        return Page([*rows[:limit]], more, total)

    def delete(self, dataset_id: str) -> None:
        """Put a dataset in the trash; its name is free again."""
        dataset = self.get(dataset_id)
        dataset.name, dataset.deleted_at = f"{dataset.name}~{dataset.id}", utc_now()


class Targets(Repository):
    def put(
        self,
        name: str,
        kind: str,
        config: dict[str, Any],
        *,
        secret: str | None = None,
        enabled: bool = True,
    ) -> Target:
        """Register a place to run, or change it; `secret=None` keeps the one it has."""
        row = self.session.get(Target, name) or Target(name=name)
        row.kind, row.config, row.enabled = kind, config, enabled
        row.secret = row.secret if secret is None else secret
        self.session.add(row)
        self.session.flush()
        return row

    def get(self, name: str) -> Target:
        """The target of this name.

        Raises:
            NotFoundError: There is none.
        """
        row = self.session.get(Target, name)
        if row is None:
            raise NotFoundError(
                f"there is no target {name!r}", field="target", mend="trainwright targets list"
            )
        return row

    def list(self) -> Sequence[Target]:
        return self.session.scalars(select(Target).order_by(Target.name)).all()

    def remove(self, name: str) -> None:
        self.session.delete(self.get(name))
        self.session.flush()


class Settings(Repository):
    """Settings kept in the database: the platform's own, and each user's."""

    def get(self, key: str, default: Any = None, *, user_id: str | None = None) -> Any:
        row = self.session.get(Setting, (key, user_id or ""))
        return default if row is None else row.value

    def set(self, key: str, value: Any, *, user_id: str | None = None) -> None:
        row = self.session.get(Setting, (key, user_id or "")) or Setting(
            key=key, user_id=user_id or ""
        )
        row.value = value
        self.session.add(row)
        self.session.flush()

    def remove(self, key: str, *, user_id: str | None = None) -> None:
        row = self.session.get(Setting, (key, user_id or ""))
        if row is not None:
            self.session.delete(row)
            self.session.flush()

    def all(self, *, user_id: str | None = None) -> dict[str, Any]:
        query = select(Setting).where(Setting.user_id == (user_id or ""))
        return {s.key: s.value for s in self.session.scalars(query.order_by(Setting.key))}
