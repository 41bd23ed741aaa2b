"""Targets, settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from trainwright.spec.errors import NotFoundError
from trainwright.store.models import Setting, Target
from trainwright.store.repositories.base import Repository


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
